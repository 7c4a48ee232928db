/** Functions that allocate much: objects, strings, maps. Each travels as its source. */

/** An order as a shop would send it. */
export interface Order {
  readonly id: number
  readonly customer: string
  readonly country: string
  readonly lines: readonly {
    readonly article: string
    readonly price: number
    readonly count: number
  }[]
}

/** Value of all orders in a JSON text. */
export function totalOfJson(json: string): number {
  const orders = JSON.parse(json) as Order[]
  let total = 0
  for (const { lines } of orders) for (const { price, count } of lines) total += price * count
  return total
}

/** An order as indented JSON. */
export function toJson(order: Order): string {
  return JSON.stringify(order, null, 2)
}

/** An order in the form another system wants: little work, an object in, an object out. */
export function toInvoice(order: Order): { number: string; to: string; total: number } {
  const total = order.lines.reduce((sum, { price, count }) => sum + price * count, 0)
  return { number: `R-${order.id}`, to: order.customer.toUpperCase(), total }
}

/** Depth-first checksum of a balanced tree that is built for it. */
export function treeChecksum(depth: number): number {
  interface Node {
    readonly left: Node | undefined
    readonly right: Node | undefined
  }
  const build = (levels: number): Node =>
    levels === 0
      ? { left: undefined, right: undefined }
      : { left: build(levels - 1), right: build(levels - 1) }
  const check = ({ left, right }: Node): number =>
    1 + (left ? check(left) : 0) + (right ? check(right) : 0)
  return check(build(depth))
}

/** Length of a page that is put together row by row. */
export function pageLength(rows: number): number {
  let html = '<table>'
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: 8 }, (_, column) => `<td>${row * column}</td>`)
    html += `<tr id="row-${row}">${cells.join('')}</tr>`
  }
  return html.replaceAll('<td>', '<td class="cell">').length
}

/** Units sold an article and country, over the orders of a seed. */
export function salesByArticle({ seed, orders }: { seed: number; orders: number }): number {
  const sales = new Map<string, { units: number; countries: Set<string> }>()
  let state = seed
  for (let order = 0; order < orders; order++) {
    state = (state * 48_271) % 2_147_483_647
    const article = `article-${state % 97}`
    const entry = sales.get(article) ?? { units: 0, countries: new Set<string>() }
    entry.units += state % 5
    entry.countries.add(`country-${state % 31}`)
    sales.set(article, { ...entry })
  }
  return [...sales.values()].reduce((sum, { units, countries }) => sum + units * countries.size, 0)
}

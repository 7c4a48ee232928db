/** Whether what an item costs depends on where it stands or on how large it is. */

/** Fewer items show a dependence by chance. */
const FEWEST_ITEMS = 8

/**
 * Rank correlation of two series: 1 where one always rises with the other, -1 where it falls.
 *
 * @returns -1..1; 0 where a series is constant or has fewer than 8 values.
 * @see C. Spearman, "The Proof and Measurement of Association between Two Things", The American
 * Journal of Psychology 15(1), 1904: the correlation of the ranks, ties given their mean rank.
 */
export function rankCorrelation(first: readonly number[], second: readonly number[]): number {
  if (first.length < FEWEST_ITEMS || first.length !== second.length) return 0
  return correlation(ranks(first), ranks(second))
}

/** A number for the size of an item: its value, length or size; `NaN` where it has none of them. */
export function sizeOf(item: unknown): number {
  if (typeof item === 'number') return item
  if (typeof item === 'string') return item.length
  if (typeof item !== 'object' || item === null) return Number.NaN
  const { length, byteLength, size } = item as Record<string, unknown>
  return [length, byteLength, size].find((value) => typeof value === 'number') ?? Number.NaN
}

function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, index) => index).toSorted((a, b) => values[a]! - values[b]!)
  const result = new Float64Array(values.length)
  for (let from = 0; from < order.length;) {
    let to = from
    // `order` holds positions of `values`.
    while (to < order.length && Object.is(values[order[to]!], values[order[from]!])) to++
    for (let place = from; place < to; place++) result[order[place]!] = (from + to - 1) / 2
    from = to
  }
  return result
}

function correlation(x: Float64Array, y: Float64Array): number {
  const mean = (x.length - 1) / 2
  let xy = 0
  let xx = 0
  let yy = 0
  for (const [index, value] of x.entries()) {
    const dx = value - mean
    const dy = y[index]! - mean
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy)
}

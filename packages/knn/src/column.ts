/** Rows of a page: small enough to waste little, large enough to be worth an allocation. */
const PAGE_BITS = 10
const PAGE_MASK = 2 ** PAGE_BITS - 1

/**
 * A list of numbers that grows by pages and never copies or over-allocates more than one of them:
 * doubling would waste up to half of the memory that a sample may take.
 */
export class Column<Page extends Float64Array | Uint32Array> {
  readonly #createPage: (length: number) => Page
  readonly #pages: Page[] = []
  #length = 0

  constructor(createPage: (length: number) => Page) {
    this.#createPage = createPage
  }

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length >>> PAGE_BITS === this.#pages.length) {
      this.#pages.push(this.#createPage(2 ** PAGE_BITS))
    }
    const row = this.#length++
    this.#pages[row >>> PAGE_BITS]![row & PAGE_MASK] = value
  }

  /** The value of a row below `length`. */
  at(row: number): number {
    return this.#pages[row >>> PAGE_BITS]![row & PAGE_MASK]!
  }
}

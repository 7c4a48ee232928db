/** Results by position while they come in, in any order: what is done, what is left. */

/**
 * The results of a map on their way to being complete. One array from the first sampled item to the
 * caller's hands, so nothing is copied and nothing is computed twice.
 * @public
 */
export class PartialResults<O> {
  /** Results by position; a position that is not done holds nothing. */
  readonly values: O[]
  readonly #isDone: Uint8Array
  #doneCount = 0
  /** From here on nothing is done: most maps are run in order, and to look through what is left takes time. */
  #frontier = 0

  /** @param itemCount - Number of items, an integer from 0. */
  constructor(itemCount: number) {
    // The length is final; the places are filled as results come in.
    // oxlint-disable-next-line unicorn/no-new-array
    this.values = new Array<O>(itemCount)
    this.#isDone = new Uint8Array(itemCount)
  }

  /** Number of items in all. */
  get itemCount(): number {
    return this.#isDone.length
  }

  /** Number of items with a result. */
  get doneCount(): number {
    return this.#doneCount
  }

  /** Number of items without a result. */
  get restCount(): number {
    return this.itemCount - this.#doneCount
  }

  /** Whether the item at this position has a result. */
  has(index: number): boolean {
    return this.#isDone[index] === 1
  }

  /** Keeps the result of the item at a position. */
  set(index: number, value: O): void {
    if (this.#isDone[index] === 0) this.#doneCount++
    this.#isDone[index] = 1
    if (index >= this.#frontier) this.#frontier = index + 1
    this.values[index] = value
  }

  /** Notes that `values` holds the results of a range that had none. */
  markDone(from: number, to: number): void {
    this.#isDone.fill(1, from, to)
    this.#doneCount += to - from
    this.#frontier = Math.max(this.#frontier, to)
  }

  /** The first positions of a range that have no result, all of them in a row. */
  nextGap(from: number, to: number): { readonly from: number; readonly to: number } | undefined {
    const first = this.nextMissing(from, to)
    if (first >= to) return undefined
    const isDone = this.#isDone
    const known = Math.min(to, this.#frontier)
    let end = first + 1
    while (end < known && isDone[end] === 0) end++
    if (end >= known) end = to
    return { from: first, to: end }
  }

  /** The positions that have no result when they are reached, ascending. */
  *rest(): Generator<number, void> {
    for (
      let index = this.nextMissing(0);
      index < this.itemCount;
      index = this.nextMissing(index + 1)
    ) {
      yield index
    }
  }

  /**
   * The first position from `from` on that has no result; `to`, by default the number of items, where
   * there is none before it. For loops over quick items, of which a generator would cost a multiple.
   */
  nextMissing(from: number, to: number = this.itemCount): number {
    const isDone = this.#isDone
    const known = Math.min(to, this.#frontier)
    let index = from
    while (index < known && isDone[index] === 1) index++
    return index
  }
}

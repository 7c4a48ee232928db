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
    this.values[index] = value
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
   * The first position from `from` on that has no result; the number of items where there is none.
   * For loops over quick items, of which a generator would cost a multiple.
   */
  nextMissing(from: number): number {
    const isDone = this.#isDone
    let index = from
    while (index < isDone.length && isDone[index] === 1) index++
    return index
  }
}

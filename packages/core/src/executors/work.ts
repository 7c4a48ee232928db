/** Where an executor gets its items from and where their results go: an array, or a stream. */
import { assertWhole } from '@amorsize/sampler'
import type { PartialResults } from '@amorsize/sampler'

/** Items that are sent together. */
export interface Chunk<I> {
  /** Position of each item in the data. */
  readonly positions: readonly number[]
  readonly items: readonly I[]
  /** Whether it is to have a worker of its own, started for it: to see what it does to one. */
  readonly isIsolated?: boolean
}

/** Items to be run, each handed out once. */
export interface Work<I, O> {
  /** Items that are left to hand out; infinite where nobody knows. */
  readonly remaining: number
  /**
   * Up to `count` items; `undefined` when there are no more, now or ever. Where items come late it is
   * a promise, and nothing else is taken before it settles.
   * @throws `ChangedDataError` where there are fewer than there were.
   */
  take(count: number): Chunk<I> | undefined | Promise<Chunk<I> | undefined>
  /** Takes back chunks that were handed out and not run. */
  giveBack(chunks: readonly Chunk<I>[]): void
  /** Keeps the result of an item. */
  succeed(position: number, value: O): void
  /** Keeps what an item failed with, or throws it where one failure ends the run. */
  fail(position: number, error: Error): void
}

/** Keeps or throws what an item failed with. */
export type OnItemError = (position: number, error: Error) => void

/** The items of an array that have no result yet. */
export class ArrayWork<I, O> implements Work<I, O> {
  readonly #items: ArrayLike<I>
  readonly #results: PartialResults<O>
  readonly #onItemError: OnItemError
  #cursor = 0
  #remaining: number

  constructor(items: ArrayLike<I>, results: PartialResults<O>, onItemError: OnItemError) {
    this.#items = items
    this.#results = results
    this.#onItemError = onItemError
    this.#remaining = results.restCount
  }

  get remaining(): number {
    return this.#remaining
  }

  /** By ranges: to ask for every item anew takes longer than some items do. */
  take(count: number): Chunk<I> | undefined {
    const positions: number[] = []
    const items: I[] = []
    const { itemCount } = this.#results
    if (this.#remaining > 0) assertWhole(this.#items, itemCount)
    while (positions.length < count) {
      const first = this.#results.nextMissing(this.#cursor)
      // No farther than is wanted: the next result may be at the other end of the data.
      const wanted = Math.min(itemCount, first + count - positions.length)
      const gap = this.#results.nextGap(first, wanted)
      if (!gap) break
      const end = gap.to
      for (let index = first; index < end; index++) {
        positions.push(index)
        // A missing result is that of one of the items.
        items.push(this.#items[index]!)
      }
      this.#cursor = end
    }
    this.#remaining -= positions.length
    return positions.length === 0 ? undefined : { positions, items }
  }

  /** What has no result is found again by whoever runs the items next. */
  giveBack(): void {}

  succeed(position: number, value: O): void {
    this.#results.set(position, value)
  }

  fail(position: number, error: Error): void {
    this.#onItemError(position, error)
  }
}

/** The items of a dry run that were looked at so far, and their results. */
import { PartialResults } from './partial-results.ts'
import { spreadWalk } from './spread.ts'

/** Hands out positions spread over the data, each once. */
export class Sample<I, O> {
  readonly items: ArrayLike<I>
  readonly results: PartialResults<O>
  readonly #walk: (step: number) => number
  #step = 0

  constructor(items: ArrayLike<I>) {
    this.items = items
    this.results = new PartialResults(items.length)
    this.#walk = spreadWalk(Math.max(1, items.length))
  }

  /** Positions of the next items, fewer where they run out. */
  take(count: number): number[] {
    const available = Math.min(count, this.items.length - this.#step)
    return Array.from({ length: available }, () => this.#walk(this.#step++))
  }
}

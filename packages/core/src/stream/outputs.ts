/** Outcomes on their way to the consumer: in the order of the items, or as they come. */
import type { ItemFailure } from '../item-failures.ts'

/** What became of an item. */
export type Outcome<O> = { readonly value: O } | { readonly failure: ItemFailure }

/** Holds outcomes until it is their turn. */
export class Outputs<O> {
  readonly #isOrdered: boolean
  readonly #waiting = new Map<number, Outcome<O>>()
  #next = 0

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered
  }

  /** Keeps the outcome of the item at a position. */
  put(position: number, outcome: Outcome<O>): void {
    this.#waiting.set(position, outcome)
  }

  /** The next outcome, where it is there. */
  shift(): Outcome<O> | undefined {
    if (this.#waiting.size === 0) return undefined
    const position = this.#isOrdered ? this.#next : this.#waiting.keys().next().value!
    const outcome = this.#waiting.get(position)
    if (!outcome) return undefined
    this.#waiting.delete(position)
    this.#next++
    return outcome
  }

  /** Whether the outcome of an item can go to the consumer at once; it then counts as delivered. */
  passes(position: number): boolean {
    const isNext = this.#waiting.size === 0 && (!this.#isOrdered || position === this.#next)
    if (isNext) this.#next++
    return isNext
  }

  /** Outcomes that were delivered. */
  get deliveredCount(): number {
    return this.#next
  }
}

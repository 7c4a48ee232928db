/** What failed of a map, and what a caller gets who asked for the outcome of every item. */
import type {
  ItemError,
  ItemTimeoutError,
  PartialResults,
  WorkerExitError,
} from '@amorsize/sampler'

import { tell } from './diagnostics.ts'

/**
 * Why an item has no result; each carries the item's `index`.
 * @public
 */
export type ItemFailure = ItemError | ItemTimeoutError | WorkerExitError

/**
 * What became of an item, as `Promise.allSettled` would say it.
 * @public
 */
export type ItemOutcome<O> =
  | { readonly status: 'fulfilled'; readonly value: O }
  | { readonly status: 'rejected'; readonly reason: ItemFailure }

/** What to do with an item that fails: end the run, or keep its error and go on. @public */
export type OnError = 'throw' | 'collect'

/** The failures of one run. */
export class ItemFailures {
  readonly #onError: OnError
  readonly #failures = new Map<number, Error>()

  constructor(onError: OnError) {
    this.#onError = onError
  }

  /** Items that failed. */
  get count(): number {
    return this.#failures.size
  }

  /** Keeps a failure, or throws it. */
  add(index: number, error: Error): void {
    tell('error', () => ({ index, error }))
    if (this.#onError === 'throw') throw error
    this.#failures.set(index, error)
  }

  /** What became of an item whose result, where it has one, is `value`. */
  outcomeOf<O>(index: number, value: O): O | ItemOutcome<O> {
    if (this.#onError === 'throw') return value
    const reason = this.#failures.get(index)
    return reason
      ? { status: 'rejected', reason: reason as ItemFailure }
      : { status: 'fulfilled', value }
  }

  /** Results of all items: the values, or the outcomes where they were asked for. */
  outcomesOf<O>({ values }: PartialResults<O>): O[] | ItemOutcome<O>[] {
    if (this.#onError === 'throw') return values
    return values.map((value, index) => this.outcomeOf(index, value) as ItemOutcome<O>)
  }
}

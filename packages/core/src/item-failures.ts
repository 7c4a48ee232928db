/** What failed of a map, and what a caller gets who asked for the outcome of every item. */
import { WorkerExitError } from '@amorsize/sampler'
import type { ItemError, ItemTimeoutError, PartialResults } from '@amorsize/sampler'

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

/** What comes back of an item: its result, or what became of it. @public */
export type ResultOrOutcome<O, E extends OnError> = E extends 'collect' ? ItemOutcome<O> : O

/** The outcome of an item that has a result. */
export function fulfilled<O>(value: O): ItemOutcome<O> {
  return { status: 'fulfilled', value }
}

/** The outcome of an item that has none. */
export function rejected(reason: ItemFailure): ItemOutcome<never> {
  return { status: 'rejected', reason }
}

/** Position of the item that an error is about. */
export function indexOf(error: unknown): number | undefined {
  const index: unknown = error instanceof Error ? Reflect.get(error, 'index') : undefined
  return typeof index === 'number' ? index : undefined
}

/** The failures of one run. */
export class ItemFailures {
  readonly #onError: OnError
  readonly #failures = new Map<number, Error>()
  #hasEndedWorker = false

  constructor(onError: OnError) {
    this.#onError = onError
  }

  /** Items that failed. */
  get count(): number {
    return this.#failures.size
  }

  /** Whether an item ended its worker. */
  get hasEndedWorker(): boolean {
    return this.#hasEndedWorker
  }

  /** Keeps a failure, or throws it. */
  add(index: number, error: Error): void {
    if (error instanceof WorkerExitError) this.#hasEndedWorker = true
    if (this.#onError === 'throw') throw error
    tell('error', () => ({ index, error }))
    this.#failures.set(index, error)
  }

  #outcomeOf<O>(index: number, value: O): ItemOutcome<O> {
    const reason = this.#failures.get(index)
    return reason ? rejected(reason as ItemFailure) : fulfilled(value)
  }

  /** Results of all items: the values, or the outcomes where they were asked for. */
  outcomesOf<O>({ values }: PartialResults<O>): O[] | ItemOutcome<O>[] {
    if (this.#onError === 'throw') return values
    return values.map((value, index) => this.#outcomeOf(index, value))
  }
}

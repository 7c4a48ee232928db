/** The part of a stream that is run by one plan. */
import type { ExecutionCosts } from '../executors/executor.ts'
import type { Outcome } from './outputs.ts'

/** Gives outcomes one by one, for as long as its plan holds. */
export interface Phase<O> {
  /** The next outcome, a promise only where it is not there yet; `undefined` after the last. */
  next(): Outcome<O> | undefined | Promise<Outcome<O> | undefined>
  /** What its items took so far. */
  readonly costs: ExecutionCosts
  /**
   * Ends the phase early or late: when it resolves, none of its items starts any more, and none is run
   * but what waits on the calling thread.
   */
  end(): Promise<void>
}

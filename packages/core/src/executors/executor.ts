/** How a run is carried out: one interface, held by every implementation's conformance tests. */
import type { PartialResults, PreparedTask, TaskPool } from '@amorsize/sampler'

import type { Plan } from '../search.ts'

/**
 * Everything an executor needs to complete the results of a map.
 * @public
 */
export interface Execution<I, O> {
  /** The task, checked. */
  readonly task: PreparedTask<I, O>
  /** All items. */
  readonly items: ArrayLike<I>
  /** Results so far; the executor adds the missing ones. */
  readonly results: PartialResults<O>
  /** Workers and chunk size. */
  readonly plan: Plan
  /** The workers, for those executors that need some. */
  readonly pool: TaskPool
  /** Ends the run: no item starts afterwards. */
  readonly signal: AbortSignal | undefined
  /** To be called after each item or chunk. */
  readonly onProgress: () => void
}

/**
 * What a run took.
 * @public
 */
export interface ExecutionCosts {
  /** Time the items took, added up over all threads, milliseconds. */
  readonly busyMs: number
  /** Number of chunks sent to workers. */
  readonly chunkCount: number
}

/**
 * A way to run a task over the items that have no result yet.
 *
 * @remarks
 * Each item is run at most once. The promise rejects with an `ItemError` for the first item that
 * fails, with the signal's reason after an abort, and with the pool's errors where a worker is lost.
 * @public
 */
export interface Executor {
  /** Completes `execution.results`. */
  run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts>
}

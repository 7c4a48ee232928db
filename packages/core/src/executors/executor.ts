/** How a run is carried out: one interface, held by every implementation's conformance tests. */
import type { PartialResults, PreparedTask, TaskPool } from '@amorsize/sampler'

import type { Plan } from '../search.ts'
import type { OnItemError } from './work.ts'

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
  /** Item time that the plan was made for, milliseconds; 0 where it is not known. */
  readonly plannedItemTimeMs?: number | undefined
  /** Round trip of an empty chunk, milliseconds, where it was measured. */
  readonly dispatchMs?: number | undefined
  /** Standard deviation of the item times over their mean. @defaultValue 0, not known */
  readonly coefficientOfVariation?: number | undefined
  /** Correlation of the item time with the position in the data, -1..1. @defaultValue 0 */
  readonly trend?: number | undefined
  /** The workers, for those executors that need some. */
  readonly pool: TaskPool
  /** Ends the run: no item starts afterwards. */
  readonly signal: AbortSignal | undefined
  /** To be called after each item or chunk. */
  readonly onProgress: () => void
  /**
   * Told of each item that fails. What it throws ends the run; where it throws nothing, it has set a
   * result for the item, and the run goes on. @defaultValue throws the error
   */
  readonly onItemError?: OnItemError | undefined
  /** Longest time of one item, milliseconds above 0. @defaultValue any time */
  readonly itemTimeoutMs?: number | undefined
  /** How often an item that was running when its worker died is run again. @defaultValue 1 */
  readonly retries?: number | undefined
  /** Workers that may be busy now, asked before each chunk is sent. @defaultValue `plan.nJobs` */
  readonly workerLimit?: (() => number) | undefined
  /**
   * Asked now and then whether to end the run early, with items left: another plan goes on with them.
   * @defaultValue never
   */
  readonly reconsider?: ((measured: MeasuredRun) => boolean) | undefined
}

/** What a run has shown so far. */
export interface MeasuredRun {
  /** Mean time of the last items, milliseconds. */
  readonly itemTimeMs: number
  /** Items that were run. */
  readonly itemCount: number
  /** Items that were not started yet; infinite where nobody knows. */
  readonly remaining: number
  /** Workers that died. */
  readonly lostWorkers: number
}

/**
 * What a run took.
 * @public
 */
export interface ExecutionCosts {
  /** Time the items took, added up over all threads, milliseconds. */
  readonly busyMs: number
  /** Time for which the threads were not idle meanwhile, milliseconds; missing where nobody knows. */
  readonly computingMs?: number | undefined
  /** Items that this is the time of. */
  readonly itemCount: number
  /** Number of chunks sent to workers. */
  readonly chunkCount: number
  /** Mean time of an item as measured in the run, others beside it, milliseconds; 0 without items. */
  readonly itemTimeMs: number
  /**
   * Standard deviation of the item times over their mean, as the chunks show it if their items are
   * independent: sorted items and a machine whose pace changes make it too large. 0 where unknown.
   */
  readonly coefficientOfVariation: number
  /** That of the chunks' mean item times, which it is not below. @defaultValue 0 */
  readonly groupVariation?: number
  /** Workers that died. */
  readonly lostWorkers: number
}

/**
 * A way to run a task over the items that have no result yet.
 *
 * @remarks
 * Each item is run once, but for those whose results were lost with a worker. The promise rejects
 * with what `onItemError` throws (by default an `ItemError`, `ItemTimeoutError` or `WorkerExitError`
 * with the item's index), with the signal's reason after an abort, and with the pool's error where
 * workers die without running an item.
 * @public
 */
export interface Executor {
  /** Completes `execution.results`, unless `execution.reconsider` ends the run early. */
  run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts>
}

/** The default of `onItemError`. */
export function throwItemError(_: number, error: Error): void {
  throw error
}

/** The default of `retries`: enough to tell an item that kills its worker from one that did not. */
export const DEFAULT_RETRIES = 1

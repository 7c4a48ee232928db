/**
 * The dry run: runs a few items for real, first on the caller's thread, then on a worker, and says
 * what the rest will cost. Results are kept, so no item is computed twice. How is in sampling.ts,
 * which the first dry run loads.
 */
import type { Clock } from './clock.ts'
import type { Data } from './data.ts'
import type { ItemError, ItemTimeoutError, WorkerExitError } from './errors.ts'
import type { PartialResults } from './partial-results.ts'
import type { SamplingResult } from './sampling-result.ts'
import { prepareTask } from './prepared-task.ts'
import type { PreparedTask } from './prepared-task.ts'
import type { Task } from './task.ts'
import type { TaskPool } from './task-pool.ts'

/**
 * Settings of a dry run.
 * @public
 */
export interface DryRunOptions {
  /** The pool of which one worker is used, the least busy. */
  readonly pool: TaskPool
  /**
   * Time to spend on sampling, milliseconds, a worker's start-up not counted: at least half of it in the
   * worker. Of data that cannot be indexed, also the time to spend on reading its head. @defaultValue 50
   */
  readonly budgetMs?: number
  /**
   * Whether a few items may run on the caller's thread first, which spares short maps a worker.
   * @defaultValue true
   */
  readonly allowMainThread?: boolean
  /**
   * Serial time below which the rest of the map is not worth a worker, milliseconds.
   * @defaultValue 60: a cold worker answers after 40 to 55 ms.
   */
  readonly worthWorkersMs?: number
  /**
   * Longest time of one item in the worker, milliseconds above 0. The caller's thread cannot be
   * stopped: without `allowMainThread` no item runs there. @defaultValue any time
   */
  readonly itemTimeoutMs?: number
  /**
   * Told of each sampled item that fails, in place of a rejection: the item counts as done, with
   * `undefined` for its result. @defaultValue the dry run rejects
   */
  readonly onItemError?: (error: ItemError | ItemTimeoutError) => void
  /**
   * Told that a sampled item was running when its worker died, in place of a rejection: the sampling
   * ends, and the items that were lost with the worker stay without a result.
   * @defaultValue the dry run rejects
   */
  readonly onWorkerLoss?: (error: WorkerExitError) => void
  /**
   * Workers of the pool to have started when the dry run is over. Those beyond the first start while
   * it samples, and only as many as the map turns out to be worth. An integer from 0.
   * @defaultValue 0
   */
  readonly warmAhead?: number
  /**
   * Share of waiting, 0..1, from which no worker is asked: the caller means to overlap the waits on
   * its own thread. @defaultValue 2: a worker is asked whatever the share
   */
  readonly overlapFrom?: number
  /** Ends the dry run. */
  readonly signal?: AbortSignal
  /** Where durations come from. @defaultValue {@link systemClock} */
  readonly clock?: Clock
}

/**
 * A map of which items were run on the caller's thread before the dry run, which need not begin with
 * a few there then.
 * @public
 */
export interface BegunMap<O> {
  /** Where results go; items that have one already are not run again. */
  readonly results: PartialResults<O>
  /** Mean time of an item, milliseconds from 0. */
  readonly itemTimeMs: number
  /** Share of its time in which the thread was idle, 0..1. */
  readonly waitShare: number
}

/**
 * Runs a few of the items and measures what the others will cost.
 *
 * @param task - What to map.
 * @param data - The items. Of an array, a typed array, a set or a map they are sampled all over; of
 * anything else only the head is read, which may end, fail or go on for ever afterwards. Where the
 * dry run rejects, such data is ended.
 * @param options - The pool, the budget and what is allowed.
 * @param context - The task's second argument, where it takes one.
 * @returns Costs, and the results computed on the way.
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where a sampled item fails.
 * @throws {@link ItemTimeoutError} `AMORSIZE_SAMPLER_ITEM_TIMEOUT` where one takes too long.
 * @throws {@link InvalidTaskError}, {@link TaskLoadError}, {@link InvalidDataError} for bad input.
 * @public
 */
export function dryRun<I, O>(
  task: Task<I, O>,
  data: Data<I>,
  options: DryRunOptions,
): Promise<SamplingResult<O, I>>
/** {@inheritDoc (dryRun:1)} @public */
export function dryRun<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: DryRunOptions,
  context: C,
): Promise<SamplingResult<O, I>>
export async function dryRun<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: DryRunOptions,
  context?: C,
): Promise<SamplingResult<O, I>> {
  const prepared = prepareTask<I, O, C>(task, context as C)
  const { sampleData } = await import('./sampling.ts')
  return sampleData(prepared, data, options)
}

/**
 * The dry run of a task and items that were checked before.
 *
 * @param task - From {@link prepareTask}.
 * @param items - From {@link toItems}.
 * @param options - As of {@link (dryRun:1)}.
 * @param begun - What the caller has run and measured of them. @defaultValue nothing
 * @returns As {@link (dryRun:1)}.
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where a sampled item fails.
 * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION` for times and shares that are none.
 * @public
 */
export async function sampleItems<I, O>(
  task: PreparedTask<I, O>,
  items: ArrayLike<I>,
  options: DryRunOptions,
  begun?: BegunMap<O>,
): Promise<SamplingResult<O, I>> {
  const sampling = await import('./sampling.ts')
  return sampling.sampleItems(task, items, options, begun)
}

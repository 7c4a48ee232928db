/** What a dry run found out. */
import type { PartialResults } from './partial-results.ts'
import type { Dependence } from './sample.ts'

/**
 * What the rest of a map will cost, as far as a dry run could tell. Times are milliseconds, sizes
 * bytes.
 * @public
 */
export interface SamplingResult<O, I = unknown> {
  /** The results of the sampled items, to be completed with the others. */
  readonly results: PartialResults<O>
  /** The items without a result, in order; to be read once. Throws what the data throws. */
  readonly rest: AsyncIterable<I>
  /** Number of items in all; infinite where the data had not ended when its head was read. */
  readonly itemCount: number
  /**
   * Time of one item: in a worker where one was used, else on the caller's thread. Of the warm items, the
   * slowest 15 % in slices of a quarter of a millisecond left out, on which pauses of a young thread fall.
   */
  readonly itemTimeMs: number
  /**
   * The same on the caller's thread, another than `itemTimeMs` only where chance does not explain the
   * difference; `undefined` where no item ran there.
   */
  readonly mainItemTimeMs: number | undefined
  /** Population standard deviation over the mean of the item times that count. */
  readonly coefficientOfVariation: number
  /** Whether the function was warm and the mean known well enough when the sampling ended. */
  readonly isSettled: boolean
  /**
   * Standard error of the mean over the mean of all warm items, those that were left out as well; infinite
   * below three of them.
   */
  readonly relativeError: number
  /** What the item time depends on. */
  readonly dependence: Dependence
  /** Share of the item time in which the thread was idle, 0..1: high for what awaits I/O. */
  readonly waitShare: number
  /** What only a worker can tell; `undefined` where the map was too short to start one. */
  readonly worker: WorkerCosts | undefined
  /**
   * Share of the machine's CPU that other processes used meanwhile, 0..1; 0 for less than 40 ms, of which
   * it cannot be told.
   */
  readonly foreignCpuShare: number
  /** Whether that was so much that the times say little: above a quarter. */
  readonly isTainted: boolean
  /** Time the dry run took. */
  readonly durationMs: number
}

/**
 * Costs of running items in workers.
 * @public
 */
export interface WorkerCosts {
  /** Time from asking for the worker to its first answer, its module loaded. */
  readonly startUpMs: number
  /** Whether the worker was running already. */
  readonly wasWarm: boolean
  /** Round trip of an empty chunk. */
  readonly dispatchMs: number
  /** The part of it that the caller's thread spends. */
  readonly mainDispatchMs: number
  /** Time of the caller's thread for one item there and its result back. */
  readonly cloneMs: number
  /** Time of the worker for the same. */
  readonly workerCloneMs: number
  /** Mean serialised size of an item. */
  readonly inputBytes: number
  /** Mean serialised size of a result. */
  readonly serializedBytes: number
  /** Memory that the worker held after the last sampled item. */
  readonly memoryBytes: number
}

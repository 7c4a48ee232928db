/** What is known of a map and its machine, and what the plans without workers would take. */
import { poolMakespan } from './pool-makespan.ts'

/**
 * What is known about the rest of a map and about the machine. Times are milliseconds.
 * @public
 */
export interface Costs {
  /** Items still to be processed, an integer from 0. */
  readonly itemCount: number
  /** Time of one item on the caller's thread; `undefined` where none may run there. */
  readonly mainItemTimeMs: number | undefined
  /** Time of one item in a worker. */
  readonly workerItemTimeMs: number
  /** Population standard deviation of the item times over their mean. */
  readonly coefficientOfVariation: number
  /** Share of the item time in which the thread is idle, 0..1. */
  readonly waitShare: number
  /** Costs of talking to workers; `undefined` where no worker was tried, and none may be used. */
  readonly dispatch: DispatchCosts | undefined
  /** Cores the process may use, above 0; fractional under a CPU quota. */
  readonly usableCores: number
  /**
   * Share by which an item's time grows for each further worker that is busy beside it: beside P
   * workers it takes `1 + contention (P - 1)` times as long. 0 for none.
   */
  readonly contention: number
  /** Correlation of the item time with the position in the data, -1..1. @defaultValue 0 */
  readonly trend?: number
  /**
   * Kinds of thread on which whole runs have timed the items: where the two differ by much, what they
   * said is not put right by a run on the other kind. @defaultValue none, only samples
   */
  readonly timedByRuns?: readonly ThreadKind[]
  /**
   * Whether whole runs on the calling thread and on workers were held against each other.
   * @defaultValue false, only samples
   */
  readonly isWeighed?: boolean
  /** What memory there is and what a plan takes of it. @defaultValue as much as any plan takes */
  readonly memory?: MemoryCosts | undefined
}

/**
 * Where items run: on the caller's thread or in a worker.
 * @public
 */
export type ThreadKind = 'main' | 'worker'

/**
 * Memory, bytes.
 * @public
 */
export interface MemoryCosts {
  /** What the process may still take. */
  readonly availableBytes: number
  /** What a worker holds: its resident set, or a thread's heap and buffers; 0 where none was tried. */
  readonly workerBytes: number
  /** Mean size of an item, serialised. */
  readonly inputBytes: number
  /** Mean size of a result, serialised. */
  readonly resultBytes: number
}

/**
 * Costs of talking to workers, milliseconds.
 * @public
 */
export interface DispatchCosts {
  /** Round trip of an empty chunk. */
  readonly dispatchMs: number
  /** The part of it that the caller's thread spends. */
  readonly mainDispatchMs: number
  /** Time of the caller's thread for one item there and its result back. */
  readonly cloneMs: number
  /**
   * Time of the worker for the same: less where memory is handed over to it. @defaultValue `cloneMs`
   */
  readonly workerCloneMs?: number | undefined
  /** Time until a worker that is not warm gives its first answer. */
  readonly startUpMs: number
  /** Workers that are running already. */
  readonly warmWorkers: number
  /** Time of the caller's thread to start one worker, which starts them one by one. @defaultValue 0 */
  readonly mainStartUpMs?: number
}

/** Time of a plain loop over the items, milliseconds; infinite where the loop is not allowed. */
export function serialMakespanMs({ itemCount, mainItemTimeMs }: Costs): number {
  return mainItemTimeMs === undefined ? Infinity : itemCount * mainItemTimeMs
}

/**
 * Time with several asynchronous items at once in one thread, milliseconds: waits overlap, computing does
 * not. Infinite where the calling thread may not be used.
 */
export function asyncMakespanMs(costs: Costs, inFlight: number): number {
  const { itemCount, mainItemTimeMs = Infinity, waitShare } = costs
  const computingMs = itemCount * mainItemTimeMs * (1 - waitShare)
  const roundsMs = Math.ceil(itemCount / inFlight) * mainItemTimeMs
  return Math.max(computingMs, roundsMs)
}

/**
 * Time of a map on workers, milliseconds: the latest of the busiest worker, the calling thread and the
 * cores. Infinite where `costs.dispatch` is not known.
 */
export function poolMakespanMs(
  costs: Costs,
  workers: number,
  chunkSize: number,
  disturbedShare?: number,
): number {
  return poolMakespan(inOneShape(costs), workers, chunkSize, disturbedShare).makespanMs
}

/**
 * The costs that a plan is priced with, always as an object of one shape. V8 forgets the shape of what
 * spreads put together at the next major collection, where none of it is left, and with it all optimised
 * code that it went through; the shape of a literal it keeps.
 */
export function inOneShape(costs: Costs): Costs {
  const { dispatch, memory } = costs
  return {
    itemCount: costs.itemCount,
    mainItemTimeMs: costs.mainItemTimeMs,
    workerItemTimeMs: costs.workerItemTimeMs,
    coefficientOfVariation: costs.coefficientOfVariation,
    waitShare: costs.waitShare,
    dispatch: dispatch && {
      dispatchMs: dispatch.dispatchMs,
      mainDispatchMs: dispatch.mainDispatchMs,
      cloneMs: dispatch.cloneMs,
      workerCloneMs: dispatch.workerCloneMs ?? dispatch.cloneMs,
      startUpMs: dispatch.startUpMs,
      warmWorkers: dispatch.warmWorkers,
      mainStartUpMs: dispatch.mainStartUpMs ?? 0,
    },
    usableCores: costs.usableCores,
    contention: costs.contention,
    trend: costs.trend ?? 0,
    isWeighed: costs.isWeighed ?? false,
    memory: memory && {
      availableBytes: memory.availableBytes,
      workerBytes: memory.workerBytes,
      inputBytes: memory.inputBytes,
      resultBytes: memory.resultBytes,
    },
  }
}

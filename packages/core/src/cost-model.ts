/**
 * The predicted makespan of a plan. What is special in Node is the caller's thread: it serialises
 * every item and deserialises every result, one after the other, whatever the number of workers.
 */

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
  /** Share by which an item's time grows for each further worker busy beside it. @defaultValue 0 */
  readonly contention?: number
  /** Costs of talking to workers; `undefined` where no worker was tried, and none may be used. */
  readonly dispatch: DispatchCosts | undefined
  /** Cores the process may use, above 0; fractional under a CPU quota. */
  readonly usableCores: number
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
  /** Time until a worker that is not warm gives its first answer. */
  readonly startUpMs: number
  /** Workers that are running already. */
  readonly warmWorkers: number
}

/**
 * Share of a chunk's time by which the last worker is late because something else disturbed it:
 * fewer, larger chunks lose more. On two cores and items of 2 ms, chunks of 200 ms ran 0.35 of a
 * chunk over the ideal, chunks of 400 ms 0.22.
 */
const DISTURBED_CHUNK_SHARE = 0.25

/** Time of a plain loop over the items; infinite where it is not allowed. */
export function serialMakespanMs({ itemCount, mainItemTimeMs }: Costs): number {
  return mainItemTimeMs === undefined ? Infinity : itemCount * mainItemTimeMs
}

/** Time with `inFlight` asynchronous items at once in one thread: waits overlap, computing does not. */
export function asyncMakespanMs(costs: Costs, inFlight: number): number {
  const { itemCount, mainItemTimeMs = Infinity, waitShare } = costs
  const computingMs = itemCount * mainItemTimeMs * (1 - waitShare)
  const roundsMs = Math.ceil(itemCount / inFlight) * mainItemTimeMs
  return Math.max(computingMs, roundsMs)
}

/**
 * Time on `workers` workers in chunks of `chunkSize`: the latest of the busiest worker, the caller's
 * thread and the CPU supply.
 *
 * @see Kruskal and Weiss, "Allocating independent subtasks on parallel processors", IEEE Trans.
 * Softw. Eng. SE-11(10), 1985: uneven items cost `s sqrt(2 k ln P)` at the end.
 */
export function poolMakespanMs(costs: Costs, workers: number, chunkSize: number): number {
  const { itemCount, coefficientOfVariation, waitShare, usableCores } = costs
  const dispatch = costs.dispatch
  if (!dispatch) return Infinity
  if (itemCount === 0) return 0
  const { dispatchMs, mainDispatchMs, cloneMs, startUpMs, warmWorkers } = dispatch

  const chunkCount = Math.ceil(itemCount / chunkSize)
  const busyWorkers = Math.min(workers, chunkCount)
  const workerItemTimeMs =
    costs.workerItemTimeMs * (1 + (costs.contention ?? 0) * (busyWorkers - 1))
  const rounds = Math.ceil(chunkCount / busyWorkers)
  const lastChunkSize = itemCount - (chunkCount - 1) * chunkSize
  const isLastRoundShort = (chunkCount - 1) % busyWorkers === 0
  const mostItems = (rounds - 1) * chunkSize + (isLastRoundShort ? lastChunkSize : chunkSize)
  const coldWorkers = Math.max(0, busyWorkers - warmWorkers)

  // Cold workers join later: the work they miss meanwhile is shared by all.
  const startUpShareMs = (coldWorkers * startUpMs) / busyWorkers
  const unevenMs =
    coefficientOfVariation * workerItemTimeMs * Math.sqrt(2 * chunkSize * Math.log(busyWorkers))
  const disturbedMs =
    busyWorkers === 1
      ? 0
      : DISTURBED_CHUNK_SHARE * Math.min(chunkSize, mostItems) * workerItemTimeMs
  const busiestWorkerMs =
    startUpShareMs +
    mostItems * (workerItemTimeMs + cloneMs) +
    rounds * (dispatchMs - mainDispatchMs) +
    unevenMs +
    disturbedMs
  const mainThreadMs = itemCount * cloneMs + chunkCount * mainDispatchMs
  const computingMs =
    itemCount * (workerItemTimeMs * (1 - waitShare) + 2 * cloneMs) +
    chunkCount * dispatchMs +
    coldWorkers * startUpMs
  return Math.max(busiestWorkerMs, mainThreadMs, computingMs / usableCores)
}

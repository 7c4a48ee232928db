/** What a plan makes of the items, and how fast its workers are beside one another. */
import type { Costs, DispatchCosts } from './cost-model.ts'

/** A worker has one chunk running and one waiting, as the pool of `@amorsize/sampler` keeps it. */
export const CHUNKS_IN_FLIGHT_PER_WORKER = 2

/** No chunk takes less, whatever a clock says: times are divided by it. */
const SHORTEST_CHUNK_MS = 1e-6

/** Items cut into chunks. */
export interface ChunkShape {
  readonly chunkCount: number
  readonly chunkSize: number
  readonly lastChunkSize: number
  /** Workers that get a chunk. */
  readonly workers: number
}

/** How fast workers are, milliseconds. */
export interface WorkerPace {
  /** By how much longer computing takes because more threads want a core than there are, from 1. */
  readonly slowdown: number
  /** Time of one item, its cloning counted. */
  readonly itemMs: number
  /** Time of a whole chunk. */
  readonly chunkMs: number
  /** Time of the last chunk, which may be smaller. */
  readonly lastChunkMs: number
  /** Time of the calling thread to send a chunk, and as much to take its reply. */
  readonly sendMs: number
  /** Workers that are not warm. */
  readonly coldWorkers: number
  /** Time until they are, on average. */
  readonly startMs: number
  /** Time until the last of them is. */
  readonly lastStartMs: number
  /** When all workers would end if the work could be shared to the last item. */
  readonly evenMs: number
}

/** Cuts items into chunks for some workers. */
export function shapeOf(itemCount: number, workers: number, chunkSize: number): ChunkShape {
  const chunkCount = Math.ceil(itemCount / chunkSize)
  return {
    chunkCount,
    chunkSize: Math.min(chunkSize, itemCount),
    lastChunkSize: itemCount - (chunkCount - 1) * chunkSize,
    workers: Math.min(workers, chunkCount),
  }
}

/**
 * The pace of workers that are all busy. Where they are not, the calling thread keeps them waiting,
 * and their pace does not matter.
 *
 * @param callerShare - Share of the time in which the calling thread wants a core too.
 */
export function paceOf(
  costs: Costs,
  dispatch: DispatchCosts,
  shape: ChunkShape,
  callerShare: number,
): WorkerPace {
  const { workerItemTimeMs, waitShare, contention, usableCores } = costs
  const { mainDispatchMs, mainStartUpMs = 0, cloneMs, startUpMs, warmWorkers } = dispatch
  const { workerCloneMs = cloneMs } = dispatch
  const { chunkCount, chunkSize, lastChunkSize, workers } = shape
  const wantedCores = workers * (1 - waitShare) + Math.min(1, callerShare)
  const slowdown = slowdownOf(wantedCores, usableCores)
  const besideOthersMs = workerItemTimeMs * (1 + contention * (workers - 1))
  const itemMs =
    besideOthersMs * (waitShare + (1 - waitShare) * slowdown) + workerCloneMs * slowdown
  const dispatchedMs = chunkSize * itemMs + workerDispatchMs(dispatch) * slowdown
  const chunkMs = Math.max(SHORTEST_CHUNK_MS, dispatchedMs)
  const lastChunkMs = chunkMs - (chunkSize - lastChunkSize) * itemMs
  const coldWorkers = Math.max(0, workers - warmWorkers)
  const startOf = (place: number): number =>
    coldWorkers === 0 ? 0 : (startUpMs + place * mainStartUpMs) * slowdown
  const startMs = startOf((coldWorkers + 1) / 2)
  return {
    slowdown,
    itemMs,
    chunkMs,
    lastChunkMs,
    sendMs: ((mainDispatchMs + chunkSize * cloneMs) / 2) * slowdown,
    coldWorkers,
    startMs,
    lastStartMs: startOf(coldWorkers),
    evenMs: ((chunkCount - 1) * chunkMs + lastChunkMs + coldWorkers * startMs) / workers,
  }
}

/** By how much longer computing takes where more threads want a core than there are, from 1. */
export function slowdownOf(wantedCores: number, usableCores: number): number {
  return Math.max(1, wantedCores / usableCores)
}

/** How much longer an item takes because workers share cores, from 1: no contention, which is beside it. */
export function sharingOf(
  workers: number,
  { waitShare, usableCores }: Pick<Costs, 'waitShare' | 'usableCores'>,
): number {
  return waitShare + (1 - waitShare) * slowdownOf(workers * (1 - waitShare), usableCores)
}

/** The part of a dispatch that is not the calling thread's. */
export function workerDispatchMs({ dispatchMs, mainDispatchMs }: DispatchCosts): number {
  return Math.max(0, dispatchMs - mainDispatchMs)
}

/**
 * The predicted makespan of a map on workers: the latest of the busiest worker, the calling thread
 * and the cores. Derived, and held against a simulation, in docs/decision-model.md.
 */
import type { Costs, DispatchCosts } from './cost-model.ts'
import { lastWorkerMs, unevennessMs, unsteadyMs } from './imbalance.ts'
import { CHUNKS_IN_FLIGHT_PER_WORKER, paceOf, shapeOf, workerDispatchMs } from './worker-pace.ts'
import type { ChunkShape, WorkerPace } from './worker-pace.ts'

/**
 * What a plan waits for longest: the items on the busiest worker, the cores that all threads share,
 * the calling thread that serialises everything, or workers that have to start first.
 * @public
 */
export type BindingTerm = 'workers' | 'cores' | 'caller' | 'start-up'

/** A predicted makespan and what decides it. */
export interface PoolMakespan {
  readonly makespanMs: number
  readonly bindingTerm: BindingTerm
}

/**
 * How busy the calling thread is depends on the makespan, and the makespan on it where both want the
 * same cores. A third estimate differs from the second by next to nothing.
 */
const ESTIMATES = 2

/** Above this share of the makespan, the start of workers is what the plan waits for. */
const LARGE_START_UP_SHARE = 0.5

const NO_WORKERS: PoolMakespan = { makespanMs: Infinity, bindingTerm: 'workers' }
const NOTHING_TO_DO: PoolMakespan = { makespanMs: 0, bindingTerm: 'workers' }

/**
 * Prices a map on `workers` workers in chunks of `chunkSize`.
 *
 * @param disturbedShare - As of {@link lastWorkerMs}.
 */
export function poolMakespan(
  costs: Costs,
  workers: number,
  chunkSize: number,
  disturbedShare?: number,
): PoolMakespan {
  const { itemCount, workerItemTimeMs, dispatch } = costs
  if (!dispatch) return NO_WORKERS
  if (itemCount === 0) return NOTHING_TO_DO
  const shape = shapeOf(itemCount, workers, chunkSize)
  const callerBusyMs = callerBusyTimeMs(itemCount, dispatch, shape)
  const roughlyMs = Math.max(callerBusyMs, (itemCount * workerItemTimeMs) / shape.workers)
  let best: PoolMakespan = { makespanMs: roughlyMs, bindingTerm: 'workers' }
  for (let estimate = 0; estimate < ESTIMATES; estimate++) {
    const callerShare = callerBusyMs / Math.max(best.makespanMs, Number.EPSILON)
    const pace = paceOf(costs, dispatch, shape, callerShare)
    best = latestOf(costs, dispatch, shape, pace, callerBusyMs, disturbedShare)
  }
  return best
}

function callerBusyTimeMs(
  itemCount: number,
  { cloneMs, mainDispatchMs, mainStartUpMs = 0, warmWorkers }: DispatchCosts,
  { chunkCount, workers }: ChunkShape,
): number {
  const startsMs = Math.max(0, workers - warmWorkers) * mainStartUpMs
  return itemCount * cloneMs + chunkCount * mainDispatchMs + startsMs
}

function latestOf(
  costs: Costs,
  dispatch: DispatchCosts,
  shape: ChunkShape,
  pace: WorkerPace,
  callerBusyMs: number,
  disturbedShare: number | undefined,
): PoolMakespan {
  const workersMs = firstChunksMs(shape, pace) + lastWorkerMs(costs, shape, pace, disturbedShare)
  const callerMs = callerTimeMs(costs, dispatch, shape, pace, callerBusyMs)
  const coresMs = coresTimeMs(costs, dispatch, shape, pace, callerBusyMs)
  const latestMs = Math.max(workersMs, callerMs, coresMs)
  const makespanMs = latestMs + unsteadyMs(costs, shape, pace, callerBusyMs)
  if (callerMs === latestMs) return { makespanMs, bindingTerm: 'caller' }
  const startUpMs = (pace.coldWorkers * pace.startMs) / shape.workers
  if (startUpMs > LARGE_START_UP_SHARE * makespanMs) return { makespanMs, bindingTerm: 'start-up' }
  return { makespanMs, bindingTerm: pace.slowdown > 1 ? 'cores' : 'workers' }
}

/** Chunks reach the workers one after the other, and the last reply has to be taken. */
function firstChunksMs({ chunkCount, workers }: ChunkShape, { sendMs }: WorkerPace): number {
  const workersOfLastRound = ((chunkCount - 1) % workers) + 1
  return (workersOfLastRound + 1) * sendMs
}

/**
 * When the calling thread has sent everything and taken every reply. It has little to do until
 * workers have started, and in the end waits for what it sent last.
 */
function callerTimeMs(
  costs: Costs,
  { mainStartUpMs = 0 }: DispatchCosts,
  shape: ChunkShape,
  pace: WorkerPace,
  callerBusyMs: number,
): number {
  const { chunkCount, workers } = shape
  const { sendMs, startMs, coldWorkers, chunkMs, lastChunkMs } = pace
  const inFlight = CHUNKS_IN_FLIGHT_PER_WORKER * workers
  const repliesBeforeLast = Math.max(0, chunkCount - inFlight)
  const lastReplyMs = (chunkCount + repliesBeforeLast) * sendMs + lastChunkMs + sendMs
  if (chunkCount <= inFlight) return Math.max(callerBusyMs, lastReplyMs)

  const warmWorkers = workers - coldWorkers
  const chunksWhileStarting = Math.floor((warmWorkers * startMs) / chunkMs)
  const busyWhileStartingMs =
    coldWorkers * mainStartUpMs +
    warmWorkers * CHUNKS_IN_FLIGHT_PER_WORKER * sendMs +
    (chunksWhileStarting * callerBusyMs) / chunkCount
  const idleMs = startMs - Math.min(startMs, callerBusyMs, busyWhileStartingMs)
  const waitMs = chunkMs / 2 + unevennessMs(costs, shape, pace)
  return Math.max(callerBusyMs + idleMs + waitMs, lastReplyMs)
}

/** When the cores have done the work of all threads. */
function coresTimeMs(
  { itemCount, workerItemTimeMs, waitShare, contention, usableCores }: Costs,
  dispatch: DispatchCosts,
  { chunkCount, workers }: ChunkShape,
  { coldWorkers }: WorkerPace,
  callerBusyMs: number,
): number {
  const besideOthersMs = workerItemTimeMs * (1 + contention * (workers - 1))
  const { workerCloneMs = dispatch.cloneMs } = dispatch
  const itemsMs = itemCount * (besideOthersMs * (1 - waitShare) + workerCloneMs)
  const chunksMs = chunkCount * workerDispatchMs(dispatch)
  const startsMs = coldWorkers * dispatch.startUpMs
  return (itemsMs + chunksMs + startsMs + callerBusyMs) / usableCores
}

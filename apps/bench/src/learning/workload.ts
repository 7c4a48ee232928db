/** One map of a simulated function on a simulated machine: what each plan takes, and the best. */
import type { Plan } from '@amorsize/core'

import { simulatePool } from '../simulation/simulate-pool.ts'
import { logUniform, normal, pick, randomOf } from './random.ts'
import type { Machine, SimulatedFunction } from './world.ts'

/** What a plan came to. */
export interface SimulatedResult {
  readonly makespanMs: number
  /** Time of the items in the threads that ran them, added up, milliseconds. */
  readonly itemsMs: number
  readonly chunkCount: number
}

/** A map. */
export interface Workload {
  readonly fn: SimulatedFunction
  readonly machine: Machine
  readonly size: number
  readonly itemTimesMs: Float64Array
  readonly warmWorkers: number
}

/** Less is over before anything could be decided, more would be simulated for too long. */
const LEAST_WORK_MS = 2
const MOST_WORK_MS = 60_000
const FEWEST_ITEMS = 30
const MOST_ITEMS = 20_000

/** In flight at once: the most that a search would choose, and fewer. */
const IN_FLIGHT = [256, 64, 16]

/** The map that a caller would ask for as the nth of a stream. */
export function makeWorkload(
  fn: SimulatedFunction,
  machine: Machine,
  nth: number,
  seed = '',
): Workload {
  const random = randomOf(`${seed} ${fn.signature} ${machine.name} ${nth}`)
  const size = pick(random, fn.sizes)
  const meanMs = fn.itemTimeMs * size ** fn.growth * machine.slowness
  const fewest = Math.max(FEWEST_ITEMS, LEAST_WORK_MS / meanMs)
  const most = Math.max(fewest, Math.min(MOST_ITEMS, MOST_WORK_MS / meanMs))
  const count = Math.min(MOST_ITEMS, Math.round(logUniform(random, fewest, most)))
  // Log-normal with the wanted mean and deviation.
  const variance = Math.log(1 + fn.coefficientOfVariation ** 2)
  const itemTimesMs = Float64Array.from(
    { length: count },
    () => meanMs * Math.exp(Math.sqrt(variance) * normal(random) - variance / 2),
  )
  const warmWorkers = random() < 0.5 ? machine.cores : Math.floor(random() * 2)
  return { fn, machine, size, itemTimesMs, warmWorkers }
}

/** Time of the plain loop, milliseconds. */
export function serialMs({ itemTimesMs }: Workload): number {
  return itemTimesMs.reduce((sum, time) => sum + time, 0)
}

/** What a plan takes, without noise. */
export function runPlan(workload: Workload, plan: Plan): SimulatedResult {
  const { fn, machine, itemTimesMs, warmWorkers } = workload
  const loopMs = serialMs(workload)
  if (plan.executor === 'serial') return { makespanMs: loopMs, itemsMs: loopMs, chunkCount: 0 }
  const count = itemTimesMs.length
  if (plan.executor === 'async') {
    const rounds = Math.ceil(count / Math.max(1, plan.nJobs)) / count
    const makespanMs = Math.max(loopMs * (1 - fn.waitShare), loopMs * rounds)
    return { makespanMs, itemsMs: loopMs, chunkCount: 0 }
  }
  const dispatch = {
    dispatchMs: machine.dispatchMs,
    mainDispatchMs: machine.mainDispatchMs,
    cloneMs: fn.cloneMs * machine.slowness,
    startUpMs: machine.startUpMs,
    warmWorkers,
  }
  const { makespanMs, workersBusyMs, chunkCount } = simulatePool({
    itemTimesMs,
    workers: plan.nJobs,
    chunkSize: plan.chunkSize,
    dispatch,
    cores: machine.cores,
    contention: fn.contention * machine.contentionFactor,
    waitShare: fn.waitShare,
  })
  const sendingMs =
    count * dispatch.cloneMs + chunkCount * (dispatch.dispatchMs - dispatch.mainDispatchMs)
  return { makespanMs, itemsMs: workersBusyMs - sendingMs, chunkCount }
}

const bests = new WeakMap<Workload, number>()

/** Time of the best plan of a grid: loop, async, workers up to one more than cores, chunk sizes. */
export function bestMs(workload: Workload): number {
  const known = bests.get(workload)
  if (known !== undefined) return known
  const best = Math.min(...gridOf(workload).map((plan) => runPlan(workload, plan).makespanMs))
  bests.set(workload, best)
  return best
}

const WORKERS = [1, 2, 3, 4, 6, 8, 12, 16, 17]
const CHUNKS_A_WORKER = [1, 2, 4, 16]

function gridOf({ fn, machine, itemTimesMs }: Workload): Plan[] {
  const count = itemTimesMs.length
  const plans: Plan[] = [{ executor: 'serial', nJobs: 1, chunkSize: count }]
  if (fn.waitShare > 0)
    plans.push(...IN_FLIGHT.map((nJobs) => ({ executor: 'async' as const, nJobs, chunkSize: 1 })))
  for (const nJobs of WORKERS.filter((workers) => workers <= machine.cores + 1)) {
    const sizes = new Set(CHUNKS_A_WORKER.map((chunks) => Math.ceil(count / (chunks * nJobs))))
    for (let size = 4; size < count / nJobs; size *= 4) sizes.add(size)
    if (count <= 2000) sizes.add(1)
    for (const chunkSize of sizes) plans.push({ executor: 'worker_threads', nJobs, chunkSize })
  }
  return plans
}

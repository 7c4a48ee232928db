/** The cost model and its decisions beside the simulation: how far off, and what that costs. */
import { asyncMakespanMs, choosePlan, poolMakespanMs, serialMakespanMs } from '@amorsize/core'
import type { Costs, Plan } from '@amorsize/core'

import type { Random } from '../harness/random.ts'
import { shuffled } from '../harness/random.ts'
import type { RandomMap } from './random-map.ts'
import { simulatePool } from './simulate-pool.ts'

/** Plans that the decision is held against: these numbers of workers, as many as there may be ... */
const WORKERS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128]
/** ... with so many chunks for each of them. */
const CHUNKS_PER_WORKER = [1, 2, 3, 4, 8, 16, 32, 64, 128]
/** More would take long to simulate, and be slow. */
const MOST_CHUNKS = 10_000

/** Orders of shuffled items over which a time is averaged: what chance does is nobody's regret. */
const ORDERS = 3

/** A map with its machine, on which plans can be tried. */
export class SimulatedMap {
  readonly costs: Costs
  readonly maxWorkers: number
  readonly #orders: readonly ArrayLike<number>[]

  constructor({ costs, itemTimesMs, isShuffled }: RandomMap, random: Random) {
    this.costs = costs
    this.maxWorkers = Math.ceil(costs.usableCores)
    this.#orders = isShuffled
      ? Array.from({ length: ORDERS }, () => shuffled([...itemTimesMs], random))
      : [itemTimesMs]
  }

  /** Time of a plan, milliseconds. What needs no worker needs no simulation. */
  makespanMs({ executor, nJobs, chunkSize }: Plan): number {
    if (executor === 'serial') return serialMakespanMs(this.costs)
    if (executor === 'async') return asyncMakespanMs(this.costs, nJobs)
    const { usableCores, contention, waitShare, dispatch } = this.costs
    const run = { workers: nJobs, chunkSize, cores: usableCores, contention, waitShare }
    const times = this.#orders.map(
      (itemTimesMs) => simulatePool({ ...run, itemTimesMs, dispatch: dispatch! }).makespanMs,
    )
    return times.reduce((sum, timeMs) => sum + timeMs, 0) / times.length
  }

  /** The grid of plans on workers. */
  *plans(): Generator<Plan> {
    for (const nJobs of WORKERS.filter((workers) => workers <= this.maxWorkers)) {
      const sizes = CHUNKS_PER_WORKER.map((chunks) =>
        Math.ceil(this.costs.itemCount / (nJobs * chunks)),
      )
      for (const chunkSize of new Set(sizes)) {
        const chunkCount = this.costs.itemCount / chunkSize
        if (chunkCount <= MOST_CHUNKS) yield { executor: 'worker_threads', nJobs, chunkSize }
      }
    }
  }
}

/** What came of a decision on one map; times are simulated, milliseconds. */
export interface DecisionOutcome {
  /** The chosen plan. */
  readonly chosenMs: number
  /** The plain loop. */
  readonly loopMs: number
  /** The best that the search knew beside the loop, chosen or not. */
  readonly parallelMs: number
  /** Predicted time of that over the predicted time of the loop. */
  readonly promised: number
  /** The default, N/(4P) on all cores. */
  readonly defaultMs: number
}

/** Lets the search decide, by what it knows, and tries its choice. */
export function tryDecision(map: SimulatedMap, known: Costs = map.costs): DecisionOutcome {
  const search = choosePlan(known, { maxWorkers: map.maxWorkers, runtime: 'worker_threads' })
  const loopMs = map.makespanMs(search.serial)
  // With dispatch costs there are always plans on workers.
  const parallelMs = map.makespanMs(search.parallel!)
  return {
    chosenMs: search.best === search.serial ? loopMs : parallelMs,
    loopMs,
    parallelMs,
    promised: search.parallel!.makespanMs / search.serial.makespanMs,
    defaultMs: map.makespanMs(search.default!),
  }
}

/** What the grid of plans takes. */
export interface GridOutcome {
  /** Simulated time of the best, milliseconds. */
  readonly bestMs: number
  /** Predicted over simulated time, for each plan. */
  readonly accuracies: readonly number[]
}

/** Tries every plan of the grid. */
export function tryGrid(map: SimulatedMap): GridOutcome {
  const accuracies: number[] = []
  let bestMs = Infinity
  for (const plan of map.plans()) {
    const simulatedMs = map.makespanMs(plan)
    bestMs = Math.min(bestMs, simulatedMs)
    accuracies.push(poolMakespanMs(map.costs, plan.nJobs, plan.chunkSize, 0) / simulatedMs)
  }
  return { bestMs, accuracies }
}

/** Simulated time of the choice over that of the best of the loop, the choice, the default and the grid. */
export function regretOf(
  { chosenMs, loopMs, parallelMs, defaultMs }: DecisionOutcome,
  { bestMs }: GridOutcome,
  timeMs: number = chosenMs,
): number {
  return timeMs / Math.min(bestMs, loopMs, parallelMs, defaultMs)
}

/** The best plan under the cost model, over executors, numbers of workers and chunk sizes. */
import type { ExecutorKind } from '@amorsize/cache'

import { chunkSizeOf, chunkSizes } from './chunk-sizes.ts'
import type { Costs } from './cost-model.ts'
import { asyncMakespanMs, inOneShape, serialMakespanMs } from './cost-model.ts'
import { fitsMemory } from './fits-memory.ts'
import { poolMakespan } from './pool-makespan.ts'
import type { BindingTerm, PoolMakespan } from './pool-makespan.ts'

/**
 * How a map is carried out.
 * @public
 */
export interface Plan {
  /** By what means. */
  readonly executor: ExecutorKind
  /** Workers; for `async`, items in flight at once; 1 for `serial`. */
  readonly nJobs: number
  /** Items per chunk; 1 for `async`, all items for `serial`. */
  readonly chunkSize: number
}

/** Whether a plan is carried out by workers. */
export function usesWorkers({ executor }: Pick<Plan, 'executor'>): boolean {
  return executor === 'worker_threads' || executor === 'child_process'
}

/**
 * A plan and what it would cost.
 * @public
 */
export interface PricedPlan extends Plan {
  /** Predicted time, milliseconds. */
  readonly makespanMs: number
  /** What it would wait for longest; only of plans on workers. */
  readonly bindingTerm?: BindingTerm
}

/**
 * What may be chosen from.
 * @public
 */
export interface SearchLimits {
  /** Most workers to use; 0 for none at all. */
  readonly maxWorkers: number
  /**
   * Whether up to twice as many workers may be tried where items wait much of their time, or are too
   * few to be shared out evenly. @defaultValue false
   */
  readonly mayOversubscribe?: boolean | undefined
  /** Most asynchronous items at once on the calling thread. @defaultValue 128 */
  readonly maxInFlight?: number | undefined
  /**
   * Share of a chunk, from 0, by which the last worker is taken to be late when chunk sizes are
   * compared: the more, the smaller the chunks. What a plan is said to take does not change.
   * @defaultValue 0.05; where past runs told the costs 0.35
   */
  readonly disturbedShare?: number | undefined
  /** How workers run. */
  readonly runtime: 'worker_threads' | 'child_process'
}

/**
 * The choice and what it was held against.
 * @public
 */
export interface SearchResult {
  /** The chosen plan. */
  readonly best: PricedPlan
  /** The plain loop; infinite where it is not allowed. */
  readonly serial: PricedPlan
  /** The usual default: all workers, four chunks each. */
  readonly default: PricedPlan | undefined
  /** The best of the plans that are no plain loop, chosen or not. */
  readonly parallel: PricedPlan | undefined
  /** Many items at once on the calling thread; where they wait too little for it, the plain loop. */
  readonly onMain: PricedPlan
  /** The best of the plans on workers, chosen or not. */
  readonly onWorkers: PricedPlan | undefined
}

/** What multiprocessing and Java use: the default to be better than. */
const DEFAULT_CHUNKS_PER_WORKER = 4

/** Below so many workers each number is tried, above only some; the neighbours of the best are too. */
const MOST_TRIED_ONE_BY_ONE = 8
const WORKER_STEP = 1.25

/** Asynchronous items in flight at once: each may hold a file or two, and 1024 is a usual limit. */
export const MOST_IN_FLIGHT = 128

/** Below this share of waiting, overlapping the waits is not worth the bookkeeping. */
export const WAITING_SHARE = 0.2

/** More workers than cores have to promise this much: caches and memory are shared then, too. */
const OVERSUBSCRIPTION_MARGIN = 0.9
export const MOST_WORKERS_PER_CORE = 2

/**
 * A parallel plan has to promise this much over the plain loop, whose time is certain. Chosen by
 * `pnpm bench cost-model`.
 */
const PARALLEL_MARGIN = 0.9

/** And this much where whole runs of both were timed: it takes more of the machine. */
const WEIGHED_MARGIN = 0.95

/** The plan of the least predicted makespan; the plain loop where that is nearly as good. */
export function choosePlan(costs: Costs, limits: SearchLimits): SearchResult {
  return choose(inOneShape(costs), limits)
}

function choose(costs: Costs, limits: SearchLimits): SearchResult {
  const serial: PricedPlan = {
    executor: 'serial',
    nJobs: 1,
    chunkSize: Math.max(1, costs.itemCount),
    makespanMs: serialMakespanMs(costs),
  }
  const async = bestAsyncPlan(costs, limits)
  const onWorkers = bestPoolPlan(costs, limits) ?? lastResort(costs, limits)
  const parallel = cheaper(async, onWorkers)
  const margin = costs.isWeighed ? WEIGHED_MARGIN : PARALLEL_MARGIN
  const isAllowed = costs.mainItemTimeMs !== undefined
  const isWorthIt =
    parallel !== undefined && (!isAllowed || parallel.makespanMs < margin * serial.makespanMs)
  return {
    best: isWorthIt ? parallel : serial,
    serial,
    default: defaultPlan(costs, limits),
    parallel,
    onMain: async ?? serial,
    onWorkers,
  }
}

/** Where nothing else may run the items, one worker does, however little memory there is for it. */
function lastResort(costs: Costs, limits: SearchLimits): PricedPlan | undefined {
  const { dispatch, mainItemTimeMs } = costs
  const { maxWorkers, runtime } = limits
  if (mainItemTimeMs !== undefined || maxWorkers === 0) return undefined
  const started = { ...costs, dispatch: dispatch && { ...dispatch, warmWorkers: 1 } }
  const { chunkSize = 1 } = bestPlanOf(1, started, limits) ?? {}
  return priced(runtime, 1, chunkSize, poolMakespan(costs, 1, chunkSize))
}

/** The cheaper one; the first of equals, so that the order of the candidates decides. */
function cheaper(
  first: PricedPlan | undefined,
  second: PricedPlan | undefined,
): PricedPlan | undefined {
  return first && !(second && second.makespanMs < first.makespanMs) ? first : second
}

/** As many in flight as there are: how much of the waits the computing hides is not known well enough. */
function bestAsyncPlan(
  costs: Costs,
  { maxInFlight = MOST_IN_FLIGHT }: SearchLimits,
): PricedPlan | undefined {
  const { waitShare, mainItemTimeMs, itemCount } = costs
  if (waitShare < WAITING_SHARE || mainItemTimeMs === undefined) return undefined
  const nJobs = Math.max(1, Math.min(maxInFlight, itemCount))
  return { executor: 'async', nJobs, chunkSize: 1, makespanMs: asyncMakespanMs(costs, nJobs) }
}

function bestPoolPlan(costs: Costs, limits: SearchLimits): PricedPlan | undefined {
  if (!costs.dispatch) return undefined
  const usual = bestUsualPlan(costs, limits)
  if (!limits.mayOversubscribe || !usual) return usual
  let more: PricedPlan | undefined
  for (const workers of oversubscribedCounts(costs, limits)) {
    more = cheaper(more, bestPlanOf(workers, costs, limits))
  }
  return more && more.makespanMs < OVERSUBSCRIPTION_MARGIN * usual.makespanMs ? more : usual
}

/**
 * Numbers of workers above the usual: as many as keep the cores busy while some items wait, and one
 * for each item where the last round would leave cores idle.
 */
function oversubscribedCounts(
  { itemCount, waitShare, usableCores }: Costs,
  { maxWorkers }: SearchLimits,
): number[] {
  const most = MOST_WORKERS_PER_CORE * maxWorkers
  const counts: number[] = []
  if (waitShare >= WAITING_SHARE) {
    counts.push(Math.min(most, Math.ceil(usableCores / Math.max(1 - waitShare, Number.EPSILON))))
  }
  if (itemCount > maxWorkers && itemCount <= most) counts.push(itemCount)
  return counts
}

function bestUsualPlan(costs: Costs, limits: SearchLimits): PricedPlan | undefined {
  const tried = workerCounts(limits.maxWorkers).toReversed()
  const best = bestOfCounts(tried, costs, limits)
  if (!best) return undefined
  const place = tried.indexOf(best.nJobs)
  const above = tried[place - 1] ?? best.nJobs
  const below = tried[place + 1] ?? best.nJobs
  const between = Array.from(
    { length: Math.max(0, above - below - 1) },
    (_, nth) => above - 1 - nth,
  )
  return bestOfCounts(between, costs, limits, best)
}

/**
 * The best plan with some number of workers, the fewest of equals. Most first: what is shared perfectly
 * takes longer the fewer share it, so that the few need not be priced.
 */
function bestOfCounts(
  descending: readonly number[],
  costs: Costs,
  limits: SearchLimits,
  known?: PricedPlan,
): PricedPlan | undefined {
  const workMs = costs.itemCount * costs.workerItemTimeMs
  let best = known
  for (const workers of descending) {
    if (best && workMs / workers > best.makespanMs) break
    best = cheaper(bestPlanOf(workers, costs, limits), best)
  }
  return best
}

function workerCounts(maxWorkers: number): number[] {
  const counts: number[] = []
  for (let workers = 1; workers < maxWorkers;) {
    counts.push(workers)
    workers = workers < MOST_TRIED_ONE_BY_ONE ? workers + 1 : Math.ceil(workers * WORKER_STEP)
  }
  return maxWorkers > 0 ? [...counts, maxWorkers] : counts
}

function bestPlanOf(
  workers: number,
  costs: Costs,
  { runtime, disturbedShare }: SearchLimits,
): PricedPlan | undefined {
  let best: PoolMakespan | undefined
  let bestSize = 0
  for (const chunkSize of chunkSizes(costs, workers)) {
    if (!fitsMemory(costs, workers, chunkSize)) continue
    const price = poolMakespan(costs, workers, chunkSize, disturbedShare)
    if (best && !(price.makespanMs < best.makespanMs)) continue
    best = price
    bestSize = chunkSize
  }
  if (!best) return undefined
  const price = disturbedShare === undefined ? best : poolMakespan(costs, workers, bestSize)
  return priced(runtime, workers, bestSize, price)
}

function priced(
  executor: ExecutorKind,
  nJobs: number,
  chunkSize: number,
  { makespanMs, bindingTerm }: PoolMakespan,
): PricedPlan {
  return { executor, nJobs, chunkSize, makespanMs, bindingTerm }
}

function defaultPlan(costs: Costs, { maxWorkers, runtime }: SearchLimits): PricedPlan | undefined {
  if (!costs.dispatch || maxWorkers === 0 || costs.itemCount === 0) return undefined
  const chunkSize = chunkSizeOf(costs.itemCount, maxWorkers, DEFAULT_CHUNKS_PER_WORKER)
  return priced(runtime, maxWorkers, chunkSize, poolMakespan(costs, maxWorkers, chunkSize))
}

/** The best plan under the cost model, over executors, numbers of workers and chunk sizes. */
import type { ExecutorKind } from '@amorsize/cache'

import type { Costs } from './cost-model.ts'
import { asyncMakespanMs, poolMakespanMs, serialMakespanMs } from './cost-model.ts'

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

/** A plan and what it would cost. */
export interface PricedPlan extends Plan {
  readonly makespanMs: number
}

/** What may be chosen from. */
export interface SearchLimits {
  /** Most workers to use; 0 for none at all. */
  readonly maxWorkers: number
  /** How workers run. */
  readonly runtime: 'worker_threads' | 'child_process'
}

/** The choice and what it was held against. */
export interface SearchResult {
  readonly best: PricedPlan
  /** The plain loop; infinite where it is not allowed. */
  readonly serial: PricedPlan
  /** The usual default: all workers, four chunks each. */
  readonly default: PricedPlan | undefined
}

/**
 * Work in one chunk at which dispatching it is forgotten, milliseconds. 5 ms is within 1.3 % of the
 * best fixed size on average in a simulation of 648 workloads (docs/decision-model.md).
 */
const CHUNK_WORK_MS = 5

/** Chunks a worker should at least get, so that an uneven or disturbed one can be made up for. */
const CHUNKS_PER_WORKER = 8

/** Multiples of the rule's chunk size that the model may prefer. */
const CHUNK_SIZE_FACTORS = [0.25, 0.5, 1, 2, 4]

/** What multiprocessing and Java use: the default to be better than. */
const DEFAULT_CHUNKS_PER_WORKER = 4

/** Asynchronous items in flight at once: well below the usual limit of 1024 open files. */
const MOST_IN_FLIGHT = 100

/** Below this share of waiting, overlapping the waits is not worth the bookkeeping. */
const WAITING_SHARE = 0.5

/** A parallel plan has to promise this much over the plain loop, whose time is certain. */
const PARALLEL_MARGIN = 0.9

/** Chooses the plan of the least predicted makespan; the plain loop where it is nearly as good. */
export function choosePlan(costs: Costs, limits: SearchLimits): SearchResult {
  const serial: PricedPlan = {
    executor: 'serial',
    nJobs: 1,
    chunkSize: Math.max(1, costs.itemCount),
    makespanMs: serialMakespanMs(costs),
  }
  const parallel = [...asyncPlans(costs), ...poolPlans(costs, limits)]
  const candidate = cheapestOf(parallel)
  const isWorthIt =
    candidate !== undefined && candidate.makespanMs < PARALLEL_MARGIN * serial.makespanMs
  return {
    best: isWorthIt ? candidate : serial,
    serial,
    default: defaultPlan(costs, limits),
  }
}

/** The first of the cheapest, so that equal makespans are decided by the order of the candidates. */
function cheapestOf(plans: readonly PricedPlan[]): PricedPlan | undefined {
  let best: PricedPlan | undefined
  for (const plan of plans) if (!best || plan.makespanMs < best.makespanMs) best = plan
  return best
}

function asyncPlans(costs: Costs): PricedPlan[] {
  if (costs.waitShare < WAITING_SHARE || costs.mainItemTimeMs === undefined) return []
  const nJobs = Math.max(1, Math.min(MOST_IN_FLIGHT, costs.itemCount))
  return [{ executor: 'async', nJobs, chunkSize: 1, makespanMs: asyncMakespanMs(costs, nJobs) }]
}

function poolPlans(costs: Costs, { maxWorkers, runtime }: SearchLimits): PricedPlan[] {
  if (!costs.dispatch) return []
  const plans: PricedPlan[] = []
  for (let nJobs = 1; nJobs <= maxWorkers; nJobs++) {
    for (const chunkSize of chunkSizes(costs, nJobs)) {
      const makespanMs = poolMakespanMs(costs, nJobs, chunkSize)
      plans.push({ executor: runtime, nJobs, chunkSize, makespanMs })
    }
  }
  return plans
}

/** The rule's chunk size first, then its multiples, so that it wins a tie. */
function chunkSizes({ itemCount, workerItemTimeMs }: Costs, workers: number): number[] {
  const byTime = CHUNK_WORK_MS / Math.max(workerItemTimeMs, Number.EPSILON)
  const byCount = itemCount / (CHUNKS_PER_WORKER * workers)
  const base = Math.min(byTime, byCount)
  const largest = Math.max(1, Math.ceil(itemCount / workers))
  const sizes = [1, ...CHUNK_SIZE_FACTORS].map((factor) =>
    Math.min(largest, Math.max(1, Math.round(base * factor))),
  )
  return [...new Set(sizes)]
}

function defaultPlan(costs: Costs, { maxWorkers, runtime }: SearchLimits): PricedPlan | undefined {
  if (!costs.dispatch || maxWorkers === 0 || costs.itemCount === 0) return undefined
  const chunkSize = Math.ceil(costs.itemCount / (DEFAULT_CHUNKS_PER_WORKER * maxWorkers))
  const makespanMs = poolMakespanMs(costs, maxWorkers, chunkSize)
  return { executor: runtime, nJobs: maxWorkers, chunkSize, makespanMs }
}

/**
 * Workers for the next call. To start them is seldom worth it for one short map, and often for the
 * same map again and again: a decision that looks at one call alone would do without for ever.
 */
import type { TaskPool } from '@amorsize/sampler'

import type { Costs, DispatchCosts } from '../cost-model.ts'
import type { Request } from '../request.ts'
import { choosePlan, MOST_WORKERS_PER_CORE } from '../search.ts'
import type { PricedPlan, SearchLimits } from '../search.ts'

/** Maps that add up to this much in a process are likely to go on: a start takes as long. */
const WORTH_A_START_MS = 50

/** Shorter maps would gain less than the decision costs. */
const SHORTEST_MAP_MS = 5

/** With warm workers a map has to take at most this share of the time. */
const WORTH_SHARE = 0.85

/** Time that known maps of a pool took with fewer workers than they should have, milliseconds. */
const meetings = new WeakMap<TaskPool, number>()

/**
 * Starts workers in the background where maps that are known would have gained by them, while this
 * one does without.
 *
 * @param costs - Of the map that was met.
 * @param expectedMs - Time that its plan is expected to take.
 */
export function warmForNext<I, O>(request: Request<I, O>, costs: Costs, expectedMs: number): void {
  const { pool, maxWorkers, runtime } = request
  const { dispatch } = costs
  if (!dispatch || maxWorkers < 2 || !(expectedMs >= SHORTEST_MAP_MS)) return
  const best = bestWhenWarm(costs, dispatch, request)
  if (best.executor !== runtime || pool.warmWorkers >= best.nJobs) return
  if (best.makespanMs > WORTH_SHARE * expectedMs) return
  const metMs = (meetings.get(pool) ?? 0) + expectedMs
  meetings.set(pool, metMs)
  // Of a pool that is closed meanwhile the next chunk tells.
  if (metMs >= WORTH_A_START_MS) pool.warm(best.nJobs).catch(() => {})
}

/** By the costs they were chosen for: those of the cache are the same object for the same map again. */
const warmPlans = new WeakMap<Costs, PricedPlan>()

function bestWhenWarm(costs: Costs, dispatch: DispatchCosts, limits: SearchLimits): PricedPlan {
  const known = warmPlans.get(costs)
  if (known) return known
  const warmWorkers = MOST_WORKERS_PER_CORE * limits.maxWorkers
  const { best } = choosePlan({ ...costs, dispatch: { ...dispatch, warmWorkers } }, limits)
  warmPlans.set(costs, best)
  return best
}

/**
 * The raw confidence of an estimate, by the formula of `@amorsize/knn`: how near the witnesses are,
 * how many there are, and whether they agree. Witnesses agree where the plan that is chosen is a good
 * one also by the costs that each of them alone would tell, whatever number they put on it.
 */
import { choosePlan } from '../search.ts'
import type { SearchLimits } from '../search.ts'
import { makespanUnder } from './costs.ts'
import type { Estimate } from './estimate.ts'

const PROXIMITY_SHARE = 0.5
const EVIDENCE_SHARE = 0.2
const CONSISTENCY_SHARE = 0.3

/** From so many runs on, more add no confidence. */
const ENOUGH_EVIDENCE = 20

/** Longest distance of two workloads. */
const DIAGONAL = Math.sqrt(8)

/** The raw confidence, 0..1. */
export function rateEstimate(estimate: Estimate, limits: SearchLimits): number {
  return (
    PROXIMITY_SHARE * proximityOf(estimate) +
    EVIDENCE_SHARE * Math.min(1, estimate.evidence / ENOUGH_EVIDENCE) +
    CONSISTENCY_SHARE * consistencyOf(estimate, limits)
  )
}

/** How alike the witnesses are, 0..1. */
export function proximityOf({ meanDistance }: Estimate): number {
  return Math.max(0, 1 - meanDistance / DIAGONAL)
}

/** 1 where the plan is the best by every witness; 0 where it takes twice as long by one of them. */
function consistencyOf({ costs, worlds }: Estimate, limits: SearchLimits): number {
  const { best } = choosePlan(costs, limits)
  let worst = 1
  for (const world of worlds) {
    const regret = makespanUnder(world, best) / choosePlan(world, limits).best.makespanMs
    worst = Math.max(worst, regret)
  }
  return Math.max(0, 2 - worst)
}

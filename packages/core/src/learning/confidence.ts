/**
 * The raw confidence of an estimate, by the formula of `@amorsize/knn`: how near the witnesses are,
 * how many there are, and whether they agree. Witnesses agree where the plan that is chosen is a good
 * one also by the costs that each of them alone would tell, whatever number they put on it.
 */
import { choosePlan } from '../search.ts'
import type { Plan, SearchLimits } from '../search.ts'
import { makespanUnder } from './costs.ts'
import type { Estimate } from './estimate.ts'

const PROXIMITY_SHARE = 0.5
const EVIDENCE_SHARE = 0.2
const CONSISTENCY_SHARE = 0.3

/** Nobody should act on a guess: at most this is claimed for one. */
const GUESS = 0.5

/** From so many runs on, more add no confidence. */
const ENOUGH_EVIDENCE = 20

/** Longest distance of two workloads. */
const DIAGONAL = Math.sqrt(8)

/**
 * The raw confidence, 0..1.
 *
 * @param best - The plan that the estimate leads to.
 */
export function rateEstimate(estimate: Estimate, best: Plan, limits: SearchLimits): number {
  const trust = estimate.isGuess ? GUESS : 1
  return (
    trust *
    (PROXIMITY_SHARE * proximityOf(estimate) +
      EVIDENCE_SHARE * Math.min(1, estimate.evidence / ENOUGH_EVIDENCE) +
      CONSISTENCY_SHARE * consistencyOf(estimate, best, limits))
  )
}

/** How alike the witnesses are, 0..1. */
export function proximityOf({ meanDistance }: Estimate): number {
  return Math.max(0, 1 - meanDistance / DIAGONAL)
}

/** 1 where the plan is the best by every witness; 0 where it takes twice as long by one of them. */
function consistencyOf({ worlds }: Estimate, best: Plan, limits: SearchLimits): number {
  let worst = 1
  for (const world of worlds) {
    const regret = makespanUnder(world, best) / choosePlan(world, limits).best.makespanMs
    worst = Math.max(worst, regret)
  }
  return Math.max(0, 2 - worst)
}

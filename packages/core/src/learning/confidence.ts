/**
 * The raw confidence of an estimate, by the formula of `@amorsize/knn`: how near the witnesses are,
 * how many there are, and whether they agree. Witnesses agree where the plan that is chosen is a good
 * one also by the costs that each of them alone would tell, whatever number they put on it.
 */
import type { Costs } from '../cost-model.ts'
import type { Plan, SearchLimits } from '../search.ts'
import { makespanUnder } from './costs.ts'
import type { Estimate } from './estimate.ts'
import { choosePredictedPlan } from './predicted-plan.ts'

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

/**
 * What is left of a probability that was learned from outcomes, where the question lies outside its
 * witnesses, 0..1. A score may be as low for their number: that few were as good as many says nothing
 * of what is far from all. It costs what it costs the score.
 */
export function trustWithin({ outside }: Estimate): number {
  return 1 - PROXIMITY_SHARE * Math.min(1, outside / DIAGONAL)
}

/** 1 where the plan is the best by every witness; 0 where it takes twice as long by one of them. */
function consistencyOf({ costs, worlds }: Estimate, best: Plan, limits: SearchLimits): number {
  let worst = 1
  for (const world of worlds) {
    if (isAlike(world, costs)) continue
    const regret = makespanUnder(world, best) / choosePredictedPlan(world, limits).best.makespanMs
    worst = Math.max(worst, regret)
  }
  return Math.max(0, 2 - worst)
}

/** Differences at which no other plan becomes better by more than the model's own error. */
const ALIKE_TIME = 0.15
const ALIKE_SHARE = 0.03
const ALIKE_VARIATION = 0.2

/** Whether two accounts lead to the same plan as good as surely: searching takes a while. */
function isAlike(one: Costs, other: Costs): boolean {
  const time = other.workerItemTimeMs
  const cloneMs = Math.abs((one.dispatch?.cloneMs ?? 0) - (other.dispatch?.cloneMs ?? 0))
  return (
    Math.abs(one.workerItemTimeMs - time) <= ALIKE_TIME * time &&
    cloneMs <= ALIKE_SHARE * time &&
    Math.abs(one.contention - other.contention) <= ALIKE_SHARE &&
    Math.abs(one.waitShare - other.waitShare) <= ALIKE_SHARE &&
    Math.abs(one.coefficientOfVariation - other.coefficientOfVariation) <= ALIKE_VARIATION
  )
}

/**
 * How much the workers of a run disturbed each other: by what was measured of the items, or else by
 * the time that the run took. The time of an item beside others is all that most runs measure; what it
 * would have taken alone is told by those that timed it so.
 */
import { usesWorkers } from '../search.ts'
import { sharingOf } from '../worker-pace.ts'
import { hindsightOf, makespanUnder } from './costs.ts'
import type { MachineCosts } from './machine-terms.ts'
import { CONTENTION_RANGE, makespanOf } from './run.ts'
import type { Run } from './run.ts'

/**
 * Share by which an item's time grew for each further worker; `undefined` where a run does not tell.
 *
 * @param machine - Costs of its machine.
 * @param aloneMs - Time of one of its items alone, milliseconds.
 */
export function contentionOf(
  run: Run,
  machine: MachineCosts,
  aloneMs: number = run.features.itemTimeMs,
): number | undefined {
  const { contention, besideMs, waitShare = 0 } = run.costs
  const others = run.plan.nJobs - 1
  if (contention !== undefined || others === 0 || !usesWorkers(run.plan)) return contention
  if (besideMs === undefined) return contentionByMakespan(run, machine, others)
  const sharing = sharingOf(run.plan.nJobs, { waitShare, usableCores: run.usableCores })
  return bounded((besideMs / (sharing * aloneMs) - 1) / others)
}

/** Beside more of it, in units of the work itself, a difference in start and dispatch is no contention. */
const MOST_OVERHEAD = 1

/** What the run took beyond what the model says of workers that do not disturb each other. */
function contentionByMakespan(run: Run, machine: MachineCosts, others: number): number | undefined {
  const { itemCount, features, plan, usableCores } = run
  const workMs = (itemCount * features.itemTimeMs) / Math.min(plan.nJobs, usableCores)
  // Who does not say whether the workers were warm is given the benefit of the doubt.
  const calmMs = makespanUnder(hindsightOf(run, machine, 0, 0), plan)
  if (!(calmMs <= (1 + MOST_OVERHEAD) * workMs)) return undefined
  return bounded((makespanOf(run) - calmMs) / (workMs * others))
}

function bounded(contention: number): number {
  const { least, most } = CONTENTION_RANGE
  return Math.min(most, Math.max(least, contention))
}

/** What a decision was made from, put right by a run that took another time. */
import type { WorkloadFeatures } from '@amorsize/features'

import { ALIKE } from '../batch-spread.ts'
import type { Costs, ThreadKind } from '../cost-model.ts'
import { usesWorkers, WAITING_SHARE } from '../search.ts'
import type { Plan } from '../search.ts'

/** What a run measured: of an item alone its time, milliseconds, and the share of it that waits. */
type Measured = Pick<WorkloadFeatures, 'itemTimeMs' | 'coefficientOfVariation'> & {
  readonly waitShare: number | undefined
}

/**
 * The costs by which a run of this plan would have been foretold.
 *
 * @param mayUseMain - Whether items may run on the calling thread.
 */
export function correctCosts(before: Costs, plan: Plan, run: Measured, mayUseMain: boolean): Costs {
  const { isWeighed: _, ...costs } = before
  const crowded = crowdedCosts(costs, plan, run)
  return crowded ?? waitingCosts(costs, plan, run, timedCosts(costs, plan, run, mayUseMain))
}

/**
 * Workers whose items wait get in the way of what they wait for: the threads that read files, for
 * example, want the same cores. That they took longer than one worker alone is their number's doing
 * then and says nothing of the calling thread; `undefined` where it is not so.
 */
function crowdedCosts(costs: Costs, plan: Plan, run: Measured): Costs | undefined {
  const waitShare = Math.max(costs.waitShare, run.waitShare ?? 0)
  const others = plan.nJobs - 1
  if (!usesWorkers(plan) || others < 1 || waitShare < WAITING_SHARE) return undefined
  // The time alone was told by the contention that was known.
  const besideOthersMs = run.itemTimeMs * (1 + costs.contention * others)
  const slowdown = besideOthersMs / costs.workerItemTimeMs
  if (!(slowdown > 1 && Number.isFinite(slowdown))) return undefined
  return {
    ...costs,
    waitShare,
    contention: (slowdown - 1) / others,
    coefficientOfVariation: variationAfter(costs, run),
  }
}

/**
 * How much the items wait. What many of them at once cost the calling thread is known only from such a
 * run: a run on workers, which get in the way of what their items wait for, does not change it.
 */
function waitingCosts(
  before: Costs,
  { executor }: Plan,
  { waitShare = before.waitShare }: Measured,
  costs: Costs,
): Costs {
  const { mainItemTimeMs: mainMs, waitShare: waitedBefore, timedByRuns = [] } = before
  const isKnown = timedByRuns.includes('main') && waitedBefore >= WAITING_SHARE
  if (executor === 'async' || !isKnown || mainMs === undefined) return { ...costs, waitShare }
  const computingMs = mainMs * (1 - waitedBefore)
  const mainItemTimeMs = computingMs / Math.max(1 - waitShare, LEAST_COMPUTING_SHARE)
  return { ...costs, waitShare, mainItemTimeMs }
}

/** What is divided by is above 0. */
const LEAST_COMPUTING_SHARE = 1e-6

/** The upper end of the feature's range: beyond it nothing is told apart. */
const MOST_VARIATION = 2

/** What disturbs a thread makes either too large: a pause counts as an item that takes as long. */
function variationAfter(costs: Costs, { coefficientOfVariation = 0 }: Measured): number {
  const known = costs.coefficientOfVariation
  return Math.min(known < ALIKE ? MOST_VARIATION : known, coefficientOfVariation)
}

/**
 * Kinds of thread differ by so much, or it is the machine's pace that changed between two runs: cores
 * of a virtual machine were seen to be 2.3 times slower for seconds.
 */
const LEAST_RATIO = 3

/**
 * What was sampled for one kind of thread was off by as much for the other, as far as anyone knows. A
 * whole run that was measured there stands, if what it said is another matter than the machine's pace.
 */
function timedCosts(costs: Costs, plan: Plan, run: Measured, mayUseMain: boolean): Costs {
  const { mainItemTimeMs = costs.workerItemTimeMs, workerItemTimeMs, timedByRuns = [] } = costs
  const { itemTimeMs } = run
  const ranOn: ThreadKind = usesWorkers(plan) ? 'worker' : 'main'
  const expectedMs = usesWorkers(plan) ? workerItemTimeMs : mainItemTimeMs
  const factor = expectedMs > 0 ? itemTimeMs / expectedMs : 1
  const put = (kind: ThreadKind, timeMs: number): number => {
    if (kind === ranOn) return itemTimeMs
    if (!timedByRuns.includes(kind)) return timeMs * factor
    const ratio = timeMs / itemTimeMs
    return Math.max(ratio, 1 / ratio) < LEAST_RATIO ? itemTimeMs : timeMs
  }
  return {
    ...costs,
    mainItemTimeMs: mayUseMain ? put('main', mainItemTimeMs) : undefined,
    workerItemTimeMs: put('worker', workerItemTimeMs),
    coefficientOfVariation: variationAfter(costs, run),
    timedByRuns: [...new Set([...timedByRuns, ranOn])],
  }
}

/**
 * How a prediction would have done on a run, told from what the run measured. A run shows the time of
 * its own plan only; but with its costs measured the cost model knows that of every other. So a
 * prediction from the earlier runs was good if, by the costs that were then measured, its plan was
 * within a fifth of the best, and if the model gave the run's own plan about the time that it took.
 */
import type { Costs } from '../cost-model.ts'
import { choosePlan } from '../search.ts'
import { rateEstimate } from './confidence.ts'
import { hindsightOf, limitsOf, makespanUnder } from './costs.ts'
import type { History } from './history.ts'
import type { Estimate } from './estimate.ts'
import { estimateFromOwn, estimateFromStrangers } from './estimate.ts'
import { queryOf } from './query.ts'
import { makespanOf } from './run.ts'
import type { Run } from './run.ts'

/** A raw confidence and whether the prediction was good, 1 or 0. */
export type Outcome = readonly [confidence: number, isGood: number]

/** What a prediction from the function's own runs, and one from those of others, came to. */
export interface Trial {
  readonly own?: Outcome
  readonly stranger?: Outcome
}

/** A kind of prediction: by the function's own past, or by that of others. */
export type Basis = keyof Trial

/** A plan this far from the best is good. */
export const GOOD_REGRET = 1.2

/** A model that is further off than this, up or down, is not to be asked about other plans. */
const MODEL_TOLERANCE = 1.6

/** Tries to predict a run from those before it, of which it must not be one yet. */
export function tryPredicting(history: History, run: Run): Trial | undefined {
  if (run.isTainted || run.machine === undefined || run.itemCount < 1) return undefined
  const query = queryOf(run)
  const { itemTimeMs: _measured, coefficientOfVariation: _too, ...features } = query.features
  const own = estimateFromOwn(history, { ...query, features })
  const stranger = estimateFromStrangers(history, query)
  const machine = history.machines.costsOf(run.machine, run.features.startMethod)
  const costs = hindsightOf(run, machine)
  return {
    ...(own && { own: judge(own, costs, run) }),
    ...(stranger && { stranger: judge(stranger, costs, run) }),
  }
}

function judge(estimate: Estimate, hindsight: Costs, run: Run): Outcome {
  const limits = limitsOf(run)
  // The estimate is for all items; some of them the run's own decision had computed.
  const itemCount = run.itemCount
  const { best } = choosePlan({ ...estimate.costs, itemCount }, limits)
  const regret = makespanUnder(hindsight, best) / choosePlan(hindsight, limits).best.makespanMs
  const modelError = makespanOf(run) / makespanUnder(hindsight, run.plan)
  const isGood = regret <= GOOD_REGRET && Math.max(modelError, 1 / modelError) <= MODEL_TOLERANCE
  return [rateEstimate(estimate, limits), Number(isGood)]
}

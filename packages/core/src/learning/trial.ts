/**
 * How a prediction would have done on a run, told from what the run measured. A run shows the time of
 * its own plan only; but with its costs measured the cost model knows that of every other. So a
 * prediction from the earlier runs was good if, by the costs that were then measured, its plan was
 * within a fifth of the best, and if the model gave the run's own plan about the time that it took.
 */
import type { Costs } from '../cost-model.ts'
import { choosePlan } from '../search.ts'
import { rateEstimate } from './confidence.ts'
import { contentionOf } from './contention.ts'
import { hindsightOf, limitsOf, makespanUnder } from './costs.ts'
import type { Estimate } from './estimate.ts'
import { estimateFromOwn, estimateFromStrangers } from './estimate.ts'
import type { History } from './history.ts'
import { choosePredictedPlan } from './predicted-plan.ts'
import { queryOf } from './query.ts'
import { makespanOf } from './run.ts'
import type { Run } from './run.ts'

/**
 * A kind of prediction: by the function's own past, or by that of others.
 * @public
 */
export type Basis = 'own' | 'stranger'

/** What a prediction came to. */
export interface Attempt {
  /** The raw confidence, 0..1. */
  readonly confidence: number
  /** Time of its plan over that of the best, by the costs that the run measured; from 1. */
  readonly regret: number
  readonly isGood: boolean
}

/** What a prediction of each kind came to. */
export type Attempts = Readonly<Partial<Record<Basis, Attempt>>>

/**
 * A raw confidence, 0..1, and whether the prediction was good, 1 or 0.
 * @public
 */
export type Outcome = readonly [confidence: number, isGood: number]

/**
 * What predictions of a run from those before it came to, as a sample keeps it.
 * @public
 */
export interface Trial {
  /** Digest of the settings that they were made with: in every store the same. */
  readonly model: number
  /** By the function's own runs. */
  readonly own?: Outcome
  /** By those of others, the item time given. */
  readonly stranger?: Outcome
}

/** A plan this far from the best is good: what a confidence is the probability of. */
const GOOD_REGRET = 1.2

/** A model that is further off than this, up or down, is not to be asked about other plans. */
const MODEL_TOLERANCE = 2

/**
 * Tries to predict a run from those before it, of which it must not be one yet. A run that cannot tell
 * whether a prediction was good makes no attempt of it.
 */
export function attemptOn(history: History, run: Run): Attempts {
  if (run.isTainted || run.machine === undefined || run.itemCount < 1) return {}
  // Who asks about a stranger knows its item time; about a function that has run, nothing more.
  const { itemTimeMs, startMethod } = run.features
  const own = estimateFromOwn(history, queryOf(run, undefined))
  const stranger = estimateFromStrangers(history, queryOf(run, itemTimeMs))
  const machine = history.machines.costsOf(run.machine, startMethod)
  const told = contentionOf(run, machine)
  const attempt = (estimate: Estimate): Attempt | undefined => {
    // What the run does not tell may be as it is usually, or as it was thought to be.
    const contentions =
      told === undefined ? [machine.contention, estimate.costs.contention] : [told]
    const [first, ...others] = [...new Set(contentions)].map((contention) =>
      judge(estimate, hindsightOf(run, machine, contention), run),
    )
    return others.every(({ isGood }) => isGood === first?.isGood) ? first : undefined
  }
  return {
    // What is no more than a guess says nothing of what estimates are worth.
    ...withAttempt('own', own && !own.isGuess ? attempt(own) : undefined),
    ...withAttempt('stranger', stranger && attempt(stranger)),
  }
}

function withAttempt(basis: Basis, attempt: Attempt | undefined): Attempts {
  return attempt ? { [basis]: attempt } : {}
}

/** What a sample keeps of attempts; `undefined` where there was none. */
export function trialOf({ own, stranger }: Attempts, model: number): Trial | undefined {
  if (!own && !stranger) return undefined
  return {
    model,
    ...(own && { own: outcomeOf(own) }),
    ...(stranger && { stranger: outcomeOf(stranger) }),
  }
}

function judge(estimate: Estimate, hindsight: Costs, run: Run): Attempt {
  const limits = limitsOf(run)
  // The estimate is for all items; some of them the run's own decision had computed.
  const { best } = choosePredictedPlan({ ...estimate.costs, itemCount: run.itemCount }, limits)
  const regret = makespanUnder(hindsight, best) / choosePlan(hindsight, limits).best.makespanMs
  const modelError = makespanOf(run) / makespanUnder(hindsight, run.plan)
  const isModelRight = Math.max(modelError, 1 / modelError) <= MODEL_TOLERANCE
  return {
    confidence: rateEstimate(estimate, best, limits),
    regret: Math.max(1, regret),
    isGood: isModelRight && regret <= GOOD_REGRET,
  }
}

/** Confidences are kept to four digits: a history holds many. */
const KEPT_DIGITS = 1e4

function outcomeOf({ confidence, isGood }: Attempt): Outcome {
  return [Math.round(confidence * KEPT_DIGITS) / KEPT_DIGITS, Number(isGood)]
}

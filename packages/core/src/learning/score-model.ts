/** How good settings are on a history: each run predicted from those before it, as they came. */
import { measureReliability } from '@amorsize/knn'
import type { ConfidenceOutcome } from '@amorsize/knn'

import { History } from './history.ts'
import type { Run } from './run.ts'
import type { ModelSettings } from './settings.ts'
import { attemptOn, trialOf } from './trial.ts'
import type { Basis } from './trial.ts'

/**
 * How a model predicts runs that it has not seen.
 * @public
 */
export interface ModelScore {
  /** Runs that were predicted. */
  readonly predictions: number
  /** Mean time of the predicted plan over that of the best, by the costs measured; 1 without any. */
  readonly meanRegret: number
  /** Share of plans within 20 % of the best, 0..1. */
  readonly goodShare: number
  /** Mean distance of confidence and outcome, 0..1; `undefined` without predictions. */
  readonly expectedCalibrationError: number | undefined
}

/** Runs before which a model is not judged: it has not seen anything. */
const FIRST_JUDGED = 20

/** Scores settings on runs, the oldest first. A known function is predicted as a known one. */
export function scoreModel(runs: readonly Run[], settings: ModelSettings): ModelScore {
  const history = new History(settings)
  const outcomes: ConfidenceOutcome[] = []
  let regrets = 0
  for (const [place, run] of runs.entries()) {
    const attempts = attemptOn(history, run)
    const basis: Basis = attempts.own ? 'own' : 'stranger'
    const attempt = attempts[basis]
    if (attempt && place >= FIRST_JUDGED) {
      const { confidence } = history.track.judge(attempt.confidence, basis, run.signature)
      outcomes.push({ confidence, observed: attempt.isGood })
      regrets += attempt.regret
    }
    history.add({ ...run, trial: trialOf(attempts, history.settingsDigest) })
  }
  const good = outcomes.filter(({ observed }) => observed).length
  const predictions = outcomes.length
  return {
    predictions,
    meanRegret: predictions === 0 ? 1 : regrets / predictions,
    goodShare: predictions === 0 ? 0 : good / predictions,
    expectedCalibrationError: measureReliability(outcomes).expectedCalibrationError,
  }
}

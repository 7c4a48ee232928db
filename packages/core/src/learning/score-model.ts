/** How good settings are on a history: each run predicted from those before it, as they came. */
import { AccuracyTracker } from '@amorsize/knn'
import type { TimelineSegment } from '@amorsize/knn'

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
  /**
   * The same over consecutive stretches of the history, the oldest first: a machine or data that
   * changed shows as a fall, and learning as a rise. Empty without predictions.
   */
  readonly goodShareOverTime: readonly TimelineSegment[]
  /** Mean distance of confidence and outcome, 0..1; `undefined` without predictions. */
  readonly expectedCalibrationError: number | undefined
}

/** Runs before which a model is not judged: it has not seen anything. */
const FIRST_JUDGED = 20

/** What every prediction claims of its plan. */
const GOOD = { good: 1 }

/** Scores settings on runs, the oldest first. A known function is predicted as a known one. */
export function scoreModel(runs: readonly Run[], settings: ModelSettings): ModelScore {
  const history = new History(settings)
  const tracker = new AccuracyTracker({ window: Math.max(1, runs.length) })
  let regrets = 0
  for (const [place, run] of runs.entries()) {
    const attempts = attemptOn(history, run)
    const basis: Basis = attempts.own ? 'own' : 'stranger'
    const attempt = attempts[basis]
    if (attempt && place >= FIRST_JUDGED) {
      const { confidence } = history.track.judge(attempt.confidence, basis, run.signature)
      const actual = { good: Number(attempt.isGood) }
      tracker.record({ predicted: GOOD, actual, confidence, isRight: attempt.isGood })
      regrets += attempt.regret
    }
    history.add({ ...run, trial: trialOf(attempts, history.settingsDigest) })
  }
  const summary = tracker.summary()
  const { count: predictions, expectedCalibrationError } = summary
  return {
    predictions,
    meanRegret: predictions === 0 ? 1 : regrets / predictions,
    goodShare: summary.meanAccuracy ?? 0,
    goodShareOverTime: summary.accuracyOverTime,
    expectedCalibrationError,
  }
}

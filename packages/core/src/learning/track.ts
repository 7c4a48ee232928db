/**
 * How past predictions did: what turns a raw confidence into the probability of a good plan, and what
 * notices that a function or the machine is no longer what it was.
 */
import { Calibrator } from '@amorsize/knn'

import type { Run } from './run.ts'
import type { Basis, Outcome } from './trial.ts'

/** Outcomes that a probability is learned from; fitting them takes a tenth of a millisecond. */
const LEARNED_OUTCOMES = 500

/** The latest outcomes of a function. */
const WATCHED_OUTCOMES = 10

/** Share by which a good prediction may be less sure than it was without being doubted for it. */
const SLACK = 0.2

/** A confidence and where it comes from. */
export interface JudgedConfidence {
  readonly confidence: number
  readonly confidenceSource: 'raw' | 'calibrated'
}

/** The outcomes of predictions. */
export class Track {
  readonly #calibrators: Record<Basis, Calibrator> = {
    own: new Calibrator({ capacity: LEARNED_OUTCOMES }),
    stranger: new Calibrator({ capacity: LEARNED_OUTCOMES }),
  }
  readonly #ofFunction = new Map<string, Outcome[]>()

  add({ signature, trial }: Run): void {
    if (!trial) return
    for (const basis of ['own', 'stranger'] as const) {
      const outcome = trial[basis]
      if (!outcome) continue
      this.#calibrators[basis].record({ confidence: outcome[0], observed: outcome[1] })
    }
    if (!trial.own) return
    const latest = this.#ofFunction.get(signature)
    if (!latest) this.#ofFunction.set(signature, [trial.own])
    else {
      latest.push(trial.own)
      if (latest.length > WATCHED_OUTCOMES) latest.shift()
    }
  }

  /** The probability of a good plan, as far as outcomes tell it. */
  judge(raw: number, basis: Basis, signature: string): JudgedConfidence {
    const calibrator = this.#calibrators[basis]
    const trust = basis === 'own' ? 1 / (1 + this.#doubtOf(signature)) : 1
    return {
      confidence: calibrator.calibrate(raw) * trust,
      confidenceSource: calibrator.isReady ? 'calibrated' : 'raw',
    }
  }

  /**
   * How much the latest predictions of a function promised more than they kept, from 0.
   * @see Page, "Continuous inspection schemes", Biometrika 41, 1954: the cumulative sum, one-sided.
   */
  #doubtOf(signature: string): number {
    let doubt = 0
    for (const [confidence, isGood] of this.#ofFunction.get(signature) ?? []) {
      doubt = Math.max(0, doubt + confidence - isGood - SLACK)
    }
    return doubt
  }
}

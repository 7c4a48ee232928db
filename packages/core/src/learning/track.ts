/**
 * How past predictions did: what turns a raw confidence into the probability of a good plan, and what
 * notices that a function or the machine is no longer what it was.
 */
import { Calibrator } from '@amorsize/knn'

import type { Run } from './run.ts'
import type { RunTable } from './run-table.ts'
import type { Basis, Outcome } from './trial.ts'

/** Outcomes that a probability is learned from; fitting them takes a tenth of a millisecond. */
const LEARNED_OUTCOMES = 500

/**
 * From so many on a probability is told. Runs of a function come out alike, so that a group of outcomes
 * may be one function's: the base rate counts as much as some six runs. Chosen by `pnpm bench learning`
 * and `learning-real` (docs/learning.md).
 */
const CALIBRATION = { capacity: LEARNED_OUTCOMES, minOutcomes: 10, priorStrength: 6 }

/** The latest outcomes of a function. */
const WATCHED_OUTCOMES = 10

/** Share by which a good prediction may be less sure than it was without being doubted for it. */
const SLACK = 0.2

/** Doubt that may be chance: that of one bad outcome. Two in a row take a confidence below the usual threshold. */
const USUAL_DOUBT = 0.7

/**
 * A confidence and where it comes from.
 * @public
 */
export interface JudgedConfidence {
  /** How far a prediction is to be trusted, 0..1. */
  readonly confidence: number
  /** `calibrated` where it is a probability learned from outcomes; `raw` where it is a score still. */
  readonly confidenceSource: 'raw' | 'calibrated'
}

/** The outcomes of predictions. */
export class Track {
  /** Runs before those that are added. */
  readonly #past: RunTable | undefined
  readonly #calibrators: Partial<Record<Basis, Calibrator>> = {}
  readonly #ofFunction = new Map<string, Outcome[]>()

  constructor(past?: RunTable) {
    this.#past = past
  }

  add({ signature, trial }: Run): void {
    if (!trial) return
    for (const basis of ['own', 'stranger'] as const) {
      const outcome = trial[basis]
      if (outcome) record(this.#calibratorOf(basis), outcome)
    }
    if (!trial.own) return
    const latest = this.#outcomesOf(signature)
    latest.push(trial.own)
    this.#ofFunction.set(signature, latest)
    if (latest.length > WATCHED_OUTCOMES) latest.shift()
  }

  /** Forgets the latest outcomes of a function, of which no run is left. */
  forget(signature: string): void {
    this.#ofFunction.delete(signature)
  }

  /** The probability of a good plan, as far as outcomes tell it. */
  judge(raw: number, basis: Basis, signature: string): JudgedConfidence {
    const calibrator = this.#calibratorOf(basis)
    const trust = basis === 'own' ? 1 / (1 + this.#doubtOf(signature)) : 1
    return {
      confidence: calibrator.calibrate(raw) * trust,
      confidenceSource: calibrator.isReady ? 'calibrated' : 'raw',
    }
  }

  /**
   * How much more than usual the latest predictions of a function promised than they kept, from 0.
   * @see Page, "Continuous inspection schemes", Biometrika 41, 1954: the cumulative sum, one-sided, and
   * what it may reach by chance.
   */
  #doubtOf(signature: string): number {
    let doubt = 0
    for (const [confidence, isGood] of this.#outcomesOf(signature)) {
      doubt = Math.max(0, doubt + confidence - isGood - SLACK)
    }
    return Math.max(0, doubt - USUAL_DOUBT)
  }

  #calibratorOf(basis: Basis): Calibrator {
    const known = this.#calibrators[basis]
    if (known) return known
    const calibrator = new Calibrator(CALIBRATION)
    const past = this.#past?.latestOutcomes(basis, LEARNED_OUTCOMES) ?? []
    for (const outcome of past) record(calibrator, outcome)
    this.#calibrators[basis] = calibrator
    return calibrator
  }

  #outcomesOf(signature: string): Outcome[] {
    const known = this.#ofFunction.get(signature)
    if (known) return known
    if (!this.#past?.hasFunction(signature)) return []
    const past = this.#past.latestOutcomes('own', WATCHED_OUTCOMES, signature)
    this.#ofFunction.set(signature, past)
    return past
  }
}

function record(calibrator: Calibrator, [confidence, observed]: Outcome): void {
  calibrator.record({ confidence, observed })
}

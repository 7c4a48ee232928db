/**
 * Prediction intervals that hold by construction. The errors of earlier predictions, each divided by
 * how difficult its prediction was, are ranked; the error of the next one is as likely to fall
 * between any two of them. From that alone, whatever the distribution and however good the
 * predictor, an interval as wide as the right rank covers the truth as often as it promises. It
 * asks that past and future outcomes are exchangeable: a machine or a workload that changes breaks
 * it until the window has passed.
 */
import { type DocumentKind, readDocument, requireArray, requireField } from './document.ts'
import { InvalidOutcomeError, KnnOptionError } from './errors.ts'
import { integerOption, requireOptionsObject, type TargetScale } from './options.ts'
import { RollingWindow } from './rolling-window.ts'
import { isMagnitude, isNumberIn, isRecord, isWeight, MAX_MAGNITUDE } from './validation.ts'

const DEFAULT_CAPACITY = 1000
const MAX_CAPACITY = 1e6
const DEFAULT_COVERAGE = 0.9
/** Forgives the rounding of `(n + 1) x coverage`, which should be a whole number for 0.95 of 19. */
const RANK_ROUNDING = 1e-9

const CONFORMAL_DOCUMENT: DocumentKind<'amorsize-knn-conformal', 1> = {
  format: 'amorsize-knn-conformal',
  version: 1,
}

/**
 * Options of a `ConformalCalibrator`.
 *
 * @public
 */
export interface ConformalOptions {
  /**
   * Whether errors are differences or, for values above 0 that differ by factors, ratios.
   *
   * @defaultValue `'linear'`
   */
  readonly scale?: TargetScale
  /**
   * How many of the latest outcomes are ranked, an integer from 1 to 1,000,000.
   *
   * @defaultValue `1000`
   */
  readonly capacity?: number
}

/**
 * A predicted value and what happened.
 *
 * @public
 */
export interface NumericOutcome {
  /** What was predicted; above 0 on the `'log'` scale. */
  readonly predicted: number
  /** What happened; above 0 on the `'log'` scale. */
  readonly actual: number
  /**
   * How large an error was to be expected, above 0, in any unit that is kept: for instance 0.1 more
   * than the mean distance of the neighbours.
   *
   * @defaultValue `1`
   */
  readonly difficulty?: number
}

/**
 * Options of `ConformalCalibrator.interval`.
 *
 * @public
 */
export interface IntervalOptions {
  /**
   * How often the interval is to hold the truth, between 0 and 1.
   *
   * @defaultValue `0.9`
   */
  readonly coverage?: number
  /**
   * How difficult this prediction is, in the unit of the recorded difficulties.
   *
   * @defaultValue `1`
   */
  readonly difficulty?: number
}

/**
 * A range of values, its ends included.
 *
 * @public
 */
export interface Interval {
  /** Smallest value. */
  readonly low: number
  /** Largest value. */
  readonly high: number
}

/**
 * A `ConformalCalibrator` as plain data.
 *
 * @public
 */
export interface ConformalDocument {
  /** Names the kind of document. */
  readonly format: 'amorsize-knn-conformal'
  /** Version of the format. */
  readonly version: 1
  /** Whether errors are differences or ratios. */
  readonly scale: TargetScale
  /** How many errors are kept. */
  readonly capacity: number
  /** Errors over difficulty, oldest first. */
  readonly scores: readonly number[]
}

/**
 * Says how far a prediction may be off, with a guarantee: over exchangeable outcomes the interval
 * holds the truth with at least the probability asked for, from `1 / (1 - coverage) - 1` outcomes
 * on (9 for 0.9, 19 for 0.95).
 *
 * @example
 * ```ts
 * import { ConformalCalibrator } from '@amorsize/knn'
 *
 * const calibrator = new ConformalCalibrator()
 * for (let error = 1; error <= 9; error++) calibrator.record({ predicted: 100, actual: 100 + error })
 * calibrator.interval(50, { coverage: 0.8 }) // => { low: 42, high: 58 }
 * calibrator.interval(50, { coverage: 0.95 }) // => undefined
 * ```
 *
 * @see Papadopoulos, Vovk and Gammerman, "Regression conformal prediction with nearest neighbours",
 *   Journal of Artificial Intelligence Research 40, 2011 (the inductive form, normalised).
 *
 * @public
 */
export class ConformalCalibrator {
  readonly #scale: TargetScale
  readonly #scores: RollingWindow<number>
  /** Ascending; sorted when first asked for after a change. */
  #ranked: Float64Array | undefined

  /** @throws {@link KnnOptionError} (`AMORSIZE_KNN_INVALID_OPTION`). */
  constructor(options: ConformalOptions = {}) {
    const { scale = 'linear', capacity = DEFAULT_CAPACITY } = requireOptionsObject(options)
    if (scale !== 'linear' && scale !== 'log') {
      throw new KnnOptionError("`scale` to be 'linear' or 'log'", scale, "Leave out for 'linear'.")
    }
    this.#scale = scale
    this.#scores = new RollingWindow(integerOption('capacity', capacity, MAX_CAPACITY))
  }

  /** Number of outcomes learned from. */
  get size(): number {
    return this.#scores.size
  }

  /**
   * Learns how far one prediction was off. The prediction must not have used its own outcome.
   *
   * @returns this calibrator.
   * @throws {@link InvalidOutcomeError} (`AMORSIZE_KNN_INVALID_OUTCOME`); nothing is learned then.
   */
  record(outcome: NumericOutcome): this {
    if (!isRecord(outcome)) {
      const remedy = 'Pass { predicted, actual }.'
      throw new InvalidOutcomeError('an outcome to be an object', outcome, remedy)
    }
    const predicted = this.#checkValue('predicted', outcome.predicted)
    const actual = this.#checkValue('actual', outcome.actual)
    const difficulty = checkDifficulty(outcome.difficulty)
    this.#scores.push(Math.abs(this.#transform(actual) - this.#transform(predicted)) / difficulty)
    this.#ranked = undefined
    return this
  }

  /**
   * The interval around a prediction that holds the truth with at least the probability asked for.
   *
   * @param predicted - What is predicted; above 0 on the `'log'` scale.
   * @returns the interval; `undefined` where there are too few outcomes for the coverage.
   * @throws {@link InvalidOutcomeError} or {@link KnnOptionError}.
   */
  interval(predicted: number, options: IntervalOptions = {}): Interval | undefined {
    const { coverage = DEFAULT_COVERAGE, difficulty } = requireOptionsObject(options)
    const center = this.#transform(this.#checkValue('predicted', predicted))
    const quantile = this.#quantile(coverage)
    const scale = checkDifficulty(difficulty)
    if (quantile === undefined) return undefined
    const margin = quantile * scale
    if (this.#scale === 'linear') return { low: center - margin, high: center + margin }
    return { low: Math.exp(center - margin), high: Math.exp(center + margin) }
  }

  /** Everything the calibrator knows, as plain data. */
  toJSON(): ConformalDocument {
    return {
      ...CONFORMAL_DOCUMENT,
      scale: this.#scale,
      capacity: this.#scores.capacity,
      scores: this.#scores.toArray(),
    }
  }

  /**
   * Makes a calibrator of what `toJSON` returned, or of the text `JSON.stringify` made of it.
   *
   * @throws `KnnDocumentError` (`AMORSIZE_KNN_INVALID_DOCUMENT`) or
   *   `KnnVersionError` (`AMORSIZE_KNN_UNSUPPORTED_VERSION`).
   */
  static fromJSON(document: unknown): ConformalCalibrator {
    return readDocument(document, CONFORMAL_DOCUMENT, (fields) => {
      const calibrator = new ConformalCalibrator({
        scale: requireField(fields, 'scale', isScale, "'linear' or 'log'"),
        capacity: requireField(fields, 'capacity', isScore, 'a whole number'),
      })
      const scores = requireArray('`scores`', fields['scores'])
      for (const score of scores) {
        calibrator.#scores.push(requireField({ score }, 'score', isScore, 'a number from 0'))
      }
      return calibrator
    })
  }

  /** The error that the wanted share of outcomes stays within, counting the one to come. */
  #quantile(coverage: unknown): number | undefined {
    if (!isNumberIn(coverage, Number.MIN_VALUE, 1 - Number.EPSILON)) {
      const expectation = '`coverage` to be a number between 0 and 1'
      throw new KnnOptionError(expectation, coverage, 'Leave it out for 0.9.')
    }
    this.#ranked ??= Float64Array.from(this.#scores.toArray()).toSorted()
    const rank = Math.max(1, Math.ceil((this.size + 1) * coverage - RANK_ROUNDING))
    return this.#ranked[rank - 1]
  }

  #transform(value: number): number {
    return this.#scale === 'log' ? Math.log(value) : value
  }

  #checkValue(name: string, value: unknown): number {
    if (isMagnitude(value) && (this.#scale === 'linear' || isWeight(value))) return value
    const range = this.#scale === 'log' ? 'above 0' : 'finite'
    const expectation = `\`${name}\` to be a ${range} number up to ${MAX_MAGNITUDE}`
    throw new InvalidOutcomeError(expectation, value, 'Leave out what was not measured.')
  }
}

function checkDifficulty(difficulty: unknown = 1): number {
  if (isWeight(difficulty)) return difficulty
  const expectation = '`difficulty` to be a number above 0'
  throw new InvalidOutcomeError(expectation, difficulty, 'Leave it out for 1.')
}

function isScale(value: unknown): value is TargetScale {
  return value === 'linear' || value === 'log'
}

function isScore(value: unknown): value is number {
  return isNumberIn(value, 0, Number.MAX_VALUE)
}

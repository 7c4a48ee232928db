/**
 * Turns a confidence into the probability that it holds, learned from what earlier confidences came
 * to. The outcomes are sorted by confidence and cut into groups of about the square root of their
 * number; each group also counts a pseudo-outcome at the base rate, so that a few lucky ones do not
 * become certainty; then the groups are made monotone, and a line joins their means. Nor is any
 * probability beyond what Laplace's rule of succession grants as many outcomes all alike. Below the
 * lowest group the line goes to the origin: outcomes of high confidences say nothing good of low ones.
 */
import { type DocumentKind, readDocument, requireArray, requireField } from './document.ts'
import { KnnOptionError } from './errors.ts'
import { fitIsotonic, type WeightedPoint } from './isotonic.ts'
import { integerOption, requireOptionsObject } from './options.ts'
import { checkConfidence, checkConfidenceOutcome, type ConfidenceOutcome } from './reliability.ts'
import { RollingWindow } from './rolling-window.ts'
import { isNumberIn } from './validation.ts'

const DEFAULT_MIN_OUTCOMES = 20
/** Nearest to the truth on average for 20 to 1000 outcomes. Chosen by `bench/calibrator.bench.mjs`. */
const DEFAULT_PRIOR_STRENGTH = 1
const DEFAULT_CAPACITY = 2000
const MAX_CAPACITY = 1e6
const MAX_PRIOR_STRENGTH = 1e6

const CALIBRATOR_DOCUMENT: DocumentKind<'amorsize-knn-calibrator', 1> = {
  format: 'amorsize-knn-calibrator',
  version: 1,
}

/**
 * Options of a `Calibrator`.
 *
 * @public
 */
export interface CalibratorOptions {
  /**
   * Below this many outcomes a confidence is returned as it is, an integer from 1.
   *
   * @defaultValue `20`
   */
  readonly minOutcomes?: number
  /**
   * Pseudo-outcomes at the base rate that every group counts, 0 to 1,000,000; 0 trusts the outcomes
   * alone.
   *
   * @defaultValue `1`
   */
  readonly priorStrength?: number
  /**
   * How many of the latest outcomes are learned from, an integer from 1 to 1,000,000.
   *
   * @defaultValue `2000`
   */
  readonly capacity?: number
}

/**
 * A `Calibrator` as plain data.
 *
 * @public
 */
export interface CalibratorDocument {
  /** Names the kind of document. */
  readonly format: 'amorsize-knn-calibrator'
  /** Version of the format. */
  readonly version: 1
  /** Below this many outcomes nothing is changed. */
  readonly minOutcomes: number
  /** Pseudo-outcomes of each group. */
  readonly priorStrength: number
  /** How many outcomes are kept. */
  readonly capacity: number
  /** Confidence and what was observed, 0 to 1, oldest first. */
  readonly outcomes: readonly (readonly [confidence: number, observed: number])[]
}

interface Outcome {
  readonly confidence: number
  readonly observed: number
}

/**
 * Learns what confidences are worth. The map is monotone, so the order of predictions is kept.
 *
 * @example
 * ```ts
 * import { Calibrator } from '@amorsize/knn'
 *
 * const calibrator = new Calibrator()
 * for (let i = 0; i < 100; i++) calibrator.record({ confidence: 0.9, observed: i % 2 === 0 })
 * calibrator.calibrate(0.9) // => 0.5
 * ```
 *
 * @public
 */
export class Calibrator {
  readonly #minOutcomes: number
  readonly #priorStrength: number
  readonly #outcomes: RollingWindow<Outcome>
  /** Fitted when first asked for after a change. */
  #curve: readonly WeightedPoint[] | undefined

  /** @throws {@link KnnOptionError} (`AMORSIZE_KNN_INVALID_OPTION`). */
  constructor(options: CalibratorOptions = {}) {
    const {
      minOutcomes = DEFAULT_MIN_OUTCOMES,
      priorStrength = DEFAULT_PRIOR_STRENGTH,
      capacity = DEFAULT_CAPACITY,
    } = requireOptionsObject(options)
    this.#minOutcomes = integerOption('minOutcomes', minOutcomes)
    this.#priorStrength = checkPriorStrength(priorStrength)
    this.#outcomes = new RollingWindow(integerOption('capacity', capacity, MAX_CAPACITY))
  }

  /** Number of outcomes learned from. */
  get size(): number {
    return this.#outcomes.size
  }

  /** Whether there are enough outcomes to say more than the confidence itself. */
  get isReady(): boolean {
    return this.size >= this.#minOutcomes
  }

  /**
   * Learns what a confidence came to.
   *
   * @returns this calibrator.
   * @throws `InvalidOutcomeError` (`AMORSIZE_KNN_INVALID_OUTCOME`); nothing is learned then.
   */
  record(outcome: ConfidenceOutcome): this {
    this.#outcomes.push(checkConfidenceOutcome(outcome))
    this.#curve = undefined
    return this
  }

  /**
   * The probability that a claim of this confidence holds, 0 to 1; the confidence itself as long as
   * the calibrator is not ready.
   *
   * @param confidence - What is claimed, 0 to 1.
   * @throws `InvalidOutcomeError` (`AMORSIZE_KNN_INVALID_OUTCOME`).
   */
  calibrate(confidence: number): number {
    const claimed = checkConfidence(confidence)
    if (!this.isReady) return claimed
    this.#curve ??= fitCurve(this.#outcomes.toArray(), this.#priorStrength)
    return interpolate(this.#curve, claimed)
  }

  /** Everything the calibrator knows, as plain data. */
  toJSON(): CalibratorDocument {
    return {
      ...CALIBRATOR_DOCUMENT,
      minOutcomes: this.#minOutcomes,
      priorStrength: this.#priorStrength,
      capacity: this.#outcomes.capacity,
      outcomes: this.#outcomes
        .toArray()
        .map(({ confidence, observed }) => [confidence, observed] as const),
    }
  }

  /**
   * Makes a calibrator of what `toJSON` returned, or of the text `JSON.stringify` made of it.
   *
   * @throws `KnnDocumentError` (`AMORSIZE_KNN_INVALID_DOCUMENT`) or
   *   `KnnVersionError` (`AMORSIZE_KNN_UNSUPPORTED_VERSION`).
   */
  static fromJSON(document: unknown): Calibrator {
    return readDocument(document, CALIBRATOR_DOCUMENT, (fields) => {
      const calibrator = new Calibrator({
        minOutcomes: requireField(fields, 'minOutcomes', isNumber, 'a number'),
        priorStrength: requireField(fields, 'priorStrength', isNumber, 'a number'),
        capacity: requireField(fields, 'capacity', isNumber, 'a number'),
      })
      for (const outcome of requireArray('`outcomes`', fields['outcomes'])) {
        const [confidence, observed] = requireArray('an outcome', outcome, 2)
        calibrator.#outcomes.push(checkConfidenceOutcome({ confidence, observed }))
      }
      return calibrator
    })
  }
}

/** Mean confidence of each group, ascending, and the probability there, non-decreasing. */
function fitCurve(outcomes: readonly Outcome[], priorStrength: number): readonly WeightedPoint[] {
  const observed = outcomes.reduce((sum, outcome) => sum + outcome.observed, 0)
  const baseRate = (observed + 1) / (outcomes.length + 2)
  const points = groupByConfidence(outcomes).map((group): WeightedPoint => {
    const weight = group.length + priorStrength
    const held = group.reduce((sum, outcome) => sum + outcome.observed, priorStrength * baseRate)
    const x = group.reduce((sum, { confidence }) => sum + confidence, 0) / group.length
    return { x, y: held / weight, weight }
  })
  const least = 1 / (outcomes.length + 2)
  const values = fitIsotonic(points).map((value) => Math.min(Math.max(value, least), 1 - least))
  const curve = points.map(({ x, weight }, i) => ({ x, y: values[i]!, weight }))
  // Of less than was ever claimed nothing is known: it is worth no more than in proportion.
  return points[0]!.x > 0 ? [{ x: 0, y: least, weight: 0 }, ...curve] : curve
}

/** Equal confidences stay together, so that the groups have different means. */
function groupByConfidence(outcomes: readonly Outcome[]): Outcome[][] {
  const size = Math.round(Math.sqrt(outcomes.length))
  const groups: Outcome[][] = []
  for (const outcome of outcomes.toSorted((a, b) => a.confidence - b.confidence)) {
    const last = groups.at(-1)
    const isOpen = last && (last.length < size || last.at(-1)?.confidence === outcome.confidence)
    if (isOpen) last.push(outcome)
    else groups.push([outcome])
  }
  return groups
}

/** Linear between points, constant beyond them. */
function interpolate(points: readonly WeightedPoint[], x: number): number {
  const next = points.findIndex((point) => point.x >= x)
  // At least one point: a curve is fitted to at least one outcome.
  if (next === -1) return points.at(-1)!.y
  const right = points[next]!
  const left = points[next - 1]
  if (left === undefined) return right.y
  const share = (x - left.x) / (right.x - left.x)
  return Math.min(left.y + (right.y - left.y) * share, right.y)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function checkPriorStrength(priorStrength: unknown): number {
  if (isNumberIn(priorStrength, 0, MAX_PRIOR_STRENGTH)) return priorStrength
  const expectation = '`priorStrength` to be a number from 0'
  throw new KnnOptionError(expectation, priorStrength, 'Leave it out for 1.')
}

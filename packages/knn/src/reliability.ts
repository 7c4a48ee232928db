/** Whether confidences mean what they say: claimed against observed. */
import { InvalidOutcomeError } from './errors.ts'
import { integerOption } from './options.ts'
import { isNumberIn, isRecord } from './validation.ts'

const DEFAULT_BINS = 10
const MAX_BINS = 1000

/**
 * A claim and what came of it.
 *
 * @public
 */
export interface ConfidenceOutcome {
  /** What was claimed, 0 to 1. */
  readonly confidence: number
  /** What came: whether it held, or how well it did from 0 to 1. */
  readonly observed: boolean | number
}

/**
 * Claims of about the same confidence, and how often they held.
 *
 * @public
 */
export interface ReliabilityBin {
  /** Smallest confidence of the bin, included. */
  readonly from: number
  /** Largest confidence of the bin, excluded but in the last bin. */
  readonly to: number
  /** Number of claims in the bin. */
  readonly count: number
  /** Mean claimed confidence; the middle of the bin where it is empty. */
  readonly claimed: number
  /** Share of the claims that held; `undefined` where the bin is empty. */
  readonly observed: number | undefined
}

/**
 * How well confidences and outcomes agree.
 *
 * @public
 */
export interface Reliability {
  /** Number of claims. */
  readonly count: number
  /** Bins of equal width over 0 .. 1, in order. */
  readonly bins: readonly ReliabilityBin[]
  /**
   * Mean over the claims of the distance between claimed and observed in their bin, 0 to 1;
   * `undefined` without a claim. Biased upwards where bins hold few claims.
   */
  readonly expectedCalibrationError: number | undefined
  /** Mean squared distance between confidence and outcome, 0 to 1; `undefined` without a claim. */
  readonly brierScore: number | undefined
}

/**
 * Compares claimed confidences with what came of them.
 *
 * @param outcomes - Claims and what came of them.
 * @param bins - Number of bins of equal width, an integer from 1 to 1000.
 * @throws {@link InvalidOutcomeError} (`AMORSIZE_KNN_INVALID_OUTCOME`) or
 *   `KnnOptionError` (`AMORSIZE_KNN_INVALID_OPTION`).
 * @see Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
 *   binning", AAAI 2015, for the expected calibration error; Brier, "Verification of forecasts
 *   expressed in terms of probability", Monthly Weather Review 78(1), 1950.
 *
 * @public
 */
export function measureReliability(
  outcomes: Iterable<ConfidenceOutcome>,
  bins: number = DEFAULT_BINS,
): Reliability {
  const binCount = integerOption('bins', bins, MAX_BINS)
  const sums = Array.from({ length: binCount }, () => ({ count: 0, claimed: 0, observed: 0 }))
  let count = 0
  let squares = 0
  for (const outcome of outcomes) {
    const { confidence, observed } = checkConfidenceOutcome(outcome)
    const sum = sums[binOf(confidence, binCount)]!
    sum.count++
    sum.claimed += confidence
    sum.observed += observed
    squares += (confidence - observed) ** 2
    count++
  }

  const gaps = sums.reduce((total, sum) => total + Math.abs(sum.claimed - sum.observed), 0)
  return {
    count,
    bins: sums.map((sum, bin) => summarizeBin(sum, bin, binCount)),
    expectedCalibrationError: count === 0 ? undefined : gaps / count,
    brierScore: count === 0 ? undefined : squares / count,
  }
}

/** The outcome with what was observed as a number. */
export function checkConfidenceOutcome(outcome: unknown): { confidence: number; observed: number } {
  if (!isRecord(outcome)) {
    const remedy = 'Pass { confidence, observed }.'
    throw new InvalidOutcomeError('an outcome to be an object', outcome, remedy)
  }
  const confidence = checkConfidence(outcome['confidence'])
  const observed = outcome['observed']
  if (typeof observed === 'boolean') return { confidence, observed: Number(observed) }
  if (isNumberIn(observed, 0, 1)) return { confidence, observed }
  const expectation = '`observed` to be a boolean or a number from 0 to 1'
  throw new InvalidOutcomeError(expectation, observed, 'Say whether it held, or how well.')
}

export function checkConfidence(confidence: unknown): number {
  if (isNumberIn(confidence, 0, 1)) return confidence
  const expectation = '`confidence` to be a number from 0 to 1'
  throw new InvalidOutcomeError(expectation, confidence, 'Pass the confidence of a prediction.')
}

/** The bin whose edges, as they are told, enclose the confidence; 1 belongs to the last. */
function binOf(confidence: number, binCount: number): number {
  const bin = Math.min(binCount - 1, Math.floor(confidence * binCount))
  // The product is rounded otherwise than the edges: 0.29 * 100 is below 29.
  if (confidence < bin / binCount) return bin - 1
  return bin < binCount - 1 && confidence >= (bin + 1) / binCount ? bin + 1 : bin
}

function summarizeBin(
  { count, claimed, observed }: { count: number; claimed: number; observed: number },
  bin: number,
  binCount: number,
): ReliabilityBin {
  const from = bin / binCount
  const to = (bin + 1) / binCount
  if (count === 0) return { from, to, count, claimed: (from + to) / 2, observed: undefined }
  return { from, to, count, claimed: claimed / count, observed: observed / count }
}

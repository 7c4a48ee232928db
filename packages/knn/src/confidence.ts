/**
 * How far a prediction can be trusted, before any calibration: near neighbours, many samples and
 * agreeing values speak for it. The score orders predictions; a `Calibrator` turns it into a
 * probability.
 */

/** Weights of the three factors; their sum is 1. Fixed by the published formula. */
const PROXIMITY_SHARE = 0.5
const SAMPLE_SIZE_SHARE = 0.2
const CONSISTENCY_SHARE = 0.3
/** From this many samples on, more of them add no confidence. */
const ENOUGH_SAMPLES = 20

/**
 * The three parts of a confidence, each from 0 to 1.
 *
 * @public
 */
export interface ConfidenceFactors {
  /** `max(0, 1 - mean distance of the neighbours / diagonal of the unit cube)`. */
  readonly proximity: number
  /** `min(1, samples / 20)`. */
  readonly sampleSize: number
  /** Smallest over the targets of `max(0, 1 - spread of the neighbours' values)`. */
  readonly consistency: number
}

export function rateConfidence(
  meanDistance: number,
  diagonal: number,
  samples: number,
  largestSpread: number,
): ConfidenceFactors {
  return {
    proximity: Math.max(0, 1 - meanDistance / diagonal),
    sampleSize: Math.min(1, samples / ENOUGH_SAMPLES),
    consistency: Math.max(0, 1 - largestSpread),
  }
}

export function combineConfidence(factors: ConfidenceFactors): number {
  return (
    PROXIMITY_SHARE * factors.proximity +
    SAMPLE_SIZE_SHARE * factors.sampleSize +
    CONSISTENCY_SHARE * factors.consistency
  )
}

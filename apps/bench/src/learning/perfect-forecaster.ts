/**
 * The calibration error that a perfect forecaster would show over as few maps: the runs of one map come
 * out alike, so that a hundred answers are worth some tens of outcomes.
 */
import { measureReliability } from '@amorsize/core'
import { quantile } from '@amorsize/features'

import { randomOf } from './random.ts'
import type { Answer } from './trials.ts'

const DRAWS = 500

/** Quantiles of the error over repeated draws. */
export interface PerfectForecaster {
  readonly median: number
  readonly p90: number
  /** Share of the draws above the limit, 0..1. */
  readonly overShare: number
}

/**
 * Draws the outcome of each map, which is good with the probability that was claimed of each answer.
 *
 * @param answers - Their confidences, and the maps that they are about.
 * @param limit - The error that is not to be exceeded.
 */
export function perfectForecaster(
  answers: readonly Pick<Answer, 'run' | 'confidence'>[],
  limit: number,
): PerfectForecaster {
  const random = randomOf('a perfect forecaster')
  const errors = Array.from({ length: DRAWS }, () => {
    const luckOf = new Map<string, number>()
    const outcomes = answers.map(({ run: { sample }, confidence }) => {
      const map = [sample.functionSignature, sample.machine, sample.features.dataSize].join(' ')
      const luck = luckOf.get(map) ?? random()
      luckOf.set(map, luck)
      return { confidence, observed: luck < confidence }
    })
    return measureReliability(outcomes).expectedCalibrationError ?? 0
  }).toSorted((a, b) => a - b)
  const overShare = errors.filter((error) => error > limit).length / DRAWS
  return { median: quantile(errors, 0.5), p90: quantile(errors, 0.9), overShare }
}

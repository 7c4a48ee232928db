/**
 * How the time of a function's items grows with their size: a straight line through the logarithms of
 * both, by weighted least squares. The slope is drawn towards 0, so that a function seen at one size
 * only is taken to need the same time at any.
 */
import type { Run } from './run.ts'
import type { Witness } from './witness.ts'

/** Spread of the sizes (variance of their natural logarithms) at which the slope is believed by half. */
const DOUBTED_SPREAD = 0.05

/** Nothing grows faster than the cube of its input and is called over a list. */
const STEEPEST = 3

/** The item time that each run would have measured at a size, milliseconds. */
export function scaleBySize(
  witnesses: readonly Witness[],
  itemSize: number | undefined,
): (run: Run) => number {
  const sized = witnesses.filter(({ run }) => run.itemSize !== undefined)
  if (itemSize === undefined || sized.length === 0) return (run) => run.features.itemTimeMs
  const slope = slopeOf(sized)
  return ({ itemSize: size = itemSize, features }) =>
    features.itemTimeMs * ((itemSize + 1) / (size + 1)) ** slope
}

function slopeOf(witnesses: readonly Witness[]): number {
  let total = 0
  let meanX = 0
  let meanY = 0
  for (const { run, weight } of witnesses) {
    total += weight
    meanX += weight * sizeOf(run)
    meanY += weight * Math.log(run.features.itemTimeMs)
  }
  meanX /= total
  meanY /= total
  let covariance = 0
  let variance = 0
  for (const { run, weight } of witnesses) {
    const x = sizeOf(run) - meanX
    covariance += (weight / total) * x * (Math.log(run.features.itemTimeMs) - meanY)
    variance += (weight / total) * x * x
  }
  const slope = covariance / (variance + DOUBTED_SPREAD)
  return Math.min(STEEPEST, Math.max(0, slope))
}

function sizeOf({ itemSize = 0 }: Run): number {
  return Math.log(itemSize + 1)
}

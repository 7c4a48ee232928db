/** How the values of neighbours become one value, and how much they agree, on either scale. */
import type { ResolvedTarget } from './options.ts'

/**
 * Mean of the values under the votes given: arithmetic, or geometric for a `'log'` target. Never
 * outside the range of the values, which rounding alone could leave.
 */
export function averageValues(
  { scale }: ResolvedTarget,
  values: readonly number[],
  votes: readonly number[],
): number {
  let sum = 0
  let total = 0
  let least = Infinity
  let largest = -Infinity
  for (const [rank, value] of values.entries()) {
    const vote = votes[rank]!
    sum += vote * (scale === 'log' ? Math.log(value) : value)
    total += vote
    least = Math.min(least, value)
    largest = Math.max(largest, value)
  }
  const mean = scale === 'log' ? Math.exp(sum / total) : sum / total
  return Math.min(Math.max(mean, least), largest)
}

/** The mean as it is predicted: a whole number where the target is one, and at least its minimum. */
export function roundTarget({ integer, min }: ResolvedTarget, mean: number): number {
  return Math.max(min, integer ? Math.round(mean) : mean)
}

/**
 * How much values differ, 0 where they are equal: the coefficient of variation (population standard
 * deviation over the mean's magnitude), or for a `'log'` target the population standard deviation of
 * the natural logarithms. `Infinity` for values that differ around a mean of 0.
 */
export function measureSpread({ scale }: ResolvedTarget, values: readonly number[]): number {
  const isLog = scale === 'log'
  const points = isLog ? values.map(Math.log) : values
  const mean = points.reduce((sum, point) => sum + point, 0) / points.length
  const squares = points.reduce((sum, point) => sum + (point - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / points.length)
  if (isLog || deviation === 0) return deviation
  return deviation / Math.abs(mean)
}

import type { Model } from './model.ts'

/** Below this many samples nothing varies. */
const MIN_SAMPLES = 2

/**
 * Population variance of each dimension over the samples, divided by the largest; all 0 where the
 * largest is 0, an empty object below 2 samples. Says what differs between the samples, not what
 * matters to a prediction.
 */
export function measureVarianceImportance({ options, index }: Model): Record<string, number> {
  if (index.size < MIN_SAMPLES) return {}

  const variances = measureVariances(index.toRows(), options.dimensions)
  const largest = variances.reduce((a, b) => Math.max(a, b))
  return Object.fromEntries(
    options.featureNames.map((name, d) => [name, largest === 0 ? 0 : variances[d]! / largest]),
  )
}

/** Welford's update (Technometrics 4(3), 1962), which does not cancel where the mean is large. */
function measureVariances(rows: Float64Array, dimensions: number): Float64Array {
  const means = new Float64Array(dimensions)
  const squares = new Float64Array(dimensions)
  const count = rows.length / dimensions
  for (let row = 0; row < count; row++) {
    for (let d = 0; d < dimensions; d++) {
      const value = rows[row * dimensions + d]!
      const difference = value - means[d]!
      means[d]! += difference / (row + 1)
      squares[d]! += difference * (value - means[d]!)
    }
  }
  return squares.map((sum) => sum / count)
}

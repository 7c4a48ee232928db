/** The published formulas written out one by one, with no index and nothing shared with the code. */
import { distanceBetween } from './nearest.ts'

export interface ReferenceSample {
  readonly features: readonly number[]
  readonly value: number
  readonly weight: number
}

export interface ReferenceSetting {
  readonly k: number
  readonly epsilon: number
  readonly weights: readonly number[]
  readonly scale: 'linear' | 'log'
}

export function predictByDefinition(
  samples: readonly ReferenceSample[],
  query: readonly number[],
  { k, epsilon, weights, scale }: ReferenceSetting,
): { mean: number; confidence: number; featureMatch: number; ids: number[] } {
  const ranked = samples
    .map((sample, id) => ({
      ...sample,
      id,
      distance: distanceBetween(sample.features, query, weights),
    }))
    .toSorted((a, b) => a.distance - b.distance || a.id - b.id)
    .slice(0, k)

  const transform = scale === 'log' ? Math.log : (value: number) => value
  let sum = 0
  let total = 0
  for (const { value, weight, distance } of ranked) {
    const vote = weight / (distance + epsilon)
    sum += vote * transform(value)
    total += vote
  }
  const mean = scale === 'log' ? Math.exp(sum / total) : sum / total

  const points = ranked.map(({ value }) => transform(value))
  const pointMean = average(points)
  const deviation = Math.sqrt(average(points.map((point) => (point - pointMean) ** 2)))
  const spread = scale === 'log' || deviation === 0 ? deviation : deviation / Math.abs(pointMean)

  const meanDistance = average(ranked.map(({ distance }) => distance))
  const diagonal = Math.sqrt(weights.reduce((a, b) => a + b, 0))
  const proximity = Math.max(0, 1 - meanDistance / diagonal)
  const sampleSize = Math.min(1, samples.length / 20)
  const consistency = Math.max(0, 1 - spread)
  return {
    mean,
    confidence: 0.5 * proximity + 0.2 * sampleSize + 0.3 * consistency,
    featureMatch: proximity,
    ids: ranked.map(({ id }) => id),
  }
}

function average(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}

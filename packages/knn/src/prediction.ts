/** The neighbours of a query, and the prediction they make together. */
import { combineConfidence, type ConfidenceFactors, rateConfidence } from './confidence.ts'
import { type Model, readSample } from './model.ts'
import { NeighborHeap } from './neighbor-heap.ts'
import type { StoredSample } from './sample.ts'
import { averageValues, measureSpread, roundTarget } from './target.ts'

/**
 * A stored sample near a query.
 *
 * @public
 */
export interface Neighbor<Target extends string = string> extends StoredSample<Target> {
  /** Position of the sample in the order of insertion, from 0; removals close the gaps. */
  readonly index: number
  /** Weighted Euclidean distance to the query. */
  readonly distance: number
}

/**
 * What a predictor says about a query.
 *
 * @public
 */
export interface Prediction<Target extends string = string> {
  /** Predicted value of every target. */
  readonly targets: Readonly<Record<Target, number>>
  /** `0.5 proximity + 0.2 sampleSize + 0.3 consistency`, 0 to 1: a score, not yet a probability. */
  readonly confidence: number
  /** What the confidence is made of. */
  readonly confidenceFactors: ConfidenceFactors
  /** How near the neighbours lie, 0 to 1: `max(0, 1 - mean distance / diagonal)`. */
  readonly featureMatch: number
  /** Number of samples the predictor held. */
  readonly trainingSamples: number
  /** The samples averaged, nearest first. */
  readonly neighbors: readonly Neighbor<Target>[]
}

/** The k nearest samples, or all where there are fewer; nearest first, ties in order of insertion. */
export function findNeighbors(model: Model, query: Float64Array, k: number): Neighbor[] {
  const heap = new NeighborHeap(Math.min(k, model.index.size))
  model.index.search(query, heap)
  heap.sort()
  return Array.from({ length: heap.size }, (_, rank) => readNeighbor(model, heap, rank))
}

/** Expects at least one sample. */
export function predictFrom(model: Model, query: Float64Array): Prediction {
  const { options, table } = model
  const neighbors = findNeighbors(model, query, options.k)
  const votes = neighbors.map(({ distance, weight }) => weight / (distance + options.epsilon))
  const predicted: [string, number][] = []
  let largestSpread = 0
  for (const [column, target] of options.targets.entries()) {
    const values = neighbors.map(({ index }) => table.value(index, column))
    predicted.push([target.name, roundTarget(target, averageValues(target, values, votes))])
    largestSpread = Math.max(largestSpread, measureSpread(target, values))
  }

  const meanDistance = neighbors.reduce((sum, n) => sum + n.distance, 0) / neighbors.length
  const diagonal = measureDiagonal(options.weights)
  const factors = rateConfidence(meanDistance, diagonal, table.size, largestSpread)
  return {
    targets: Object.fromEntries(predicted),
    confidence: combineConfidence(factors),
    confidenceFactors: factors,
    featureMatch: factors.proximity,
    trainingSamples: table.size,
    neighbors,
  }
}

/** Largest distance within the unit cube: `sqrt(dimensions)` where all weights are 1. */
function measureDiagonal(weights: Float64Array): number {
  return Math.sqrt(weights.reduce((sum, weight) => sum + weight, 0))
}

function readNeighbor(model: Model, heap: NeighborHeap, rank: number): Neighbor {
  const features = new Float64Array(model.options.dimensions)
  model.index.readVector(heap.position(rank), features)
  const id = heap.id(rank)
  const distance = heap.distance(rank)
  return { index: id, distance, ...readSample(model, id, features) }
}

/** Predictors and samples as `@amorsize/core` keeps them: 8 features, 2 targets. */
import { KnnPredictor } from '../src/index.ts'

export function makePredictor() {
  return new KnnPredictor({ dimensions: 8, targets: { nJobs: {}, chunkSize: { scale: 'log' } } })
}

/** The rows of a flat matrix as samples. */
export function makeSamples(vectors, random) {
  return [...iterate(vectors, random)]
}

export function* iterate(vectors, random) {
  for (let start = 0; start < vectors.length; start += 8) {
    const features = vectors.subarray(start, start + 8)
    yield { features, targets: { nJobs: Math.ceil(8 * random()), chunkSize: 1 + 1000 * random() } }
  }
}

/**
 * The plain mean over the nearest runs, by the numbers of DESIGN section 4: what the model of costs
 * has to be better than.
 */
import { FEATURE_NAMES, toVector } from '@amorsize/features'
import type { WorkloadFeatures } from '@amorsize/features'
import { KnnPredictor } from '@amorsize/knn'

import type { Plan, SearchLimits } from '../search.ts'
import type { ModelPrediction } from './prediction-model.ts'
import type { Query } from './query.ts'
import { vectorOf } from './run.ts'
import type { Run } from './run.ts'

/**
 * A plan by the mean of the nearest runs; it rests on no costs.
 * @public
 */
export type AveragePrediction = Omit<ModelPrediction, 'costs' | 'search'>

type Target = 'nJobs' | 'chunkSize' | 'speedup'

/** Past runs, averaged where they are near. */
export class AverageModel {
  readonly #predictor = new KnnPredictor<Target>({
    dimensions: FEATURE_NAMES.length,
    featureNames: FEATURE_NAMES,
    targets: { nJobs: {}, chunkSize: { scale: 'log' }, speedup: { integer: false, min: 0 } },
  })

  constructor(runs: Iterable<Run>) {
    for (const run of runs) this.add(run)
  }

  add(run: Run): void {
    const { executor, chunkSize } = run.plan
    // Items in flight of an asynchronous run are no workers.
    const nJobs = executor === 'async' ? 1 : run.plan.nJobs
    const targets = { nJobs, chunkSize, speedup: Math.min(run.speedup, nJobs) }
    this.#predictor.add({ features: vectorOf(run), targets })
  }

  /**
   * The mean, whatever its confidence; `undefined` below three runs, and without an item time.
   *
   * @param last - The function's last run with this context, which tells what the query does not.
   */
  predict(
    query: Query,
    last: Run | undefined,
    limits: SearchLimits,
  ): AveragePrediction | undefined {
    const features = featuresOf(query, last)
    const mean = features && this.#predictor.predict(toVector(features), { confidenceThreshold: 0 })
    if (!mean) return undefined
    const { targets, confidence, featureMatch, trainingSamples } = mean
    const plan = planOf(targets, query, limits)
    const estimatedSpeedup =
      plan.executor === 'serial'
        ? 1
        : Math.max(Number.EPSILON, Math.min(targets.speedup, plan.nJobs))
    return {
      basis: last ? 'own' : 'stranger',
      plan,
      estimatedTimeMs: (features.dataSize * features.itemTimeMs) / estimatedSpeedup,
      estimatedSpeedup,
      rawConfidence: confidence,
      confidence,
      confidenceSource: 'raw',
      featureMatch,
      trainingSamples,
      features,
    }
  }
}

function featuresOf({ features }: Query, last: Run | undefined): WorkloadFeatures | undefined {
  const { itemTimeMs = last?.features.itemTimeMs } = features
  if (itemTimeMs === undefined) return undefined
  const { serializedBytes, coefficientOfVariation, functionComplexity } = last?.features ?? {}
  return {
    ...features,
    itemTimeMs,
    serializedBytes: features.serializedBytes ?? serializedBytes,
    coefficientOfVariation: features.coefficientOfVariation ?? coefficientOfVariation,
    functionComplexity: features.functionComplexity ?? functionComplexity,
  }
}

function planOf(
  targets: Readonly<Record<Target, number>>,
  { features: { dataSize }, allowMainThread }: Query,
  { maxWorkers, runtime }: SearchLimits,
): Plan {
  const nJobs = Math.min(targets.nJobs, maxWorkers)
  if (maxWorkers === 0 || (nJobs <= 1 && allowMainThread)) {
    return { executor: 'serial', nJobs: 1, chunkSize: Math.max(1, dataSize) }
  }
  const largestChunk = Math.max(1, Math.ceil(dataSize / nJobs))
  return { executor: runtime, nJobs, chunkSize: Math.min(targets.chunkSize, largestChunk) }
}

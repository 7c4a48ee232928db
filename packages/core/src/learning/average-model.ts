/**
 * The plain mean over the nearest runs, by the numbers of DESIGN section 4: what the model of costs
 * has to be better than.
 */
import { FEATURE_NAMES, toVector } from '@amorsize/features'
import type { WorkloadFeatures } from '@amorsize/features'
import { KnnPredictor } from '@amorsize/knn'
import type { Prediction } from '@amorsize/knn'

import { vectorOf } from './run.ts'
import type { Run } from './run.ts'

/** What is averaged. */
export type AverageTarget = 'nJobs' | 'chunkSize' | 'speedup'

/** Past runs, averaged where they are near. */
export class AverageModel {
  readonly #predictor = new KnnPredictor<AverageTarget>({
    dimensions: FEATURE_NAMES.length,
    featureNames: FEATURE_NAMES,
    targets: { nJobs: {}, chunkSize: { scale: 'log' }, speedup: { integer: false, min: 0 } },
  })

  constructor(runs: Iterable<Run>) {
    for (const run of runs) this.add(run)
  }

  add(run: Run): void {
    const { nJobs, chunkSize } = run.plan
    const targets = { nJobs, chunkSize, speedup: run.speedup }
    this.#predictor.add({ features: vectorOf(run), targets })
  }

  /** The mean, whatever its confidence; `undefined` below three runs. */
  predict(features: WorkloadFeatures): Prediction<AverageTarget> | undefined {
    return this.#predictor.predict(toVector(features), { confidenceThreshold: 0 })
  }
}

/**
 * The leave-one-out error by its definition: train a predictor without each sample and its group, ask
 * it, and compare with always predicting the mean.
 */
import { KnnPredictor, type KnnPredictorOptions } from '../../src/index.ts'

export interface GroupedSample {
  readonly features: readonly number[]
  readonly y: number
  readonly group: string | undefined
}

export function leaveOneOutByRetraining(
  samples: readonly GroupedSample[],
  options: Omit<KnnPredictorOptions<'y'>, 'targets'>,
): number {
  const mean = samples.reduce((sum, { y }) => sum + y, 0) / samples.length
  let error = 0
  let errorOfMean = 0
  for (const [id, left] of samples.entries()) {
    errorOfMean += Math.abs(left.y - mean)
    const others = samples.filter(
      ({ group }, other) => other !== id && (group === undefined || group !== left.group),
    )
    if (others.length === 0) continue
    const targets = { y: { integer: false } }
    const predictor = new KnnPredictor({ ...options, targets, minSamples: 1 })
    for (const { features, y } of others) predictor.add({ features, targets: { y } })
    const prediction = predictor.predict(left.features, { confidenceThreshold: 0 })!
    error += Math.abs(prediction.targets.y - left.y)
  }
  return errorOfMean === 0 ? 0 : error / errorOfMean
}

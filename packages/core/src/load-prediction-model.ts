/** The model of past runs by itself, without a store. */
import type { PredictionModel } from './learning/prediction-model.ts'
import { loadLearning } from './load-learning.ts'

/**
 * Loads the class of the model, which few programs need.
 *
 * @returns The class: `new` it, tell it of runs by `learn()`, ask it by `predict()`.
 * @example
 * ```ts
 * import { loadPredictionModel } from '@amorsize/core'
 *
 * const Model = await loadPredictionModel()
 * new Model().size // => 0
 * ```
 * @public
 */
export async function loadPredictionModel(): Promise<typeof PredictionModel> {
  const learning = await loadLearning()
  return learning.PredictionModel
}

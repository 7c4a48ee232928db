/** Models that tests ask: of given runs, about the function that they are of. */
import type { TrainingSample } from '@amorsize/cache'
import { expect } from 'vitest'

import { PredictionModel } from '../src/learning/prediction-model.ts'
import type { ModelPrediction } from '../src/learning/prediction-model.ts'
import type { Query } from '../src/learning/query.ts'
import { LIMITS, queryOf } from './example-runs.ts'

/** A model that has learned runs, all at once. */
export function modelOf(samples: readonly TrainingSample[]): PredictionModel {
  const model = new PredictionModel()
  model.learnAll(samples)
  return model
}

/** What a model says of the function. */
export function ask(model: PredictionModel, changes: Partial<Query> = {}): ModelPrediction {
  const prediction = model.predict(queryOf(changes), LIMITS)
  expect(prediction).toBeDefined()
  return prediction!
}

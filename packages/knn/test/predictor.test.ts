import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { KnnPredictor } from '../src/index.ts'
import { predictByDefinition } from './reference/predict.ts'

const all = { confidenceThreshold: 0 }

describe('a prediction', () => {
  test('follows the published formulas over all options', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true })
    const setting = fc.record({
      k: fc.integer({ min: 1, max: 9 }),
      epsilon: fc.double({ min: 0.001, max: 1, noNaN: true }),
      weights: fc.array(fc.double({ min: 0.1, max: 4, noNaN: true }), {
        minLength: 3,
        maxLength: 3,
      }),
      scale: fc.constantFrom('linear' as const, 'log' as const),
    })
    const sample = fc.record({
      features: fc.array(unit, { minLength: 3, maxLength: 3 }),
      value: fc.integer({ min: 1, max: 1000 }),
      weight: fc.constantFrom(1, 1, 0.25, 3),
    })
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 3, maxLength: 40 }),
        fc.array(unit, { minLength: 3, maxLength: 3 }),
        setting,
        (samples, query, options) => {
          const { scale, ...rest } = options
          const predictor = new KnnPredictor({ dimensions: 3, targets: { y: { scale } }, ...rest })
          for (const { features, value, weight } of samples) {
            predictor.add({ features, targets: { y: value }, weight })
          }

          const prediction = predictor.predict(query, all)!

          const expected = predictByDefinition(samples, query, options)
          expect(Math.abs(prediction.targets.y - expected.value)).toBeLessThanOrEqual(1)
          expect(prediction.confidence).toBeCloseTo(expected.confidence, 9)
          expect(prediction.featureMatch).toBeCloseTo(expected.featureMatch, 9)
          expect(prediction.trainingSamples).toBe(samples.length)
        },
      ),
    )
  })

  test('is made of the numbers worked out by hand', () => {
    const predictor = new KnnPredictor({ dimensions: 1, targets: { jobs: {} } })
    predictor.addAll([
      { features: [0], targets: { jobs: 2 } },
      { features: [0.1], targets: { jobs: 4 } },
      { features: [0.3], targets: { jobs: 8 } },
    ])

    const prediction = predictor.predict([0], all)!

    // Votes 1/0.01, 1/0.11, 1/0.31: (200 + 36.36 + 25.81) / 112.32 = 2.33.
    expect(prediction.targets).toEqual({ jobs: 2 })
    expect(prediction.confidenceFactors.proximity).toBeCloseTo(1 - 0.4 / 3, 12)
    expect(prediction.confidenceFactors.sampleSize).toBeCloseTo(3 / 20, 12)
    // Mean 14/3, population variance 56/9.
    expect(prediction.confidenceFactors.consistency).toBeCloseTo(1 - Math.sqrt(56) / 14, 12)
  })

  test('is not made of fewer than three samples, whatever the threshold', () => {
    const predictor = new KnnPredictor({ dimensions: 1, targets: { y: {} } })
    expect(predictor.predict([0.5], all)).toBeUndefined()

    predictor.add({ features: [0.5], targets: { y: 1 } })
    predictor.add({ features: [0.5], targets: { y: 1 } })
    expect(predictor.predict([0.5], all)).toBeUndefined()

    predictor.add({ features: [0.5], targets: { y: 1 } })
    expect(predictor.predict([0.5], all)?.targets.y).toBe(1)
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { KnnPredictor } from '../src/index.ts'
import { predictByDefinition } from './reference/predict.ts'

const all = { confidenceThreshold: 0 }

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const vector = fc.array(unit, { minLength: 3, maxLength: 3 })
const anyWeights = fc.array(fc.double({ min: 0.1, max: 4, noNaN: true }), {
  minLength: 3,
  maxLength: 3,
})

describe('a prediction', () => {
  test('follows the published formulas over all options', () => {
    const setting = fc.record({
      k: fc.integer({ min: 1, max: 9 }),
      epsilon: fc.double({ min: 0.001, max: 1, noNaN: true }),
      weights: anyWeights,
      scale: fc.constantFrom('linear' as const, 'log' as const),
    })
    const sample = fc.record({
      features: vector,
      value: fc.integer({ min: 1, max: 1000 }),
      weight: fc.constantFrom(1, 1, 0.25, 3),
    })
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 3, maxLength: 40 }),
        vector,
        setting,
        (samples, query, { scale, ...options }) => {
          const targets = { exact: { scale, integer: false }, rounded: { scale } }
          const predictor = new KnnPredictor({ dimensions: 3, targets, ...options })
          for (const { features, value, weight } of samples) {
            predictor.add({ features, targets: { exact: value, rounded: value }, weight })
          }

          const prediction = predictor.predict(query, all)!

          const expected = predictByDefinition(samples, query, { scale, ...options })
          expect(prediction.targets.exact).toBeCloseTo(expected.mean, 6)
          expect(prediction.targets.rounded).toBe(Math.max(1, Math.round(prediction.targets.exact)))
          expect(prediction.confidence).toBeCloseTo(expected.confidence, 9)
          expect(prediction.featureMatch).toBeCloseTo(expected.featureMatch, 9)
          expect(prediction.trainingSamples).toBe(samples.length)
          const byDistance = prediction.neighbors.map(({ distance }) => distance)
          expect(byDistance).toEqual(byDistance.toSorted((a, b) => a - b))
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
    expect(prediction.confidence).toBeCloseTo(0.43333 + 0.03 + 0.3 * 0.46548, 4)
  })

  test('is not made of fewer than three samples, whatever the threshold', () => {
    const predictor = new KnnPredictor({ dimensions: 1, targets: { y: {} } })
    for (let size = 0; size < 3; size++) {
      expect(predictor.predict([0.5], all)).toBeUndefined()
      predictor.add({ features: [0.5], targets: { y: 1 } })
    }

    expect(predictor.predict([0.5], all)?.targets.y).toBe(1)
  })

  test('is withheld below the confidence asked for, 0.7 by default', () => {
    const agreed = new KnnPredictor({ dimensions: 1, targets: { y: {} } })
    for (let i = 0; i < 8; i++) agreed.add({ features: [0.5], targets: { y: 4 } })

    expect(agreed.predict([0.5])?.confidence).toBeCloseTo(0.88, 12)
    expect(agreed.predict([0.5], { confidenceThreshold: 0.9 })).toBeUndefined()
    expect(agreed.predict([0])).toBeUndefined()
    expect(agreed.predict([0], { confidenceThreshold: 0.6 })?.confidence).toBeCloseTo(0.63, 12)
  })

  test('of a log target is the geometric mean', () => {
    const targets = { y: { scale: 'log' as const, integer: false } }
    const predictor = new KnnPredictor({ dimensions: 1, targets, k: 2, minSamples: 2 })
    predictor.add({ features: [0.4], targets: { y: 1 } })
    predictor.add({ features: [0.6], targets: { y: 100 } })

    expect(predictor.predict([0.5], all)?.targets.y).toBeCloseTo(10, 9)
  })

  test('is a whole number of at least 1 unless the target says otherwise', () => {
    const targets = { plain: {}, exact: { integer: false }, floored: { integer: false, min: -0.5 } }
    const predictor = new KnnPredictor({ dimensions: 1, targets, minSamples: 1 })
    predictor.add({ features: [0], targets: { plain: -3, exact: -3.25, floored: -3.25 } })

    expect(predictor.predict([0], all)?.targets).toEqual({ plain: 1, exact: -3.25, floored: -0.5 })
  })

  test('has no consistency where values cancel to a mean of 0, and all of it where they agree', () => {
    expect(measureConsistency([-5, 5])).toBe(0)
    expect(measureConsistency([0, 0])).toBe(1)
    expect(measureConsistency([-2, -2])).toBe(1)
  })

  test('follows a sample more the more it weighs', () => {
    expect(predictBetween10And20(1)).toBeCloseTo(15, 9)
    expect(predictBetween10And20(3)).toBeCloseTo(17.5, 9)
    expect(predictBetween10And20(0.25)).toBeCloseTo(12, 9)
  })

  test('ignores a feature of weight 0 and measures the diagonal by the weights', () => {
    const options = { dimensions: 2, targets: { y: {} }, weights: [4, 0], minSamples: 1 }
    const predictor = new KnnPredictor(options)
    predictor.add({ features: [0.5, 0], targets: { y: 7 } })

    const prediction = predictor.predict([0.25, 1], all)!

    expect(prediction.neighbors[0]?.distance).toBe(0.5)
    expect(prediction.featureMatch).toBe(0.75)
  })
})

describe('neighbours', () => {
  test('of equal distance come in the order of insertion', () => {
    const predictor = new KnnPredictor({ dimensions: 1, targets: { y: {} } })
    for (const feature of [0.75, 0.25, 0.75, 0.25]) {
      predictor.add({ features: [feature], targets: { y: 1 } })
    }

    expect(predictor.nearest([0.5], 3).map(({ index }) => index)).toEqual([0, 1, 2])
  })

  test('are all samples where k is larger', () => {
    expect(fourOnALine().nearest([0.3], 100)).toHaveLength(4)
    expect(new KnnPredictor({ dimensions: 1, targets: { y: {} } }).nearest([0])).toEqual([])
  })

  test('may be as many as there are', () => {
    const predictor = new KnnPredictor({ dimensions: 1, targets: { y: {} }, k: 200_000 })
    predictor.addAll(
      Array.from({ length: 150_000 }, (_, i) => ({ features: [i], targets: { y: 7 } })),
    )

    expect(predictor.predict([3], all)?.targets.y).toBe(7)
  })

  test('carry the sample they are', () => {
    const predictor = new KnnPredictor({ dimensions: 2, targets: { y: {} } })
    predictor.add({ features: [0.5, 0.25], targets: { y: 3 }, weight: 2, group: 'a' })

    expect(predictor.nearest([0.5, 0.75])).toEqual([
      {
        index: 0,
        distance: 0.5,
        features: Float64Array.of(0.5, 0.25),
        targets: { y: 3 },
        weight: 2,
        group: 'a',
      },
    ])
  })

  test('can be changed by their reader without harm', () => {
    const predictor = fourOnALine()
    predictor.nearest([0])[0]!.features[0] = 99
    for (const sample of predictor.samples()) sample.features[0] = 99
    predictor.weights[0] = 99

    expect(predictor.nearest([0], 1)[0]).toMatchObject({ distance: 0 })
  })
})

function fourOnALine(): KnnPredictor<'y'> {
  const predictor = new KnnPredictor({ dimensions: 1, targets: { y: {} } })
  for (let i = 0; i < 4; i++) predictor.add({ features: [i / 4], targets: { y: i + 1 } })
  return predictor
}

function measureConsistency(values: readonly number[]): number {
  const targets = { y: { integer: false } }
  const predictor = new KnnPredictor({ dimensions: 1, targets, minSamples: 2 })
  for (const y of values) predictor.add({ features: [0], targets: { y } })
  return predictor.predict([0], all)!.confidenceFactors.consistency
}

function predictBetween10And20(weightOf20: number): number {
  const targets = { y: { integer: false } }
  const predictor = new KnnPredictor({ dimensions: 1, targets, minSamples: 2 })
  predictor.add({ features: [0.4], targets: { y: 10 } })
  predictor.add({ features: [0.6], targets: { y: 20 }, weight: weightOf20 })
  return predictor.predict([0.5], all)!.targets.y
}

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { KnnPredictor } from '../src/index.ts'
import { createTestRandom } from './random.ts'

const featureNames = ['matters', 'noise', 'constant']

/** The target follows the first feature alone; the second varies as much. */
function makePredictor(count: number): KnnPredictor<'y'> {
  const random = createTestRandom(4)
  const targets = { y: { integer: false } }
  const predictor = new KnnPredictor({ dimensions: 3, featureNames, targets, k: 3 })
  for (let i = 0; i < count; i++) {
    const matters = random()
    predictor.add({ features: [matters, random(), 0.5], targets: { y: 10 * matters } })
  }
  return predictor
}

describe('importance by variance', () => {
  test('is the population variance over the largest', () => {
    const predictor = new KnnPredictor({ dimensions: 3, featureNames, targets: { y: {} } })
    for (const features of [
      [0, 0, 1],
      [1, 0.5, 1],
      [0, 0.5, 1],
      [1, 0, 1],
    ]) {
      predictor.add({ features, targets: { y: 1 } })
    }

    expect(predictor.featureImportance()).toEqual({ matters: 1, noise: 0.25, constant: 0 })
  })

  test('is nothing below 2 samples, and 0 where nothing varies', () => {
    const predictor = new KnnPredictor({ dimensions: 2, targets: { y: {} } })
    expect(predictor.featureImportance()).toEqual({})
    predictor.add({ features: [0.1, 0.2], targets: { y: 1 } })
    expect(predictor.featureImportance()).toEqual({})

    predictor.add({ features: [0.1, 0.2], targets: { y: 2 } })

    expect(predictor.featureImportance()).toEqual({ feature0: 0, feature1: 0 })
  })

  test('is 1 for one feature and from 0 to 1 for all, wherever the features lie', () => {
    const offset = fc.constantFrom(0, 1e6, -1e12)
    const vectors = fc.array(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }),
      {
        minLength: 2,
      },
    )
    fc.assert(
      fc.property(offset, vectors, (base, rows) => {
        const predictor = new KnnPredictor({ dimensions: 2, targets: { y: {} } })
        for (const [a, b] of rows)
          predictor.add({ features: [base + a!, base + b!], targets: { y: 1 } })

        const values = Object.values(predictor.featureImportance())

        for (const value of values) expect(value).toBeGreaterThanOrEqual(0)
        expect([0, 1]).toContain(Math.max(...values))
      }),
    )
  })
})

describe('importance by permutation', () => {
  test('finds the feature that predictions rest on, which variance does not', () => {
    const predictor = makePredictor(300)

    const { matters, noise, constant } = predictor.permutationImportance()

    expect(matters).toBeGreaterThan(0.3)
    expect(Math.abs(noise!)).toBeLessThan(0.15)
    expect(constant).toBe(0)
    expect(predictor.featureImportance()['noise']).toBeGreaterThan(0.8)
  })

  test('is the same for the same seed, and another for another', () => {
    const predictor = makePredictor(80)

    const first = predictor.permutationImportance({ seed: 5 })

    expect(predictor.permutationImportance({ seed: 5 })).toEqual(first)
    expect(predictor.permutationImportance({ seed: 6 })).not.toEqual(first)
  })

  test('leaves the predictor as it was', () => {
    const predictor = makePredictor(40)
    const before = JSON.stringify(predictor)

    predictor.permutationImportance({ maxQueries: 10, repeats: 2 })

    expect(JSON.stringify(predictor)).toBe(before)
  })

  test('is nothing below 2 samples', () => {
    expect(makePredictor(0).permutationImportance()).toEqual({})
    expect(makePredictor(1).permutationImportance()).toEqual({})
    expect(Object.keys(makePredictor(2).permutationImportance())).toEqual(featureNames)
  })
})

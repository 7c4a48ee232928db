import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { KnnPredictor } from '../src/index.ts'
import { createTestRandom } from './random.ts'
import { leaveOneOutByRetraining } from './reference/leave-one-out.ts'

/** The target is 100 times the first feature, or with `noise` much of something else. */
function makePredictor(noise: number, count = 250): KnnPredictor<'y'> {
  const random = createTestRandom(6)
  const targets = { y: { integer: false } }
  const predictor = new KnnPredictor({ dimensions: 3, targets })
  for (let i = 0; i < count; i++) {
    const features = [random(), random(), random()]
    const y = 100 * features[0]! + noise * (random() - 0.5)
    predictor.add({ features, targets: { y } })
  }
  return predictor
}

describe('tuning', () => {
  test('judges by the error of predictors trained without each sample and its group', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true })
    const sample = fc.record({
      features: fc.array(unit, { minLength: 2, maxLength: 2 }),
      y: fc.integer({ min: -20, max: 20 }),
      group: fc.constantFrom(undefined, 'a', 'b'),
    })
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 2, maxLength: 25 }),
        fc.integer({ min: 1, max: 6 }),
        (samples, k) => {
          const options = { dimensions: 2, k, weights: [1, 3] }
          const predictor = new KnnPredictor({ ...options, targets: { y: { integer: false } } })
          for (const { features, y, group } of samples) {
            predictor.add({ features, targets: { y }, group })
          }

          const result = predictor.tune({ ks: [k], tuneWeights: false })

          const expected = leaveOneOutByRetraining(samples, options)
          if (result !== undefined) expect(result.errorBefore).toBeCloseTo(expected, 9)
        },
      ),
    )
  })

  test('gives weight to the feature that matters, and lowers the error', () => {
    const predictor = makePredictor(0)

    const result = predictor.tune()!

    const [matters, ...others] = result.weights
    for (const weight of others) expect(weight).toBeLessThan(matters! / 10)
    expect(result.error).toBeLessThan(result.errorBefore / 3)
    expect(result.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(3, 9)
  })

  test('averages more neighbours where values are noisy', () => {
    const clean = makePredictor(0).tune({ tuneWeights: false })!
    const noisy = makePredictor(400).tune({ tuneWeights: false })!

    expect(noisy.k).toBeGreaterThan(clean.k)
  })

  test('is of the very predictor that is used afterwards', () => {
    const predictor = makePredictor(30)

    const { k, weights, error } = predictor.tune()!

    expect(predictor.k).toBe(k)
    expect(predictor.weights).toEqual(weights)
    expect(predictor.size).toBe(250)
    expect(predictor.nearest([0, 0, 0])).toHaveLength(k)
    expect(predictor.tune({ ks: [k], tuneWeights: false })?.errorBefore).toBeCloseTo(error, 12)
    const again = KnnPredictor.fromJSON(JSON.stringify(predictor))
    expect(again.predict([0.2, 0.4, 0.6])).toEqual(predictor.predict([0.2, 0.4, 0.6]))
  })

  test('chooses the same every time, whichever index is searched', () => {
    const results = (['auto', 'scan', 'forest'] as const).map((search) => {
      const { options, samples } = makePredictor(50, 600).toJSON()
      const document = { ...makePredictor(0, 0).toJSON(), options: { ...options, search }, samples }
      return KnnPredictor.fromJSON(document).tune({ maxQueries: 60 })
    })

    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })

  test('leaves groups out whole, so that their twins do not vouch for them', () => {
    expect(makeTwins(false).tune({ tuneWeights: false })?.errorBefore).toBe(0)
    expect(makeTwins(true).tune({ tuneWeights: false })?.errorBefore).toBeGreaterThan(0.5)
  })

  test('changes nothing where nobody can be left out', () => {
    const predictor = new KnnPredictor({ dimensions: 1, targets: { y: {} } })
    expect(predictor.tune()).toBeUndefined()
    predictor.add({ features: [0], targets: { y: 1 }, group: 'g' })
    predictor.add({ features: [1], targets: { y: 2 }, group: 'g' })

    expect(predictor.tune()).toBeUndefined()
    expect(predictor.k).toBe(5)
  })

  test('has no error to lower where the target is constant', () => {
    const predictor = new KnnPredictor({ dimensions: 1, targets: { y: { scale: 'log' } } })
    for (let i = 0; i < 9; i++) predictor.add({ features: [i], targets: { y: 0.1 } })

    expect(predictor.tune()).toMatchObject({ k: 5, error: 0, errorBefore: 0 })
  })

  test('brings back a feature that was ignored, if it matters', () => {
    const { options, samples, ...rest } = makePredictor(0).toJSON()
    const document = { ...rest, options: { ...options, weights: [0, 1, 1] }, samples }
    const predictor = KnnPredictor.fromJSON(document)

    expect(predictor.tune()!.weights[0]).toBeGreaterThan(1)
  })
})

/** Thirty functions, four equal samples of each; what one is worth says nothing about the next. */
function makeTwins(isGrouped: boolean): KnnPredictor<'y'> {
  const targets = { y: { integer: false } }
  const predictor = new KnnPredictor({ dimensions: 1, targets, k: 1 })
  for (let i = 0; i < 120; i++) {
    const twin = Math.floor(i / 4)
    const group = isGrouped ? `function ${twin}` : undefined
    predictor.add({ features: [twin / 30], targets: { y: (twin * 7) % 30 }, group })
  }
  return predictor
}

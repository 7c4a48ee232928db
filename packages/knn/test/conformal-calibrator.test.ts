import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ConformalCalibrator } from '../src/index.ts'
import { loosely } from './loosely.ts'
import { createTestRandom } from './random.ts'

/** Errors of predictors good and bad, light and heavy in their tails. */
const noises: Record<string, (random: () => number) => number> = {
  'spread evenly': (random) => random() - 0.5,
  'heavy in their tails': (random) => Math.tan(Math.PI * (random() - 0.5)),
  'biased to one side': (random) => 5 + random(),
}

describe.each(Object.entries(noises))('with errors %s', (_, noise) => {
  // With n outcomes and rank r the true coverage is r / (n + 1) on average: 18/20 and 19/20.
  test.each([
    [0.9, 18 / 20],
    [0.95, 19 / 20],
  ])(
    '19 outcomes cover %f of what comes next, neither less nor much more',
    (coverage, expected) => {
      const random = createTestRandom(7)
      const trials = 8000
      let covered = 0
      for (let trial = 0; trial < trials; trial++) {
        const calibrator = new ConformalCalibrator()
        for (let i = 0; i < 19; i++)
          calibrator.record({ predicted: 10, actual: 10 + noise(random) })
        const interval = calibrator.interval(50, { coverage })!
        const truth = 50 + noise(random)
        if (truth >= interval.low && truth <= interval.high) covered++
      }

      // Four standard errors of a share of 8000 trials.
      expect(Math.abs(covered / trials - expected)).toBeLessThan(4 * Math.sqrt(0.1 / trials))
    },
  )
})

describe('a conformal calibrator', () => {
  test('gives no interval before it has as many outcomes as its promise needs', () => {
    const calibrator = new ConformalCalibrator()
    for (let i = 1; i <= 19; i++) {
      expect(calibrator.interval(0, { coverage: 0.95 })).toBeUndefined()
      calibrator.record({ predicted: 0, actual: i })
    }

    expect(calibrator.interval(0, { coverage: 0.95 })).toEqual({ low: -19, high: 19 })
    expect(calibrator.interval(0, { coverage: 0.96 })).toBeUndefined()
  })

  test('widens the interval by the difficulty of the prediction', () => {
    const calibrator = new ConformalCalibrator()
    for (let i = 1; i <= 9; i++) calibrator.record({ predicted: 0, actual: 4, difficulty: 2 })

    expect(calibrator.interval(10, { difficulty: 3 })).toEqual({ low: 4, high: 16 })
  })

  test('measures ratios on the log scale', () => {
    const calibrator = new ConformalCalibrator({ scale: 'log' })
    for (let i = 1; i <= 9; i++) calibrator.record({ predicted: 100, actual: i % 2 ? 200 : 50 })

    const { low, high } = calibrator.interval(10)!

    expect(low).toBeCloseTo(5, 9)
    expect(high).toBeCloseTo(20, 9)
  })

  test('is wider for more coverage, and holds the prediction', () => {
    const outcome = fc.record({
      predicted: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      actual: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    })
    const share = fc.double({ min: 0.01, max: 0.9, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(outcome, { minLength: 9, maxLength: 60 }),
        share,
        share,
        (history, a, b) => {
          const calibrator = new ConformalCalibrator()
          for (const one of history) calibrator.record(one)

          const narrow = calibrator.interval(1, { coverage: Math.min(a, b) })!
          const wide = calibrator.interval(1, { coverage: Math.max(a, b) })!

          expect(wide.low).toBeLessThanOrEqual(narrow.low)
          expect(narrow.low).toBeLessThanOrEqual(1)
          expect(narrow.high).toBeGreaterThanOrEqual(1)
          expect(wide.high).toBeGreaterThanOrEqual(narrow.high)
        },
      ),
    )
  })

  test('goes on after JSON as if it had never been written', () => {
    const calibrator = new ConformalCalibrator({ scale: 'log', capacity: 12 })
    for (let i = 1; i <= 30; i++) calibrator.record({ predicted: i, actual: 31 - i })

    const again = ConformalCalibrator.fromJSON(JSON.stringify(calibrator))
    again.record({ predicted: 1, actual: 2 })
    calibrator.record({ predicted: 1, actual: 2 })

    expect(again.size).toBe(12)
    expect(again.interval(3)).toEqual(calibrator.interval(3))
    expect(again.toJSON()).toEqual(calibrator.toJSON())
  })

  test.each([
    ['nothing', 'linear', undefined],
    ['NaN', 'linear', { predicted: Number.NaN, actual: 1 }],
    ['a missing truth', 'linear', { predicted: 1 }],
    ['0 on the log scale', 'log', { predicted: 1, actual: 0 }],
    ['a difficulty of 0', 'linear', { predicted: 1, actual: 1, difficulty: 0 }],
  ] as const)('refuses, and is unchanged by, %s', (_, scale, bad) => {
    const calibrator = new ConformalCalibrator({ scale })

    expect(() => calibrator.record(loosely(bad))).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_OUTCOME' }),
    )

    expect(calibrator.size).toBe(0)
  })

  test.each([[0], [1], [1.5], [Number.NaN]])('has no interval of coverage %f', (coverage) => {
    expect(() => new ConformalCalibrator().interval(1, { coverage })).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_OPTION' }),
    )
  })

  test.each([[{ scale: 'cubic' }], [{ capacity: 0 }]])('is not made with %o', (options) => {
    expect(() => new ConformalCalibrator(loosely(options))).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_OPTION' }),
    )
  })

  test.each([
    ['an unknown scale', { scale: 'cubic' }],
    ['a negative score', { scores: [-1] }],
    ['no scores', { scores: 3 }],
    ['a capacity of 0', { capacity: 0 }],
  ])('is not read from a document with %s', (_, damage) => {
    const document = { ...new ConformalCalibrator().toJSON(), ...damage }

    expect(() => ConformalCalibrator.fromJSON(document)).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_KNN_INVALID_DOCUMENT' }),
    )
  })
})

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { InvalidArgumentError } from '../src/errors.ts'
import { RunningStatistics, median, quantile } from '../src/statistics.ts'
import { meanOf, populationVarianceOf, quantileOf } from './reference/statistics.ts'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const someValues = fc.array(finite, { minLength: 1, maxLength: 200 })
const share = fc.double({ min: 0, max: 1, noNaN: true })

function statisticsOf(values: readonly number[]): RunningStatistics {
  const statistics = new RunningStatistics()
  for (const value of values) statistics.add(value)
  return statistics
}

describe('RunningStatistics', () => {
  test('agrees with the two-pass formulas', () => {
    fc.assert(
      fc.property(someValues, (values) => {
        const statistics = statisticsOf(values)

        expect(statistics.count).toBe(values.length)
        expect(statistics.mean).toBeCloseTo(meanOf(values), 6)
        const variance = populationVarianceOf(values)
        expect(Math.abs(statistics.populationVariance - variance)).toBeLessThan(
          1e-9 * (variance + 1),
        )
      }),
    )
  })

  test('keeps the variance of small differences on a large mean', () => {
    const statistics = statisticsOf([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])

    expect(statistics.populationVariance).toBe(22.5)
  })

  test('does not depend on the scale in its coefficient of variation', () => {
    const positive = fc.array(fc.double({ min: 0.1, max: 1e3, noNaN: true }), { minLength: 2 })
    fc.assert(
      fc.property(positive, fc.double({ min: 0.01, max: 100, noNaN: true }), (values, factor) => {
        const plain = statisticsOf(values).coefficientOfVariation
        const scaled = statisticsOf(values.map((v) => v * factor)).coefficientOfVariation

        expect(scaled).toBeCloseTo(plain, 6)
      }),
    )
  })

  test('has a coefficient of variation of 0 for equal values, and none without values', () => {
    expect(statisticsOf([3, 3, 3]).coefficientOfVariation).toBe(0)
    expect(statisticsOf([0, 0]).coefficientOfVariation).toBe(0)
    expect(statisticsOf([2, 4]).coefficientOfVariation).toBeCloseTo(1 / 3, 12)
    expect(statisticsOf([-1, 1]).coefficientOfVariation).toBe(Number.POSITIVE_INFINITY)
    const empty = new RunningStatistics()
    expect([empty.mean, empty.populationVariance, empty.coefficientOfVariation]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ])
  })

  test('refuses what is not a finite number and stays as it was', () => {
    const statistics = statisticsOf([1, 2])

    for (const value of [Number.NaN, Infinity, -Infinity, '3', undefined]) {
      // @ts-expect-error: what JavaScript callers may pass
      expect(() => statistics.add(value)).toThrow(InvalidArgumentError)
    }
    expect([statistics.count, statistics.mean]).toEqual([2, 1.5])
  })
})

describe('quantile', () => {
  test('is the piecewise linear curve through the order statistics', () => {
    fc.assert(
      fc.property(someValues, share, (values, q) => {
        const sorted = values.toSorted((a, b) => a - b)
        const size = Math.abs(sorted[0]!) + Math.abs(sorted.at(-1)!) + 1

        expect(Math.abs(quantile(sorted, q) - quantileOf(sorted, q))).toBeLessThan(1e-9 * size)
      }),
    )
  })

  test('never leaves the range of the values and grows with q', () => {
    fc.assert(
      fc.property(someValues, share, share, (values, p, q) => {
        const sorted = Float64Array.from(values).toSorted()
        const low = quantile(sorted, Math.min(p, q))
        const high = quantile(sorted, Math.max(p, q))

        expect(sorted[0]).toBeLessThanOrEqual(low)
        expect(low).toBeLessThanOrEqual(high)
        expect(high).toBeLessThanOrEqual(sorted.at(-1)!)
      }),
    )
  })

  test('refuses an empty list, a share outside [0, 1] and an order it sees to be wrong', () => {
    expect(() => quantile([], 0.5)).toThrow('Expected `sorted` to be at least one number')
    for (const q of [-0.1, 1.1, Number.NaN]) expect(() => quantile([1], q)).toThrow(/`q`/)
    expect(() => quantile([3, 2, 1], 0.25)).toThrow('in ascending order')
    expect(() => quantile([1, Number.NaN, 3], 0.5)).toThrow('Expected `sorted[1]`')
  })
})

describe('median', () => {
  test('is the middle value whatever the order, and leaves the values as they are', () => {
    const values = [5, -1, 100, 3]

    expect(median(values)).toBe(4)
    expect(median([5, -1, 3])).toBe(3)
    expect(values).toEqual([5, -1, 100, 3])
  })

  test('has as many values above as below', () => {
    fc.assert(
      fc.property(someValues, (values) => {
        const middle = median(values)

        const below = values.filter((value) => value < middle).length
        const above = values.filter((value) => value > middle).length
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2)
      }),
    )
  })

  test('refuses an empty list and a value that is not a number, naming its place', () => {
    expect(() => median([])).toThrow(InvalidArgumentError)
    expect(() => median([1, Number.NaN])).toThrow('Expected `values[1]` to be a finite number')
  })
})

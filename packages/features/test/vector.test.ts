import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { InvalidArgumentError, InvalidFeatureError } from '../src/errors.ts'
import { FEATURE_DIMENSIONS, FEATURE_NAMES } from '../src/ranges.ts'
import { distance, toVector } from '../src/vector.ts'
import type { WorkloadFeatures } from '../src/workload-features.ts'

const START_METHODS = ['worker_threads', 'child_process', 'fork', 'forkserver', 'spawn'] as const

const workload: WorkloadFeatures = {
  dataSize: 10_000,
  itemTimeMs: 1,
  physicalCores: 4,
  availableMemoryBytes: 8_589_934_592,
  startMethod: 'worker_threads',
  serializedBytes: 512,
  coefficientOfVariation: 0.15,
  functionComplexity: 450,
}

const measurement = fc.oneof(
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  fc.nat(),
  fc.constant(0),
)
const anyWorkload: fc.Arbitrary<WorkloadFeatures> = fc.record(
  {
    dataSize: measurement,
    itemTimeMs: measurement,
    physicalCores: measurement,
    availableMemoryBytes: measurement,
    startMethod: fc.constantFrom(...START_METHODS),
    serializedBytes: measurement,
    coefficientOfVariation: measurement,
    functionComplexity: measurement,
  },
  {
    requiredKeys: [
      ...(['dataSize', 'itemTimeMs', 'physicalCores', 'availableMemoryBytes'] as const),
      'startMethod',
    ],
  },
)
const anyVector = anyWorkload.map(toVector)

describe('toVector', () => {
  test('places each feature where the design says', () => {
    const expected = [
      3 / 5,
      1 / 2,
      4 / 128,
      Math.log10(8.589934592) / 3,
      0,
      Math.log10(51.2) / 6,
      0.075,
      Math.log10(4.5) / 2,
    ]

    const vector = toVector(workload)

    expect(vector).toHaveLength(8)
    for (const [i, value] of expected.entries()) expect(vector[i]).toBeCloseTo(value, 12)
  })

  test.each<[keyof WorkloadFeatures, number, number, number]>([
    ['dataSize', 10, 1e6, Math.sqrt(10 * 1e6)],
    ['itemTimeMs', 0.001, 1000, 1],
    ['physicalCores', 0, 128, 64],
    ['availableMemoryBytes', 1e9, 1e12, Math.sqrt(1e9 * 1e12)],
    ['serializedBytes', 10, 1e7, 1e4],
    ['coefficientOfVariation', 0, 2, 1],
    ['functionComplexity', 100, 10_000, 1000],
  ])('%s goes from 0 at %d to 1 at %d by way of a half at %d', (field, foot, top, middle) => {
    const index = FEATURE_DIMENSIONS.findIndex((dimension) => dimension.field === field)
    const place = (value: number): number => toVector({ ...workload, [field]: value })[index]!

    expect([place(0), place(foot), place(top), place(top * 10)]).toEqual([0, 0, 1, 1])
    expect(place(middle)).toBeCloseTo(0.5, 12)
  })

  test.each<[string, number]>([
    ['worker_threads', 0],
    ['fork', 0],
    ['forkserver', 0.5],
    ['child_process', 1],
    ['spawn', 1],
    ['green_threads', 0.5],
    ['toString', 0.5],
  ])('a start method of %s is %d', (startMethod, place) => {
    // Samples of other implementations may have methods that this one does not know.
    const features: object = { ...workload, startMethod }

    // @ts-expect-error: `startMethod` may be any text here
    expect(toVector(features)[4]).toBe(place)
  })

  test('counts a missing optional feature as 0', () => {
    const { serializedBytes, coefficientOfVariation, functionComplexity, ...required } = workload

    expect([serializedBytes, coefficientOfVariation, functionComplexity]).toEqual([512, 0.15, 450])
    for (const features of [required, { ...required, functionComplexity: undefined }]) {
      expect(toVector(features).slice(5)).toEqual(Float64Array.of(0, 0, 0))
    }
  })

  test('stays within [0, 1] for every workload', () => {
    fc.assert(
      fc.property(anyWorkload, (features) => {
        const vector = toVector(features)

        expect(vector.every((component) => component >= 0 && component <= 1)).toBe(true)
      }),
    )
  })

  test('is monotone in every number', () => {
    const numeric = FEATURE_DIMENSIONS.filter(({ scale }) => scale !== 'category')
    fc.assert(
      fc.property(
        fc.constantFrom(...numeric),
        measurement,
        measurement,
        ({ field, name }, one, other) => {
          const index = FEATURE_NAMES.indexOf(name)
          const low = toVector({ ...workload, [field]: Math.min(one, other) })[index]
          const high = toVector({ ...workload, [field]: Math.max(one, other) })[index]

          expect(low).toBeLessThanOrEqual(high!)
        },
      ),
    )
  })

  test.each(FEATURE_DIMENSIONS.map(({ field }) => field))('refuses a %s that is none', (field) => {
    const refused = [Number.NaN, Infinity, -Infinity, -1, null, true, 8n, Symbol('x'), {}, ['1']]
    for (const value of refused) {
      expect(() => toVector({ ...workload, [field]: value })).toThrow(InvalidFeatureError)
    }
    const { isOptional } = FEATURE_DIMENSIONS.find((dimension) => dimension.field === field)!
    const withoutIt = (): unknown => toVector({ ...workload, [field]: undefined })
    if (isOptional) expect(withoutIt).not.toThrow()
    else expect(withoutIt).toThrow(InvalidFeatureError)
  })

  test('says what was expected, what came and what to do', () => {
    expect(refuseNegativeTime).toThrow(
      'Expected `itemTimeMs` to be a finite number (ms), 0 or more, got `-1` (number). Give the time for one item.',
    )
    expect(refuseNegativeTime).toThrow(
      expect.objectContaining({
        code: 'AMORSIZE_FEATURES_INVALID_FEATURE',
        feature: 'itemTimeMs',
        value: -1,
        remedy: 'Give the time for one item.',
      }),
    )
    expect(() => toVector({ ...workload, serializedBytes: Number.NaN })).toThrow('or leave it out')
  })

  test('refuses features that are no object', () => {
    for (const features of [undefined, null, 7, 'x']) {
      // @ts-expect-error: what JavaScript callers may pass
      expect(() => toVector(features)).toThrow(InvalidArgumentError)
    }
  })
})

describe('distance', () => {
  test('is that of Euclid', () => {
    const origin = new Float64Array(8)

    expect(distance(origin, [1, 1, 1, 1, 1, 1, 1, 1])).toBe(Math.sqrt(8))
    expect(distance(origin, [0.3, 0.4, 0, 0, 0, 0, 0, 0])).toBeCloseTo(0.5, 12)
  })

  test('is a metric that ends at sqrt(8)', () => {
    fc.assert(
      fc.property(anyVector, anyVector, anyVector, (a, b, c) => {
        expect(distance(a, a)).toBe(0)
        expect(distance(a, b)).toBe(distance(b, a))
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c) + 1e-12)
        expect(distance(a, b)).toBeLessThanOrEqual(Math.sqrt(8))
        const largest = Math.max(...a.map((component, i) => Math.abs(component - b[i]!)))
        expect(distance(a, b)).toBeGreaterThanOrEqual(largest > 1e-150 ? largest * 0.999 : 0)
      }),
    )
  })

  test('refuses another length and a component that no vector of features has', () => {
    const origin = [0, 0, 0, 0, 0, 0, 0, 0]

    expect(() => distance([0, 0], origin)).toThrow('Expected `a` to be a vector of 8 numbers')
    // @ts-expect-error: what JavaScript callers may pass
    expect(() => distance(origin, undefined)).toThrow('Expected `b`')
    for (const component of [Number.NaN, Infinity, -0.1, 1.1, '0']) {
      const vector = [...origin.slice(1), component]
      // @ts-expect-error: what JavaScript callers may pass
      expect(() => distance(origin, vector)).toThrow('Expected `b[7]` to be a number in [0, 1]')
    }
  })
})

function refuseNegativeTime(): unknown {
  return toVector({ ...workload, itemTimeMs: -1 })
}

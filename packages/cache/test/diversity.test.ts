import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { chooseRedundant } from '../src/diversity.ts'
import type { TrainingSample } from '../src/index.ts'
import { FEATURES, sampleOf } from './example-records.ts'

const itself = (sample: TrainingSample): TrainingSample => sample

test('a history within the limit loses nothing', () => {
  const history = [sampleOf(), sampleOf()]

  expect(chooseRedundant(history, itself, 2)).toEqual([])
})

test('of equal situations the newest stay', () => {
  const history = [3, 1, 4, 2].map((timestampMs) => sampleOf({ timestampMs }))

  const dropped = chooseRedundant(history, itself, 2)

  expect(new Set(dropped.map(({ timestampMs }) => timestampMs))).toEqual(new Set([1, 2]))
})

test('a rare situation outlives any number of newer samples of a common one', () => {
  const rare = [
    sampleOf({ timestampMs: 0, functionSignature: '1'.repeat(16) }),
    sampleOf({ timestampMs: 1, machine: 'another' }),
    sampleOf({ timestampMs: 2, nJobs: 64 }),
    sampleOf({ timestampMs: 3, chunkSize: 1 }),
    sampleOf({ timestampMs: 4, features: { ...FEATURES, dataSize: 1e6 } }),
    sampleOf({ timestampMs: 5, features: { ...FEATURES, itemTimeMs: 0 } }),
    sampleOf({ timestampMs: 6, speedup: 0.1 }),
  ]
  const common = Array.from({ length: 500 }, (_, index) => sampleOf({ timestampMs: 100 + index }))

  const dropped = new Set(chooseRedundant([...rare, ...common], itself, 10))

  expect(rare.filter((sample) => dropped.has(sample))).toEqual([])
})

test('losers go no sooner than winners', () => {
  const history = Array.from({ length: 400 }, (_, index) =>
    sampleOf({ timestampMs: index, speedup: index % 4 === 0 ? 0.5 : 4 }),
  )

  const dropped = new Set(chooseRedundant(history, itself, 40))
  const losers = history.filter((sample) => !dropped.has(sample) && sample.speedup < 1)

  expect(losers.length).toBeGreaterThanOrEqual(10)
})

test('where even the situations are too many, every function keeps its share', () => {
  const history = ['a', 'b', 'c', 'd'].flatMap((letter, place) =>
    Array.from({ length: 20 * (place + 1) }, (_, index) =>
      sampleOf({ functionSignature: letter.repeat(16), nJobs: 1 + index, timestampMs: index }),
    ),
  )

  const dropped = new Set(chooseRedundant(history, itself, 40))
  const kept = history.filter((sample) => !dropped.has(sample))
  const shares = ['a', 'b', 'c', 'd'].map(
    (letter) => kept.filter(({ functionSignature }) => functionSignature[0] === letter).length,
  )

  expect(shares).toEqual([10, 10, 10, 10])
})

test('what is kept and what is dropped are the whole history, in numbers that fit', () => {
  const arbitraryHistory = fc.array(
    fc.record({ signature: fc.nat(3), time: fc.nat(50), jobs: fc.integer({ min: 1, max: 4 }) }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(arbitraryHistory, fc.integer({ min: 1, max: 70 }), (shape, limit) => {
      const history = shape.map(({ signature, time, jobs }) =>
        sampleOf({
          functionSignature: String(signature).repeat(16),
          timestampMs: time,
          nJobs: jobs,
        }),
      )

      const dropped = chooseRedundant(history, itself, limit)

      expect(dropped).toHaveLength(Math.max(0, history.length - limit))
      expect(new Set(dropped).size).toBe(dropped.length)
      expect(dropped.every((sample) => history.includes(sample))).toBe(true)
    }),
  )
})

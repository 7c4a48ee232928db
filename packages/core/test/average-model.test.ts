/** The plain mean of the nearest runs, which the model is held against. */
import type { TrainingSample } from '@amorsize/cache'
import { describe, expect, it } from 'vitest'

import type { Query } from '../src/learning/query.ts'
import { modelOf } from './asked-model.ts'
import { LIMITS, queryOf, runOf, runs, STRANGER, timed } from './example-runs.ts'

const TASK_FEATURES = queryOf().features

describe('the plain mean', () => {
  const waiting = { mayWait: 1, executor: 'async', nJobs: 100, chunkSize: 1, speedup: 90 } as const
  const mean = (samples: readonly TrainingSample[], changes: Partial<Query> = {}) =>
    modelOf(samples).predictByAverage(queryOf(changes), LIMITS)

  it('does not take items in flight for workers, nor what they gain for a speedup of these', () => {
    const said = mean(runs(5, () => waiting))!

    expect(said.plan).toMatchObject({ executor: 'serial', nJobs: 1 })
    expect(said.estimatedSpeedup).toBe(1)
  })

  it('of workers and items in flight promises no more than its workers', () => {
    const said = mean(runs(6, (nth) => (nth % 2 === 0 ? waiting : {})))!

    expect(said.plan.nJobs).toBeLessThan(4)
    expect(said.estimatedSpeedup).toBeLessThanOrEqual(said.plan.nJobs)
  })

  it('knows what the last run knew, and follows those to come', () => {
    const model = modelOf(runs(3, () => ({})))
    const before = model.predictByAverage(queryOf(), LIMITS)!
    model.learn(runOf(3))
    const after = model.predictByAverage(queryOf(), LIMITS)!

    expect(before.features).toMatchObject({ itemTimeMs: 1, serializedBytes: 100 })
    expect([before.trainingSamples, after.trainingSamples]).toEqual([3, 4])
    expect(after.plan.nJobs).toBe(4)
  })

  it('knows of runs with another context only what does not depend on it', () => {
    const CONTEXT = 7
    const samples = [
      ...[0, 1, 2].map((nth) => timed(nth, 20, { contextDigest: CONTEXT })),
      ...Array.from({ length: 25 }, (_, nth) => timed(nth + 3, 0.001)),
    ]

    const seen = mean(samples, { contextDigest: CONTEXT })!
    const given = { contextDigest: 8, features: { ...TASK_FEATURES, itemTimeMs: 1 } }

    expect(seen.features.itemTimeMs).toBe(20)
    expect(mean(samples)!.features.itemTimeMs).toBe(0.001)
    expect(mean(samples, { contextDigest: 8 })).toBeUndefined()
    expect(mean(samples, given)).toMatchObject({ basis: 'stranger', features: { itemTimeMs: 1 } })
  })

  it('forgets what the history does', { timeout: 60_000 }, () => {
    const most = 100_000
    const startMs = runOf(0).timestampMs
    const sampleAt = (nth: number) => runOf(0, { timestampMs: startMs + nth })
    const model = modelOf(Array.from({ length: most }, (_, nth) => sampleAt(nth)))
    const full = model.predictByAverage(queryOf(), LIMITS)!
    model.learn(sampleAt(most))
    const after = model.predictByAverage(queryOf(), LIMITS)!

    expect(full.trainingSamples).toBe(most)
    expect(model.size).toBeLessThan(most)
    expect(after.trainingSamples).toBe(model.size)
  })

  it('answers of strangers only where their item time is given', () => {
    const signature = STRANGER
    const features = { ...TASK_FEATURES, itemTimeMs: 1 }

    expect(
      mean(
        runs(5, () => ({})),
        { signature },
      ),
    ).toBeUndefined()
    expect(
      mean(
        runs(5, () => ({})),
        { signature, features },
      )!.basis,
    ).toBe('stranger')
  })
})

/** How sure predictions are, and what that is worth. */
import type { TrainingSample } from '@amorsize/cache'
import { describe, expect, it } from 'vitest'

import type { Query } from '../src/learning/query.ts'
import { digestSettings, resolveSettings } from '../src/learning/settings.ts'
import type { ModelSettings } from '../src/learning/settings.ts'
import { ask, modelOf } from './asked-model.ts'
import { queryOf, runOf, runs, STRANGER, timed } from './example-runs.ts'

const TASK_FEATURES = queryOf().features

describe('confidence', () => {
  const steady = modelOf(runs(15, () => ({})))

  it('falls where the query lies outside the history', () => {
    const inside = ask(steady)
    const outside = ask(steady, { features: { ...TASK_FEATURES, dataSize: 5_000_000 } })
    const other = ask(steady, { itemSize: 1e6 })

    expect(outside.rawConfidence).toBeLessThan(inside.rawConfidence)
    expect(other.rawConfidence).toBeLessThan(inside.rawConfidence)
  })

  it('falls where the runs lead to other numbers of workers, and to other chunk sizes', () => {
    const inWorkers = modelOf(runs(15, (nth) => ({ contention: nth % 2 === 0 ? 0 : 3 })))
    const inChunks = modelOf(
      Array.from({ length: 15 }, (_, nth) => timed(nth, nth % 2 === 0 ? 0.01 : 20)),
    )
    const sure = ask(steady).rawConfidence

    expect(ask(inWorkers).rawConfidence).toBeLessThan(sure)
    expect(ask(inChunks).rawConfidence).toBeLessThan(sure)
  })

  it('falls where features are missing', () => {
    const known = runs(30, (nth) => ({
      functionSignature: `${STRANGER.slice(0, -2)}${10 + (nth % 20)}`,
    }))
    const full = {
      ...TASK_FEATURES,
      itemTimeMs: 1,
      serializedBytes: 100,
      coefficientOfVariation: 0.1,
    }
    const { serializedBytes: _, coefficientOfVariation: __, ...part } = full

    expect(ask(modelOf(known), { features: part }).rawConfidence).toBeLessThan(
      ask(modelOf(known), { features: full }).rawConfidence,
    )
  })

  it('is a score until 10 outcomes are known, then a probability', () => {
    expect(ask(modelOf(runs(9, () => ({})))).confidenceSource).toBe('raw')
    expect(ask(modelOf(runs(14, () => ({})))).confidenceSource).toBe('calibrated')
    const known = ask(modelOf(runs(40, () => ({}))))
    expect(known.confidenceSource).toBe('calibrated')
    expect(known.confidence).toBeGreaterThan(0.9)
  })

  describe('that is calibrated', () => {
    const calibrated = modelOf(runs(40, () => ({})))
    const inside = ask(calibrated)

    it.each<[string, Partial<Query>]>([
      ['more items', { features: { ...TASK_FEATURES, dataSize: 5_000_000 } }],
      ['larger items', { itemSize: 1e6 }],
      ['longer items', { features: { ...TASK_FEATURES, itemTimeMs: 5000 } }],
      [
        'another kind of machine',
        {
          usableCores: 64,
          features: { ...TASK_FEATURES, physicalCores: 64, startMethod: 'child_process' },
        },
      ],
    ])('falls where the query lies outside the history: %s', (_, changes) => {
      const outside = ask(calibrated, changes)

      expect(inside.confidenceSource).toBe('calibrated')
      expect(outside.rawConfidence).toBeLessThan(inside.rawConfidence)
      expect(outside.confidence).toBeLessThan(inside.confidence - 0.05)
    })

    it('falls where the runs lead to other plans', () => {
      const disturbed = runs(8, (nth) => ({ contention: nth % 2 === 0 ? 0 : 3 }))
      const known = runs(100, (nth) => ({
        functionSignature: `${STRANGER.slice(0, -2)}${10 + (nth % 20)}`,
      }))

      expect(ask(modelOf([...known, ...disturbed])).confidence).toBeLessThan(0.7)
    })

    it('falls where features are missing, below all that outcomes are known of', () => {
      const history = runs(140, () => ({}))
      const { serializedBytes, coefficientOfVariation } = runOf(0).features
      const features = { ...TASK_FEATURES, serializedBytes, coefficientOfVariation }
      const lessKnown = { ...TASK_FEATURES, functionComplexity: undefined }

      const full = ask(modelOf(history), { features }).confidence
      const less = ask(modelOf(history)).confidence
      const least = ask(modelOf(history), { features: lessKnown }).confidence

      expect(less).toBeLessThan(full)
      expect(least).toBeLessThan(less)
    })
  })

  it('does not fall for what the runs of the function tell themselves', () => {
    const heavy = { serializedBytes: 1e6, coefficientOfVariation: 1.5 }
    const model = modelOf(runs(5, () => ({ features: { ...runOf(0).features, ...heavy } })))

    const told = ask(model, { features: { ...TASK_FEATURES, ...heavy } })
    const untold = ask(model)

    expect(untold.features).toMatchObject(heavy)
    expect(untold.confidence).toBeLessThan(told.confidence)
    expect(untold.confidence).toBeGreaterThan(told.confidence - 0.1)
  })

  it('heeds no outcome of a model with other settings', () => {
    const bad = (settings: Partial<ModelSettings>): TrainingSample[] =>
      runs(40, () => ({
        settingsDigest: digestSettings(resolveSettings(settings)),
        ownConfidence: 0.97,
        ownGood: 0,
      }))

    expect(ask(modelOf(bad({}))).confidence).toBeLessThan(0.3)
    expect(ask(modelOf(bad({ neighbors: 3 }))).confidence).toBeGreaterThan(0.9)
  })

  it('falls a little with a run that contradicts it, much with the next, and recovers', () => {
    const samples = runs(30, () => ({}))
    const model = modelOf(samples)
    const before = ask(model).confidence

    const trials = [30, 31].map((nth) => {
      const trial = model.learn(runOf(nth, { speedup: 0.3 }))
      return { isGood: trial?.own?.[1], confidence: ask(model).confidence }
    })
    const [once, after] = trials.map(({ confidence }) => confidence)
    for (let nth = 32; nth < 40; nth++) model.learn(runOf(nth))

    expect(trials.map(({ isGood }) => isGood)).toEqual([0, 0])
    expect(before).toBeGreaterThan(0.9)
    expect(once).toBeLessThan(before)
    expect(after).toBeLessThan(0.7)
    expect(ask(model).confidence).toBeGreaterThan(after!)
  })
})

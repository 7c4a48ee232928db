/** What past runs say of a run to come. */
import type { TrainingSample } from '@amorsize/cache'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { PredictionModel } from '../src/learning/prediction-model.ts'
import type { ModelPrediction } from '../src/learning/prediction-model.ts'
import { DEFAULT_SETTINGS, digestSettings } from '../src/learning/settings.ts'
import { ask, modelOf } from './asked-model.ts'
import { LIMITS, queryOf, runOf, runs, SIGNATURE, STRANGER, timed } from './example-runs.ts'

const TASK_FEATURES = queryOf().features
const DEFAULTS = digestSettings(DEFAULT_SETTINGS)

describe('a function that has run', () => {
  it('is known by its own runs, whatever others took', () => {
    const own = runs(3, () => ({}))
    const others = runs(50, (nth) => ({
      functionSignature: `${STRANGER.slice(0, -2)}${10 + nth}`,
      features: { ...runOf(0).features, itemTimeMs: 0.0001 },
    }))

    const { basis, features, plan } = ask(modelOf([...others, ...own]))

    expect(basis).toBe('own')
    expect(features.itemTimeMs).toBeCloseTo(1)
    expect(plan).toMatchObject({ executor: 'worker_threads', nJobs: 4 })
  })

  it('is priced anew for the number of items, not averaged', () => {
    const model = modelOf(runs(5, () => ({})))

    const few = ask(model, { features: { ...TASK_FEATURES, dataSize: 2 }, warmWorkers: 0 })
    const many = ask(model, { features: { ...TASK_FEATURES, dataSize: 100_000 } })

    expect(few.plan.executor).toBe('serial')
    expect(many.plan).toMatchObject({ executor: 'worker_threads', nJobs: 4 })
    expect(many.estimatedTimeMs).toBeGreaterThan(25_000)
  })

  it('follows the latest runs where the item time has changed', () => {
    const model = modelOf(Array.from({ length: 16 }, (_, nth) => timed(nth, nth < 8 ? 1 : 4)))

    expect(ask(model).features.itemTimeMs).toBeGreaterThan(2.5)
  })

  it('takes longer for larger items once it was seen at more than one size', () => {
    const model = modelOf(
      [1, 100, 1, 100].map((itemSize, nth) => timed(nth, itemSize, { itemSize })),
    )

    expect(ask(model, { itemSize: 1000 }).features.itemTimeMs).toBeGreaterThan(200)
    expect(ask(model, { itemSize: 1 }).features.itemTimeMs).toBeLessThan(3)
  })

  it('gets fewer workers where they were measured to disturb each other', () => {
    const calm = ask(modelOf(runs(5, () => ({ contention: 0 }))))
    const crowded = ask(modelOf(runs(5, () => ({ contention: 0.9, speedup: 1.1 }))))

    expect(crowded.plan.nJobs).toBeLessThan(calm.plan.nJobs)
    expect(crowded.estimatedTimeMs).toBeGreaterThan(calm.estimatedTimeMs)
  })

  it('gets no more workers than fit into memory', () => {
    const model = modelOf(runs(4, () => ({})))
    const cold = { warmWorkers: 0, features: { ...queryOf().features, dataSize: 20_000 } }
    const tight = { ...cold, features: { ...cold.features, availableMemoryBytes: 50e6 } }

    expect(ask(model, cold).plan.nJobs).toBe(4)
    expect(ask(model, tight).plan.nJobs).toBeLessThan(3)
    // That no more fit is no reason to believe it less.
    expect(ask(model, tight).rawConfidence).toBeCloseTo(ask(model, cold).rawConfidence, 1)
  })

  it('is known to be given sorted data, which says nothing of another', () => {
    const sorted = modelOf(runs(6, (nth) => ({ trend: nth % 2 === 0 ? -0.8 : -0.9 })))
    const stranger = ask(sorted, {
      signature: STRANGER,
      features: { ...TASK_FEATURES, itemTimeMs: 1 },
    })

    expect(ask(sorted).costs.trend).toBeCloseTo(-0.85, 1)
    expect(stranger.costs.trend).toBe(0)
  })

  it('is run many at once where it waited', () => {
    const waiting = runs(4, () => ({ waitShare: 0.95, mayWait: 1, executor: 'async', nJobs: 100 }))

    expect(ask(modelOf(waiting), { mayWait: true }).plan.executor).toBe('async')
  })
})

describe('a function that never ran', () => {
  const others = runs(40, (nth) => ({
    functionSignature: `${STRANGER.slice(0, -2)}${10 + (nth % 20)}`,
    features: { ...runOf(0).features, itemTimeMs: 0.2 * (1 + (nth % 5)) },
  }))
  const stranger = { signature: SIGNATURE, features: { ...TASK_FEATURES, serializedBytes: 100 } }

  it('is judged by those most like it where its item time is given', () => {
    const features = { ...stranger.features, itemTimeMs: 1 }

    const { basis, plan, confidence } = ask(modelOf(others), { ...stranger, features })

    expect(basis).toBe('stranger')
    expect(plan.nJobs).toBe(4)
    expect(confidence).toBeGreaterThan(0.7)
  })

  it('is told honestly to be unknown without an item time', () => {
    expect(ask(modelOf(others), stranger).confidence).toBeLessThan(0.7)
  })

  it('does not hear from functions that compute where it may wait', () => {
    const query = queryOf({ ...stranger, mayWait: true })

    expect(modelOf(others).predict(query, LIMITS)).toBeUndefined()
  })
})

describe('other machines', () => {
  it('teach less than the own one, and those unlike it nothing', () => {
    const alike = runs(5, () => ({ machine: 'another' }))
    const unlike = runs(5, () => ({
      machine: 'another',
      features: { ...runOf(0).features, physicalCores: 128 },
    }))

    const mixed = modelOf([...alike.map((each) => timedAs(each, 4)), runOf(9)])
    expect(ask(mixed).features.itemTimeMs).toBeLessThan(2)
    expect(ask(modelOf(alike)).basis).toBe('own')
    expect(modelOf(unlike).predict(queryOf(), LIMITS)).toBeUndefined()
  })
})

function timedAs(sample: TrainingSample, itemTimeMs: number): TrainingSample {
  return { ...sample, features: { ...sample.features, itemTimeMs } }
}

describe('functions that others ran', () => {
  const asked = {
    signature: 'ffffffffffffffff',
    features: {
      ...TASK_FEATURES,
      itemTimeMs: 1,
      serializedBytes: 100,
      coefficientOfVariation: 0.1,
    },
  }

  /** The nth function: nothing of it but what section 6 of the design has. */
  function foreignRunOf(nth: number): TrainingSample {
    const { features, nJobs, chunkSize, speedup, timestampMs } = runOf(nth)
    const functionSignature = nth.toString(16).padStart(16, '0')
    return { features, nJobs, chunkSize, speedup, timestampMs, functionSignature }
  }

  it('are told of by other implementations too', () => {
    const model = modelOf(Array.from({ length: 60 }, (_, nth) => foreignRunOf(nth % 20)))

    const { basis, plan, costs } = ask(model, asked)

    expect(basis).toBe('stranger')
    expect(plan).toMatchObject({ executor: 'worker_threads', nJobs: 4 })
    expect(costs.dispatch!.cloneMs).toBeGreaterThan(0)
  })

  it('cost as much to send as those of them did that measured it', () => {
    const measured = { functionSignature: STRANGER, cloneMs: 0.5 }
    const model = modelOf([...[1, 2, 3, 4].map(foreignRunOf), runOf(9, measured)])

    expect(ask(model, asked).costs.dispatch!.cloneMs).toBeCloseTo(0.5)
  })

  it('are as near by weights that are all the same, whatever they are', () => {
    const samples = [1, 2, 3, 4, 5, 6].map(foreignRunOf)
    const by = (weight: number): ModelPrediction => {
      const model = new PredictionModel({ weights: Array.from({ length: 8 }, () => weight) })
      model.learnAll(samples)
      return ask(model, asked)
    }

    expect(by(100).rawConfidence).toBeCloseTo(by(1).rawConfidence, 9)
    expect(by(100).confidence).toBeCloseTo(by(1).confidence, 9)
  })

  it('are told of by their latest run, also where an older one becomes known late', () => {
    const costly = { functionSignature: STRANGER, cloneMs: 0.5 }
    const known = runOf(9, { ...costly, cloneMs: 0.003 })
    const early = runs(4, () => ({ functionSignature: '00000000000000aa' }))
    const ofStranger = (model: PredictionModel): number =>
      ask(model, { features: { ...TASK_FEATURES, itemTimeMs: 1 } }).costs.dispatch!.cloneMs
    const late = modelOf([...early, known])
    const before = ofStranger(late)

    late.learn(runOf(8, costly))

    expect(ofStranger(late)).toBe(before)
    expect(ofStranger(modelOf([...early, runOf(8, costly), known]))).toBeCloseTo(before, 6)
  })

  it('are asked of machines that are alike, however near those on others are', () => {
    const elsewhere = runs(50, (nth) => ({
      functionSignature: `00000000000000${(nth + 16).toString(16)}`,
      machine: 'feedfeedfeedfeed',
      usableCores: 64,
      features: { ...runOf(0).features, physicalCores: 64 },
    }))
    const here = runs(10, (nth) => ({
      functionSignature: `00000000000001${(nth + 16).toString(16)}`,
      features: { ...runOf(0).features, serializedBytes: 1e6, functionComplexity: 4000 },
    }))

    const { basis } = ask(modelOf([...elsewhere, ...here]), {
      features: { ...TASK_FEATURES, itemTimeMs: 1 },
    })

    expect(basis).toBe('stranger')
  })

  it('of which one says that it ran no item are no less known', () => {
    const odd = { nJobs: 2, speedup: 2, itemCount: 0, contention: undefined }
    const { contention } = ask(modelOf(runs(4, () => odd as never))).costs

    expect(contention).toBeGreaterThanOrEqual(0)
  })

  it('are told of by the run that measured, not by a later one that did not', () => {
    const measured = timed(1, 9, { cloneMs: 0.5 })
    const predicted = [2, 3].map((nth) => {
      const { cloneMs: _, ...run } = runOf(nth)
      return run
    })

    for (const samples of [
      [measured, ...predicted],
      [...predicted, measured],
    ])
      expect(ask(modelOf(samples), asked).costs.dispatch!.cloneMs).toBeCloseTo(0.5)
  })

  it.each([
    ['at once', 0],
    ['one after the other', 7000],
  ])('are known by the latest however many there are, learned %s', (_how, later) => {
    const functions = Array.from({ length: 7000 + later }, (_, nth) =>
      runOf(nth / 100, {
        functionSignature: nth.toString(16).padStart(16, '0'),
        settingsDigest: DEFAULTS,
        ...(nth < 6990 + later
          ? { cloneMs: 0.003, features: { ...runOf(0).features, itemTimeMs: 0.01 } }
          : { cloneMs: 0.7 }),
      }),
    )
    const model = modelOf(functions.slice(0, 7000))
    ask(model, asked)
    for (const each of functions.slice(7000)) model.learn(each)

    const { featureMatch, costs } = ask(model, asked)

    expect(featureMatch).toBeCloseTo(1)
    expect(costs.dispatch!.cloneMs).toBeCloseTo(0.7)
  })
})

describe('the context', () => {
  const CONTEXT = 0xabcdef
  const OTHER_CONTEXT = 0x123456

  it('is a part of what the function is: with another it has to be measured anew', () => {
    const model = modelOf(runs(40, () => ({ contextDigest: OTHER_CONTEXT })))
    const sure = ask(model, { contextDigest: OTHER_CONTEXT })

    for (const contextDigest of [CONTEXT, undefined, 0]) {
      const unsure = ask(model, { contextDigest })

      expect(unsure.featureMatch).toBeLessThan(sure.featureMatch)
      expect(unsure.confidence).toBeLessThan(0.5)
    }
    expect(sure.confidence).toBeGreaterThan(0.9)
  })

  it('that was seen tells which runs to ask, however many there are with another', () => {
    const model = modelOf([
      timed(0, 20, { contextDigest: CONTEXT }),
      timed(1, 20, { contextDigest: CONTEXT }),
      ...Array.from({ length: 30 }, (_, nth) => timed(nth + 2, 0.001)),
    ])

    expect(ask(model, { contextDigest: CONTEXT }).features.itemTimeMs).toBeCloseTo(20)
    expect(ask(model).features.itemTimeMs).toBeCloseTo(0.001)
  })

  it('that cannot be told from others is like none, its own included', () => {
    const model = modelOf(runs(40, () => ({ contextDigest: -1 })))

    expect(ask(model, { contextDigest: -1 }).confidence).toBeLessThan(0.5)
  })

  it('that is new says nothing of what predictions are worth', () => {
    const model = modelOf(runs(40, () => ({})))

    expect(model.learn(runOf(40, { contextDigest: CONTEXT, speedup: 0.3 }))?.own).toBeUndefined()
    expect(ask(model).confidence).toBeGreaterThan(0.9)
  })
})

describe('another major version of the runtime', () => {
  it('teaches less than this one', () => {
    const before = [0, 1, 2, 3, 4].map((nth) => timed(nth, 4, { runtimeMajor: 20 }))
    const model = modelOf([...before, timed(5, 1, { runtimeMajor: 22 })])

    const here = ask(model, { runtimeMajor: 22 }).features.itemTimeMs
    const there = ask(model, { runtimeMajor: 20 }).features.itemTimeMs

    expect(here).toBeLessThan(1.6)
    expect(there).toBeGreaterThan(2)
    expect(ask(model).features.itemTimeMs).toBeGreaterThan(here)
  })
})

describe('a history', () => {
  it('gives one answer, learned at once or run by run', () => {
    const samples = runs(60, (nth) => ({
      functionSignature: nth % 3 === 0 ? SIGNATURE : STRANGER,
      contention: (nth % 7) / 20,
    }))
    const one = modelOf(samples)
    const other = new PredictionModel()
    for (const each of samples) other.learn(each)

    const stranger = {
      signature: '00000000000000aa',
      features: { ...TASK_FEATURES, itemTimeMs: 1 },
    }
    expect(ask(other)).toEqual(ask(one))
    expect(ask(other, stranger)).toEqual(ask(one, stranger))
    expect(ask(one)).toEqual(ask(one))
  })

  it('gives one answer, whatever was asked before', () => {
    const samples = runs(50, (nth) => ({
      machine: nth % 4 === 0 ? 'another' : runOf(0).machine!,
      contention: (nth % 7) / 20,
      cloneMs: 0.002 * (1 + (nth % 3)),
      itemSize: nth % 5,
      features: { ...runOf(0).features, itemTimeMs: 1 + (nth % 5) },
    }))
    const questions = [
      queryOf(),
      queryOf({ itemSize: 3 }),
      queryOf({ machine: 'another' }),
      queryOf({ features: { ...TASK_FEATURES, physicalCores: 16 } }),
      queryOf({ features: { ...TASK_FEATURES, startMethod: 'child_process' } }),
      queryOf({ features: { ...TASK_FEATURES, itemTimeMs: 9, coefficientOfVariation: 1 } }),
    ]
    const model = new PredictionModel()
    for (const [nth, sample] of samples.entries()) {
      model.learn(sample)
      for (const question of questions) model.predict(question, LIMITS)
      const fresh = new PredictionModel()
      for (const each of samples.slice(0, nth + 1)) fresh.learn(each)

      const asked = questions[nth % questions.length]!
      expect(model.predict(asked, LIMITS)).toEqual(fresh.predict(asked, LIMITS))
    }
  })

  it('gives one answer, whatever the order in which its runs become known', () => {
    const samples = Array.from({ length: 12 }, (_, nth) =>
      timed(nth, 1 + nth, { cloneMs: 0.001 * (1 + nth), startUpMs: 40 + nth }),
    )
    fc.assert(
      fc.property(fc.shuffledSubarray(samples, { minLength: samples.length }), (shuffled) => {
        const late = new PredictionModel()
        for (const sample of shuffled) late.learn(sample)

        const { confidence: _, ...said } = ask(late)
        const { confidence: __, ...expected } = ask(modelOf(samples))
        expect(said).toEqual(expected)
      }),
      { numRuns: 20 },
    )
  })

  it('does not hear runs that are yet to come', () => {
    const inTenYears = Date.now() + 10 * 365 * 86_400_000
    const ahead = Array.from({ length: 6 }, (_, nth) =>
      timed(nth, 50, { timestampMs: inTenYears + nth }),
    )
    const model = modelOf([...runs(30, () => ({})), ...ahead])

    expect(model.size).toBe(30)
    expect(ask(model).features.itemTimeMs).toBeCloseTo(1)
  })

  it('counts a sample that is given twice once', () => {
    const model = modelOf([runOf(1), runOf(1), runOf(2)])

    expect(model.size).toBe(2)
    expect(model.predict(queryOf(), LIMITS)).toBeUndefined()
  })

  it('of damaged, hostile and contradictory samples never leads to a plan that cannot be', () => {
    const hostile = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -1, 1e300, Infinity, Number.NaN, 1_000_000),
      fc.constantFrom(undefined, null, 'text', {}, []),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    )
    const samples = fc.array(
      fc.record({
        features: fc.oneof(
          fc.record({
            dataSize: hostile,
            itemTimeMs: hostile,
            physicalCores: hostile,
            availableMemoryBytes: hostile,
            startMethod: fc.oneof(fc.constant('worker_threads'), hostile),
            coefficientOfVariation: hostile,
          }),
          fc.constant(runOf(0).features),
          hostile,
        ),
        nJobs: hostile,
        chunkSize: hostile,
        speedup: hostile,
        timestampMs: hostile,
        functionSignature: fc.constantFrom(SIGNATURE, STRANGER, 7),
        machine: fc.constantFrom('a machine that does not exist', runOf(0).machine, 3),
        executor: fc.constantFrom('serial', 'worker_threads', 'async', 'teleport', 1),
        contention: hostile,
        besideMs: hostile,
        cloneMs: hostile,
        dispatchMs: hostile,
        waitShare: hostile,
        itemSize: hostile,
        warmWorkers: hostile,
        usableCores: hostile,
        settingsDigest: hostile,
        ownConfidence: hostile,
        ownGood: hostile,
      }),
      { maxLength: 30 },
    )

    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 1e6 }), (list, dataSize) => {
        const model = new PredictionModel()
        model.learnAll(list as unknown as TrainingSample[])
        model.learnAll(runs(3, () => ({})))
        const query = queryOf({ features: { ...TASK_FEATURES, dataSize } })
        const { plan, confidence, estimatedTimeMs, estimatedSpeedup } = model.predict(
          query,
          LIMITS,
        )!

        expect(['serial', 'async', 'worker_threads']).toContain(plan.executor)
        expect(Number.isInteger(plan.nJobs) && plan.nJobs >= 1).toBe(true)
        if (plan.executor === 'worker_threads') expect(plan.nJobs).toBeLessThanOrEqual(4)
        expect(Number.isInteger(plan.chunkSize) && plan.chunkSize >= 1).toBe(true)
        expect(plan.chunkSize).toBeLessThanOrEqual(dataSize)
        expect(confidence).toBeGreaterThanOrEqual(0)
        expect(confidence).toBeLessThanOrEqual(1)
        expect(estimatedTimeMs).toBeGreaterThanOrEqual(0)
        expect(estimatedSpeedup).toBeGreaterThan(0)
      }),
      { numRuns: 200 },
    )
  })
})

/** How much workers disturb each other, learned from runs that do not all measure it. */
import type { TrainingSample } from '@amorsize/cache'
import { describe, expect, it } from 'vitest'

import type { Decision } from '../src/decide/source.ts'
import { measureRun } from '../src/learning/measured-run.ts'
import { PredictionModel } from '../src/learning/prediction-model.ts'
import type { ModelPrediction } from '../src/learning/prediction-model.ts'
import { LIMITS, queryOf, runOf, STRANGER } from './example-runs.ts'

const COUNT = 2000
const CORES = 2
const LOAD = { share: 0, logicalCores: CORES, usableCores: CORES }
const TWO_CORES = {
  usableCores: CORES,
  warmWorkers: CORES,
  features: { ...runOf(0).features, physicalCores: CORES },
}
const QUESTION = queryOf({
  usableCores: CORES,
  warmWorkers: CORES,
  features: { ...queryOf().features, physicalCores: CORES },
})
const ON_TWO = { maxWorkers: CORES, runtime: 'worker_threads' } as const

/** What items take on a machine without noise. */
interface World {
  readonly aloneMs: number
  readonly contention: number
}

/** The sample of a run on two cores, by what `measureRun` makes of it. */
function observe(
  nth: number,
  {
    plan,
    source,
    features,
    costs,
  }: Pick<Decision<unknown>, 'plan' | 'source' | 'features' | 'costs'>,
  { aloneMs, contention }: World,
): TrainingSample {
  const nJobs = plan.executor === 'serial' ? 1 : plan.nJobs
  const itemTimeMs = aloneMs * (1 + contention * (nJobs - 1))
  const makespanMs = (COUNT * itemTimeMs) / nJobs
  const measured = measureRun(
    {
      source,
      plan,
      features,
      estimatedTimeMs: 0,
      estimatedSpeedup: 1,
      reason: '',
      warnings: [],
      ...(costs && { costs }),
    },
    {
      makespanMs,
      itemCount: COUNT,
      itemTimeMs,
      speedup: Math.min(itemTimeMs, features.itemTimeMs) * (COUNT / makespanMs),
      computingMs: COUNT * itemTimeMs,
    },
    LOAD,
  )
  const unmeasured = {
    cloneMs: undefined,
    dispatchMs: undefined,
    mainDispatchMs: undefined,
    startUpMs: undefined,
    contention: undefined,
  }
  return runOf(nth, {
    ...plan,
    ...TWO_CORES,
    ...unmeasured,
    source,
    speedup: measured.speedup,
    features: { ...TWO_CORES.features, itemTimeMs: measured.itemTimeMs },
    ...measured.costs,
  })
}

/** A model that knows functions whose workers do not disturb each other, and three dry runs of one. */
function modelAfterDryRuns(world: World): PredictionModel {
  const model = new PredictionModel()
  for (let nth = 0; nth < 60; nth++) {
    const functionSignature = `${STRANGER.slice(0, -2)}${10 + (nth % 20)}`
    model.learn(runOf(nth - 100, { ...TWO_CORES, functionSignature, nJobs: CORES, speedup: 1.9 }))
  }
  const features = { ...TWO_CORES.features, itemTimeMs: world.aloneMs }
  const plan = { executor: 'worker_threads', nJobs: CORES, chunkSize: 10 } as const
  for (let nth = 0; nth < 3; nth++) {
    model.learn(observe(nth, { plan, source: 'dry-run', features }, world))
  }
  return model
}

/** So many runs as the model would have them, each learned. */
function runPredicted(
  model: PredictionModel,
  [from, to]: readonly [number, number],
  world: World,
): ModelPrediction[] {
  return Array.from({ length: to - from }, (_, place) => {
    const prediction = model.predict(QUESTION, ON_TWO)!
    model.learn(observe(from + place, { ...prediction, source: 'prediction' }, world))
    return prediction
  })
}

const executorsOf = (predictions: readonly ModelPrediction[]): Set<string> =>
  new Set(predictions.map(({ plan }) => plan.executor))

describe('a function that is predicted again and again', () => {
  it('stays with the loop where workers would be slower, however many others do not disturb each other', () => {
    const world = { aloneMs: 1, contention: 1.5 }

    const predictions = runPredicted(modelAfterDryRuns(world), [3, 80], world)

    expect(executorsOf(predictions.slice(1))).toEqual(new Set(['serial']))
    expect(predictions.at(-1)!.features.itemTimeMs).toBeCloseTo(1)
    expect(predictions.at(-1)!.costs.contention).toBeGreaterThan(0.9)
  })

  it('comes to the loop where its workers begin to disturb each other', () => {
    const model = modelAfterDryRuns({ aloneMs: 1, contention: 0 })
    const before = runPredicted(model, [3, 60], { aloneMs: 1, contention: 0 })
    const after = runPredicted(model, [60, 120], { aloneMs: 1, contention: 1.5 })

    expect(executorsOf(before)).toEqual(new Set(['worker_threads']))
    expect(executorsOf(after.slice(-40))).toEqual(new Set(['serial']))
    expect(after.at(-1)!.features.itemTimeMs).toBeCloseTo(1)
  })

  it.each([4, 1 / 4])(
    'comes back to workers where its items now take %d times as long',
    (factor) => {
      const model = modelAfterDryRuns({ aloneMs: 1, contention: 0 })
      runPredicted(model, [3, 20], { aloneMs: 1, contention: 0 })
      const after = runPredicted(model, [20, 80], { aloneMs: factor, contention: 0 })

      expect(executorsOf(after.slice(-20))).toEqual(new Set(['worker_threads']))
      expect(after.at(-1)!.features.itemTimeMs).toBeCloseTo(factor)
    },
  )

  it('doubts a prediction that its run contradicts, and none that its run says nothing of', () => {
    const world = { aloneMs: 1, contention: 1.5 }
    const model = modelAfterDryRuns({ aloneMs: 1, contention: 0 })
    const byWorkers = model.predict(QUESTION, ON_TWO)!
    const contradicted = model.learn(observe(3, { ...byWorkers, source: 'prediction' }, world))
    const loop = { executor: 'serial', nJobs: 1, chunkSize: COUNT } as const

    const disturbed = modelAfterDryRuns(world)
    const untold = disturbed.learn(
      observe(3, { ...byWorkers, plan: loop, source: 'prediction' }, world),
    )

    expect(contradicted?.own?.[1]).toBe(0)
    expect(untold?.own).toBeUndefined()
  })
})

describe('a speedup that was measured elsewhere', () => {
  /** As of other implementations, which tell no more. */
  const taught = (nth: number, changes: Partial<TrainingSample>): TrainingSample => {
    const { features, functionSignature, timestampMs, machine } = runOf(nth)
    const told = { features, functionSignature, timestampMs, machine }
    return { ...told, nJobs: 2, chunkSize: 10, speedup: 1, executor: 'worker_threads', ...changes }
  }
  const predictAfter = (changes: Partial<TrainingSample>): ModelPrediction => {
    const model = new PredictionModel()
    for (let nth = 0; nth < 30; nth++) model.learn(taught(nth, changes))
    return model.predict(queryOf({ usableCores: 2, warmWorkers: 2 }), ON_TWO)!
  }

  it.each([10, 1000])('of workers that gained nothing leads to the loop: chunks of %d', (size) => {
    const features = { ...runOf(0).features, dataSize: 2000, itemTimeMs: 1 }
    const { plan, estimatedSpeedup } = predictAfter({ speedup: 1, features, chunkSize: size })

    expect(plan.executor).toBe('serial')
    expect(estimatedSpeedup).toBe(1)
  })

  it('is the speedup that is expected of the next run', () => {
    const features = { ...runOf(0).features, dataSize: 20_000 }
    const { plan, estimatedSpeedup } = predictAfter({ speedup: 1.4, features })

    expect(plan.nJobs).toBe(2)
    expect(estimatedSpeedup).toBeGreaterThan(1.3)
    expect(estimatedSpeedup).toBeLessThan(1.6)
  })

  it('of more workers than cores is no contention where all cores were used', () => {
    const model = new PredictionModel()
    for (let nth = 0; nth < 9; nth++)
      model.learn(taught(nth, { nJobs: 8, speedup: 3.9, usableCores: 4 }))

    expect(model.predict(queryOf(), LIMITS)!.plan.nJobs).toBe(4)
  })

  it('is read anew where other functions have measured what the machine costs', () => {
    const own = Array.from({ length: 5 }, (_, nth) => taught(nth, { speedup: 1.2 }))
    const others = Array.from({ length: 15 }, (_, nth) =>
      runOf(9 + nth, { functionSignature: STRANGER, startUpMs: 400 }),
    )
    const [asked, fresh] = [new PredictionModel(), new PredictionModel()]
    for (const sample of own) asked.learn(sample)
    const before = asked.predict(QUESTION, ON_TWO)!
    for (const sample of others) asked.learn(sample)
    for (const sample of [...own, ...others]) fresh.learn(sample)

    const after = asked.predict(QUESTION, ON_TWO)!

    expect(after.costs).toEqual(fresh.predict(QUESTION, ON_TWO)!.costs)
    expect(after.costs.contention).toBeLessThan(before.costs.contention)
  })

  it('of a run that was mostly start-up says nothing of a long one', () => {
    const features = { ...runOf(0).features, dataSize: 20, itemTimeMs: 0.5 }

    expect(predictAfter({ speedup: 0.15, features }).plan.executor).toBe('worker_threads')
  })
})

/** A history that was pruned to a quarter is as good as the whole one, for runs that neither has seen. */
import { createMemoryStore } from '@amorsize/cache'
import { beforeAll, expect, it } from 'vitest'

import type { Costs } from '../src/cost-model.ts'
import { makespanUnder } from '../src/learning/costs.ts'
import { PredictionModel } from '../src/learning/prediction-model.ts'
import { choosePlan } from '../src/search.ts'
import { LIMITS, queryOf, runOf } from './example-runs.ts'

const PATIENCE_MS = 60_000

/** What a function costs in truth. */
interface Truth {
  readonly functionSignature: string
  readonly itemTimeMs: number
  readonly contention: number
}
const functions: Truth[] = Array.from({ length: 24 }, (_, place) => ({
  functionSignature: `00000000000000${10 + place}`,
  itemTimeMs: 0.002 * 2 ** (place % 20),
  contention: (place % 5) / 10,
}))
// Every fifth of these times is that of a function that no model has seen.
const isHeldOut = (_: Truth, place: number): boolean => place % 5 === 2
const learned = functions.filter((truth, place) => !isHeldOut(truth, place))
const plan = { executor: 'worker_threads', nJobs: 4, chunkSize: 5 } as const
const dispatch = {
  dispatchMs: 0.05,
  mainDispatchMs: 0.02,
  cloneMs: 0.003,
  startUpMs: 50,
  warmWorkers: 4,
}
const costsOf = ({ itemTimeMs, contention }: Truth, itemCount: number): Costs => ({
  itemCount,
  mainItemTimeMs: itemTimeMs,
  workerItemTimeMs: itemTimeMs,
  coefficientOfVariation: 0.1,
  waitShare: 0,
  usableCores: 4,
  contention,
  dispatch,
})
const sizeOf = (nth: number): number => 200 * (1 + (nth % 7))
const whole = new PredictionModel()
const pruned = new PredictionModel()

beforeAll(async () => {
  const small = createMemoryStore({ maxEntries: 200 })
  for (let nth = 0; nth < 800; nth++) {
    const { functionSignature, ...truth } = learned[nth % learned.length]!
    const dataSize = sizeOf(nth)
    const noise = 1 + 0.1 * Math.sin(nth)
    const costs = costsOf({ functionSignature, ...truth }, dataSize)
    const sample = runOf(nth, {
      functionSignature,
      contention: truth.contention + 0.1 * Math.cos(nth),
      speedup: (dataSize * truth.itemTimeMs) / makespanUnder(costs, plan),
      features: { ...runOf(0).features, itemTimeMs: truth.itemTimeMs * noise, dataSize },
    })
    whole.learn(sample)
    await small.addSample(sample)
  }
  const { samples } = await small.loadSamples()
  expect(samples.length).toBeLessThanOrEqual(200)
  pruned.learnAll(samples)
}, PATIENCE_MS)

/** Time of the plan for a run that was not learned, over that of the best, by its true costs. */
function regretOf(model: PredictionModel, truth: Truth, itemTimeMs?: number): number {
  const dataSize = sizeOf(functions.indexOf(truth)) + 50
  const features = { ...queryOf().features, dataSize, itemTimeMs }
  const costs = costsOf(truth, dataSize)
  const predicted = model.predict(
    queryOf({ signature: truth.functionSignature, features }),
    LIMITS,
  )!
  return makespanUnder(costs, predicted.plan) / choosePlan(costs, LIMITS).best.makespanMs
}

it('leads to plans as good as the whole one for the next run of a function', () => {
  for (const truth of learned) {
    expect(regretOf(pruned, truth)).toBeLessThan(1.05)
    expect(regretOf(pruned, truth)).toBeLessThan(1.05 * regretOf(whole, truth))
  }
})

it('leads to plans as good as the whole one for functions that never ran', () => {
  const strangers = functions.filter(isHeldOut)
  const mean = (model: PredictionModel): number =>
    strangers.reduce((sum, truth) => sum + regretOf(model, truth, truth.itemTimeMs), 0) /
    strangers.length

  expect(strangers.length).toBeGreaterThan(3)
  expect(mean(pruned)).toBeLessThan(1.05 * mean(whole))
})

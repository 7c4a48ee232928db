import { choosePlan } from '@amorsize/core'
import type { Costs } from '@amorsize/core'
import { median, quantile } from '@amorsize/features'
import { describe, expect, it } from 'vitest'

import { createRandom } from '../src/harness/random.ts'
import { regretOf, SimulatedMap, tryDecision, tryGrid } from '../src/simulation/decision-regret.ts'
import { randomMap } from '../src/simulation/random-map.ts'

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)

describe('on machines of 2 to 128 cores that are not here', () => {
  const random = createRandom(7)
  const tried = Array.from({ length: 60 }, () => {
    const map = new SimulatedMap(randomMap(random), random)
    return { decision: tryDecision(map), grid: tryGrid(map) }
  })

  it('the cost model is near the simulation', () => {
    const errors = sorted(
      tried.flatMap(({ grid }) => grid.accuracies.map((ratio) => Math.abs(ratio - 1))),
    )

    expect(errors.length).toBeGreaterThan(1000)
    expect(median(errors)).toBeLessThan(0.02)
    expect(quantile(errors, 0.9)).toBeLessThan(0.2)
  })

  it('the chosen plan is near the best of a grid', () => {
    const regrets = sorted(tried.map(({ decision, grid }) => regretOf(decision, grid)))

    expect(median(regrets)).toBeLessThan(1.01)
    expect(quantile(regrets, 0.9)).toBeLessThan(1.1)
    expect(regrets.at(-1)).toBeLessThan(1.4)
  })
})

/** A map whose items all take the same time. */
function evenMap(overrides: Partial<Costs>): SimulatedMap {
  const costs: Costs = {
    itemCount: 1000,
    mainItemTimeMs: 10,
    workerItemTimeMs: 10,
    coefficientOfVariation: 0,
    waitShare: 0,
    usableCores: 64,
    contention: 0,
    dispatch: {
      dispatchMs: 0.05,
      mainDispatchMs: 0.02,
      cloneMs: 0.002,
      startUpMs: 50,
      warmWorkers: 0,
    },
    ...overrides,
  }
  const itemTimesMs = new Float64Array(costs.itemCount).fill(costs.workerItemTimeMs)
  return new SimulatedMap({ costs, itemTimesMs, isShuffled: false }, createRandom(1))
}

describe('a decision for a machine that is not here', () => {
  it.each([4, 16, 64, 128])('is near the best for a 10 s job on %i cores', (usableCores) => {
    const map = evenMap({ usableCores })

    expect(regretOf(tryDecision(map), tryGrid(map))).toBeLessThan(1.03)
  })

  it.each([500, 1500, 5000])(
    'starts as many of 64 workers for a 10 s job as are worth a slow start of %i ms',
    (startUpMs) => {
      const { dispatch } = evenMap({}).costs
      const slow = { ...dispatch!, startUpMs, mainStartUpMs: 20 }
      const map = evenMap({ dispatch: slow })
      const { best } = choosePlan(map.costs, { maxWorkers: 64, runtime: 'worker_threads' })

      expect(regretOf(tryDecision(map), tryGrid(map))).toBeLessThan(1.05)
      expect(best.nJobs).toBeGreaterThan(8)
      expect(best.nJobs).toBeLessThan(40)
    },
  )

  it('leaves no worker idle for want of a chunk: 400 items on 64 workers', () => {
    const { dispatch } = evenMap({}).costs
    const map = evenMap({ itemCount: 400, dispatch: { ...dispatch!, warmWorkers: 64 } })
    const { best } = choosePlan(map.costs, { maxWorkers: 64, runtime: 'worker_threads' })

    expect(Math.ceil(400 / best.chunkSize)).toBeGreaterThanOrEqual(best.nJobs)
    expect(regretOf(tryDecision(map), tryGrid(map))).toBeLessThan(1.02)
  })

  it('starts as many of 64 workers as memory holds, and is near the best with those', () => {
    const memory = { availableBytes: 1e9, workerBytes: 1e8, inputBytes: 1000, resultBytes: 1000 }
    const map = evenMap({ memory })
    const { best } = choosePlan(map.costs, { maxWorkers: 64, runtime: 'worker_threads' })
    // 80 % of what is available, less a little for the chunks on their way.
    const fitting = [...map.plans()].filter(({ nJobs }) => nJobs <= 7)

    expect(best.nJobs).toBe(7)
    expect(map.makespanMs(best)).toBeLessThan(
      1.03 * Math.min(...fitting.map((plan) => map.makespanMs(plan))),
    )
  })

  it.each([0.5, 1, 1.5, 2.5])('keeps to a quota of %d cores', (usableCores) => {
    const map = evenMap({ usableCores })
    const decision = tryDecision(map)

    expect(regretOf(decision, tryGrid(map))).toBeLessThan(1.1)
    expect(decision.loopMs / decision.chosenMs).toBeLessThanOrEqual(Math.max(1, usableCores))
  })
})

import { createMemoryStore } from '@amorsize/cache'
import { PartialResults, TaskPool } from '@amorsize/sampler'
import type { Task } from '@amorsize/sampler'
import { afterAll, describe, expect, it } from 'vitest'

import type { Costs } from '../src/cost-model.ts'
import type { Decision } from '../src/decide/source.ts'
import type { MeasuredRun } from '../src/executors/executor.ts'
import { ItemFailures } from '../src/item-failures.ts'
import { describeReplan, Replanner } from '../src/replan.ts'
import type { ReplannerSettings } from '../src/replan.ts'
import { createRequest } from '../src/request.ts'
import type { ExecutionReport } from '../src/result.ts'
import { runPlan } from '../src/run-plan.ts'
import type { Plan } from '../src/search.ts'

const SERIAL: Plan = { executor: 'serial', nJobs: 1, chunkSize: 10_000 }
const POOL: Plan = { executor: 'worker_threads', nJobs: 4, chunkSize: 10 }

const costsOf = (itemTimeMs: number, itemCount = 10_000): Costs => ({
  itemCount,
  mainItemTimeMs: itemTimeMs,
  workerItemTimeMs: itemTimeMs,
  coefficientOfVariation: 0,
  waitShare: 0,
  dispatch: {
    dispatchMs: 0.06,
    mainDispatchMs: 0.02,
    cloneMs: 0.003,
    startUpMs: 60,
    warmWorkers: 4,
  },
  usableCores: 4,
  contention: 0,
})

interface Watched {
  readonly replanner: Replanner
  readonly pass: (ms: number) => void
}

function watch(plan: Plan, costs: Costs, overrides: Partial<ReplannerSettings> = {}): Watched {
  let nowMs = 0
  const replanner = new Replanner({
    plan,
    costs,
    limits: { maxWorkers: 4, runtime: 'worker_threads' },
    warmWorkers: () => 4,
    allowMainThread: true,
    now: () => nowMs,
    ...overrides,
  })
  return { replanner, pass: (ms) => (nowMs += ms) }
}

const measured = (itemTimeMs: number, rest: Partial<MeasuredRun> = {}): MeasuredRun => ({
  itemTimeMs,
  itemCount: 100,
  remaining: 5000,
  lostWorkers: 0,
  ...rest,
})

describe('a plan', () => {
  it('goes to the workers where the items of the loop turn out long', () => {
    const { replanner } = watch(SERIAL, costsOf(0.001))

    expect(replanner.reconsider(measured(1))).toBe(true)
    const replan = replanner.takeOver(0)

    expect(replan).toMatchObject({ from: SERIAL, to: { executor: 'worker_threads', nJobs: 4 } })
    expect(replanner.plan).toEqual(replan!.to)
    expect(replanner.itemTimeMs).toBe(1)
    expect(describeReplan(replan!)).toContain(
      'Items took 1 ms and not 1 us: from plain loop on the calling thread to 4 workers',
    )
  })

  it('goes to workers that nobody has tried yet by what they usually cost', () => {
    const { replanner } = watch(SERIAL, { ...costsOf(0.001), dispatch: undefined })

    expect(replanner.reconsider(measured(1))).toBe(true)
  })

  it('goes to more workers where items that few were enough for turn out long', () => {
    const limits = { maxWorkers: 63, runtime: 'worker_threads' } as const
    const many = { ...costsOf(0.02, 20_000), usableCores: 64 }
    const dispatch = { ...many.dispatch!, warmWorkers: 64 }
    const few = { ...POOL, nJobs: 8, chunkSize: 250 }
    const { replanner } = watch(few, { ...many, dispatch }, { limits, warmWorkers: () => 64 })

    expect(replanner.reconsider(measured(0.4, { remaining: 19_000 }))).toBe(true)
    const { to } = replanner.takeOver(0)!
    expect(to.executor).toBe('worker_threads')
    expect(to.nJobs).toBeGreaterThan(16)
  })

  it('does not take what workers cost one another for longer items', () => {
    const { replanner } = watch(POOL, { ...costsOf(1), contention: 0.8 })

    expect(replanner.reconsider(measured(1 + 0.8 * 3))).toBe(false)
  })

  it('goes back to the loop where the items of the workers turn out tiny', () => {
    const { replanner } = watch(POOL, costsOf(1))

    expect(replanner.reconsider(measured(0.0001))).toBe(true)
    expect(replanner.takeOver(0)).toMatchObject({ from: POOL, to: { executor: 'serial' } })
  })

  it('does not take the quick items that uneven data begins with for all of it', () => {
    const uneven = { ...costsOf(1), coefficientOfVariation: 1 }
    const early = measured(0.0001, { itemCount: 1000, remaining: 9000 })
    const late = measured(0.0001, { itemCount: 6000, remaining: 4000 })

    expect(watch(POOL, uneven).replanner.reconsider(early)).toBe(false)
    expect(watch(POOL, uneven).replanner.reconsider(late)).toBe(true)
  })

  it('stays where the items are much as expected, and where a change would not pay', () => {
    expect(watch(SERIAL, costsOf(0.001)).replanner.reconsider(measured(0.0014))).toBe(false)
    expect(watch(POOL, costsOf(1)).replanner.reconsider(measured(5))).toBe(false)
    const fewLeft = measured(1, { remaining: 2 })
    expect(watch(SERIAL, costsOf(0.001)).replanner.reconsider(fewLeft)).toBe(false)
    expect(watch(SERIAL, costsOf(0.001)).replanner.reconsider(measured(1, { itemCount: 3 }))).toBe(
      false,
    )
  })

  it('does not leave the workers where the calling thread may not be used', () => {
    const { replanner } = watch(POOL, costsOf(1), { allowMainThread: false })

    expect(replanner.reconsider(measured(0.0001))).toBe(false)
  })

  it('never brings items that ended a worker to the calling thread', () => {
    const { replanner, pass } = watch(POOL, costsOf(1))

    expect(replanner.reconsider(measured(0.0001, { lostWorkers: 1 }))).toBe(false)
    pass(1000)
    expect(replanner.reconsider(measured(0.0001))).toBe(false)
  })

  it('calls the loop off where a worker is lost before it takes over', () => {
    const { replanner, pass } = watch(POOL, costsOf(1))

    expect(replanner.reconsider(measured(0.0001))).toBe(true)
    expect(replanner.takeOver(1)).toBeUndefined()
    expect(replanner.plan).toEqual(POOL)
    pass(1000)
    expect(replanner.reconsider(measured(0.0001))).toBe(false)
  })

  it('is not thrown off by items that no clock can tell from nothing', () => {
    expect(watch(POOL, costsOf(0)).replanner.reconsider(measured(0))).toBe(false)
    expect(watch(SERIAL, costsOf(0)).replanner.reconsider(measured(0))).toBe(false)
    expect(watch(POOL, costsOf(1)).replanner.reconsider(measured(0))).toBe(true)
  })

  it('changes a few times at most, however the items jump', () => {
    const { replanner, pass } = watch(SERIAL, costsOf(0.001))

    for (let turn = 0; turn < 20; turn++) {
      pass(1000)
      if (replanner.reconsider(measured(turn % 2 === 0 ? 2 : 0.0001))) replanner.takeOver(0)
    }

    expect(replanner.replans.length).toBeLessThanOrEqual(4)
    expect(replanner.replans.length).toBeGreaterThan(0)
  })

  it('is asked about again when a stream turns out longer than anybody could know', () => {
    const { replanner } = watch(SERIAL, costsOf(0.05, 100))
    const longStream = measured(0.05, { itemCount: 20_000, remaining: Infinity })

    expect(replanner.reconsider(longStream)).toBe(true)
  })
})

describe('a run whose plan proves wrong', () => {
  const pool = new TaskPool()
  afterAll(() => pool.close())

  async function run(
    task: Task<number, number, Int32Array>,
    itemCount: number,
    plan: Plan,
    costs: Costs,
  ): Promise<{
    report: Omit<ExecutionReport, 'totalTimeMs'>
    values: number[]
    calls: Int32Array
  }> {
    const items = Array.from({ length: itemCount }, (_, index) => index)
    const calls = new Int32Array(new SharedArrayBuffer(itemCount * 4))
    const request = await createRequest<number, number, Int32Array>(task, items, {
      pool,
      store: createMemoryStore(),
      context: calls,
      maxWorkers: 2,
    })
    const results = new PartialResults<number>(itemCount)
    const decision: Decision<number> = {
      source: 'cache',
      plan,
      costs,
      estimatedTimeMs: 1,
      estimatedSpeedup: 1,
      reason: 'a test',
      warnings: [],
      features: {
        dataSize: itemCount,
        itemTimeMs: costs.workerItemTimeMs,
        physicalCores: 4,
        availableMemoryBytes: 1e9,
        startMethod: 'worker_threads',
      },
    }
    const report = await runPlan(request, decision, results, {
      failures: new ItemFailures('throw'),
    })
    return { report, values: results.values, calls }
  }

  it('ends on the workers where it began in the loop, each item run once', async () => {
    const long = (item: number, calls: Int32Array): number => {
      Atomics.add(calls, item, 1)
      let sum = 0
      for (let index = 0; index < 200_000; index++) sum += Math.sqrt(index)
      return sum > 0 ? item : -1
    }

    const { report, values, calls } = await run(long, 3000, SERIAL, costsOf(0.0001))

    expect(report.replans).toMatchObject([{ from: SERIAL, to: { executor: 'worker_threads' } }])
    expect(report.chunkCount).toBeGreaterThan(0)
    expect(values).toEqual(Array.from({ length: 3000 }, (_, index) => index))
    expect(new Set(calls)).toEqual(new Set([1]))
  })

  it('ends in the loop where it began on the workers, each item run once', async () => {
    const tiny = (item: number, calls: Int32Array): number => {
      Atomics.add(calls, item, 1)
      return item
    }
    const dear = costsOf(1)
    const costs = { ...dear, dispatch: { ...dear.dispatch!, cloneMs: 0.05 } }

    const { report, values, calls } = await run(tiny, 100_000, { ...POOL, nJobs: 2 }, costs)

    expect(report.replans).toMatchObject([{ to: { executor: 'serial' } }])
    expect(values).toEqual(Array.from({ length: 100_000 }, (_, index) => index))
    expect(new Set(calls)).toEqual(new Set([1]))
    expect(report.itemTimeMs).toBeLessThan(0.1)
  })
})

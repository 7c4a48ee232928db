/** What the cache says is put right by the runs that it led to. */
import { threadId } from 'node:worker_threads'

import { createMemoryStore } from '@amorsize/cache'
import { detectSystem } from '@amorsize/features/system'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'

import type { Costs } from '../src/cost-model.ts'
import { execute } from '../src/execute.ts'
import { optimize } from '../src/optimize.ts'
import { COSTS, DISPATCH } from './example-costs.ts'
import { items, spin } from './example-task.ts'
import { decisionsOf } from './kept-decisions.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

describe('a run that contradicts a cached decision', () => {
  /** Without times of the items. */
  const { mainItemTimeMs: _main, workerItemTimeMs: _worker, ...untimed } = COSTS
  const COMPUTING = { ...untimed, itemCount: 40 }

  const PATIENCE = { timeout: 20_000 }

  /** Two calls over items that wait so long, the first decided by costs that a cache has of them. */
  async function runWaiting(count: number, waitMs: number, costs: Partial<Costs>) {
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    const options = { store, pool, maxWorkers: 2, context: waitMs } as const
    const answer = (item: number, ms: number): Promise<number> =>
      new Promise((resolve) => setTimeout(() => resolve(item), ms))
    const few = items.slice(0, count)
    await pool.warm(2)
    await optimize(answer, few, options)
    const [key, entry] = decisions.at(-1)!
    await store.putDecision(key, { ...entry, costs: { ...COMPUTING, ...costs } })
    const call = () => execute(answer, few, { ...options, returnOptimizationResult: true })

    const first = await call()
    await vi.waitUntil(() => decisions.length === 3, PATIENCE)
    const corrected = decisions.at(-1)![1]['costs'] as Costs
    return { first, corrected, second: await call() }
  }

  it('puts what it measured in its place', async () => {
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    const options = { store, pool, allowMainThread: false, returnOptimizationResult: true } as const
    await execute(spin, items, options)
    const [key, entry] = decisions[0]!
    const costs = entry['costs'] as Record<string, unknown>
    await store.putDecision(key, { ...entry, costs: { ...costs, workerItemTimeMs: 500 } })

    const { optimization } = await execute(spin, items, options)
    await vi.waitUntil(() => decisions.length === 3, PATIENCE)
    const [correctedKey, corrected] = decisions.at(-1)!

    expect(optimization.source).toBe('cache')
    expect(correctedKey).toBe(key)
    expect((corrected['costs'] as { workerItemTimeMs: number }).workerItemTimeMs).toBeLessThan(50)
    expect(corrected.reason).toMatch(/took another time/)
  })

  it('puts it in its place also where the caller takes its array back', async () => {
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    const options = { store, pool, allowMainThread: false } as const
    await execute(spin, items, options)
    const [key, entry] = decisions[0]!
    const costs = entry['costs'] as Record<string, unknown>
    await store.putDecision(key, { ...entry, costs: { ...costs, workerItemTimeMs: 500 } })

    const batch = [...items]
    await execute(spin, batch, options)
    batch.length = 0
    await vi.waitUntil(() => decisions.length === 3, PATIENCE)

    expect(decisions.at(-1)![0]).toBe(key)
  })

  it('learns apart what items take here and what they take in a worker', async () => {
    const store = createMemoryStore()
    const options = { store, pool, maxWorkers: 2, context: threadId } as const
    await pool.warm(2)

    const shortList = items.slice(0, 60)
    const executors: string[] = []
    for (let call = 0; call < 8; call++) {
      const { optimization } = await execute(slowAtHome, shortList, {
        ...options,
        returnOptimizationResult: true,
      })
      executors.push(optimization.executor)
      await new Promise(setImmediate)
    }

    expect(new Set(executors.slice(-3))).toEqual(new Set(['worker_threads']))
  })

  it('finds the loop where sending took what was laid on the items', async () => {
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    const options = { store, pool, maxWorkers: 2 } as const
    const lists = items.map((item) => Array.from({ length: 200 }, () => ({ item })))
    const count = (list: readonly object[]): number => list.length
    await pool.warm(2)
    await optimize(count, lists, options)
    const [key, entry] = decisions.at(-1)!
    const call = () => execute(count, lists, { ...options, returnOptimizationResult: true })
    const callBelieving = async (itemTimeMs: number) => {
      const times = { mainItemTimeMs: itemTimeMs, workerItemTimeMs: itemTimeMs }
      await store.putDecision(key, { ...entry, costs: { ...COMPUTING, ...times } })
      const before = decisions.length
      const result = await call()
      await vi.waitUntil(() => decisions.length > before, PATIENCE)
      return result
    }

    const { makespanMs } = (await callBelieving(10)).execution
    const { optimization } = await callBelieving((2 * makespanMs) / lists.length)
    let next = await call()
    // On a busy machine the items of one run may look as long as they were believed to be.
    for (let more = 0; more < 20 && next.optimization.executor !== 'serial'; more++) {
      await new Promise(setImmediate)
      next = await call()
    }

    expect(optimization).toMatchObject({ source: 'cache', executor: 'worker_threads' })
    expect(next.optimization).toMatchObject({ source: 'cache', executor: 'serial' })
  })

  it('cuts smaller chunks where items turn out to differ that nobody had looked at', async () => {
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    const options = { store, pool, maxWorkers: 2 } as const
    const spinFor = (ms: number): number => {
      const endMs = performance.now() + ms
      while (performance.now() < endMs);
      return ms
    }
    const falling = Array.from({ length: 32 }, (_, place) => (32 - place) / 16)
    await pool.warm(2)
    await optimize(spinFor, falling, options)
    const [key, entry] = decisions.at(-1)!
    const costs = { ...COMPUTING, workerItemTimeMs: 1.03, mainItemTimeMs: 1.03 }
    await store.putDecision(key, { ...entry, costs })
    const call = () => execute(spinFor, falling, { ...options, returnOptimizationResult: true })

    const first = await call()
    await vi.waitUntil(() => decisions.length === 3, PATIENCE)
    const second = await call()

    expect(first.optimization).toMatchObject({ source: 'cache', executor: 'worker_threads' })
    const { coefficientOfVariation } = decisions.at(-1)![1]['costs'] as Costs
    expect(coefficientOfVariation).toBeGreaterThan(0.25)
    expect(second.optimization.executor).toBe('worker_threads')
    expect(second.optimization.chunkSize).toBeLessThan(first.optimization.chunkSize)
  })

  it('sees on workers that items wait, and has many of them under way at once the next time', async () => {
    const costs = { workerItemTimeMs: 5, mainItemTimeMs: 5 }
    const { first, second } = await runWaiting(40, 5, costs)

    expect(first.optimization).toMatchObject({ source: 'cache', executor: 'worker_threads' })
    expect(second.optimization).toMatchObject({ source: 'cache', executor: 'async' })
  })

  it('tells how much many items at once compute, whatever each of them took', async () => {
    const costs = { workerItemTimeMs: 40, mainItemTimeMs: 40, waitShare: 0.6 }
    const { first, corrected } = await runWaiting(100, 5, costs)

    expect(first.optimization).toMatchObject({ source: 'cache', executor: 'async' })
    expect(first.execution.computingMs).toBeLessThanOrEqual(first.execution.makespanMs)
    expect(corrected.waitShare).toBeGreaterThan(0.6)
    expect(corrected.mainItemTimeMs).toBeLessThanOrEqual(40)
  })

  it('lays it on the number of workers where items that wait take longer beside others', async () => {
    const costs = { workerItemTimeMs: 4, mainItemTimeMs: 4, waitShare: 0.3 }
    const { first, corrected } = await runWaiting(60, 12, costs)

    expect(first.optimization.executor).toBe('worker_threads')
    expect(corrected).toMatchObject({ workerItemTimeMs: 4, mainItemTimeMs: 4 })
    expect(corrected.contention).toBeGreaterThan(1)
    expect(corrected.waitShare).toBeGreaterThan(0.3)
  })

  it('does not leave what a few cold items told of many that wait', async () => {
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    const slowAtFirst = async (item: number): Promise<number> => {
      const calls: number = Reflect.get(globalThis, 'amorsizeTestCalls') ?? 0
      Reflect.set(globalThis, 'amorsizeTestCalls', calls + 1)
      const isCold = calls < 8
      const endMs = performance.now() + (isCold ? 30 : 0)
      while (performance.now() < endMs);
      await new Promise((resolve) => setTimeout(resolve, isCold ? 100 : 1))
      return item
    }

    onTestFinished(() => void Reflect.deleteProperty(globalThis, 'amorsizeTestCalls'))

    await execute(slowAtFirst, items.slice(0, 100), { store, pool })
    await vi.waitUntil(() => decisions.length === 2, PATIENCE)

    const [first, second] = decisions.map(([, { estimatedTimeMs = 0 }]) => estimatedTimeMs)
    expect(second).toBeLessThan(first!)
  })

  it('does not count on workers that are starting', async () => {
    await using cold = new TaskPool()
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    await optimize(spin, items, { store, pool })
    const [key, entry] = decisions.at(-1)!
    const dispatch = { ...DISPATCH, startUpMs: 1500 }
    const known = { ...COMPUTING, dispatch, workerItemTimeMs: 1, mainItemTimeMs: 1 }
    await store.putDecision(key, { ...entry, costs: known })

    const starting = cold.warm(2)
    expect(cold).toMatchObject({ warmWorkers: 2, readyWorkers: 0 })
    const early = await optimize(spin, items, { store, pool: cold })
    await starting

    expect(cold.readyWorkers).toBe(2)
    expect(early.source).toBe('cache')
    expect(early.explain()).toContain('0 workers warm')
    expect((await optimize(spin, items, { store, pool: cold })).explain()).toContain(
      '2 workers warm',
    )
  })

  it('starts the workers that the map would gain by, once it is known', async () => {
    await using cold = new TaskPool()
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    await execute(spin, items, { store, pool, allowMainThread: false })
    const [key, entry] = decisions.at(-1)!
    const dispatch = { ...DISPATCH, startUpMs: 1500 }
    const costs = { ...COMPUTING, dispatch, workerItemTimeMs: 5, waitShare: 0.5 }
    await store.putDecision(key, { ...entry, costs })
    const cores = Math.ceil(detectSystem().usableCores)

    await optimize(spin, items, { store, pool: cold, allowMainThread: false })

    await vi.waitUntil(() => cold.warmWorkers > cores, PATIENCE)
  })

  /** Like code whose garbage costs the caller's thread more: 4 ms an item here, 0.5 ms in a worker. */
  function slowAtHome(item: number, home: number): number {
    const here = process.getBuiltinModule('node:worker_threads').threadId
    const endMs = performance.now() + (here === home ? 4 : 0.5)
    while (performance.now() < endMs);
    return item
  }
})

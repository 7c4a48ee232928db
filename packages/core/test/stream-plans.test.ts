/** Streams that were decided before: what their items show changes the plan, and what is kept of it. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { threadId } from 'node:worker_threads'

import { createMemoryStore } from '@amorsize/cache'
import type { Store } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, expect, it, onTestFinished, vi } from 'vitest'

import type { Costs } from '../src/cost-model.ts'
import type { DiagnosticMessages } from '../src/diagnostics.ts'
import { execute } from '../src/execute.ts'
import { executeStream } from '../src/execute-stream.ts'
import type { StreamOptions } from '../src/options.ts'
import { COSTS } from './example-costs.ts'
import { decisionsOf } from './kept-decisions.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const PATIENCE = { timeout: 20_000 }
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Counts its calls for each item, and takes so many milliseconds for it. */
interface Counted {
  readonly index: number
  readonly calls: Int32Array
}
const counted = ({ index, calls }: Counted, itemMs: number): number => {
  Atomics.add(calls, index, 1)
  const endMs = performance.now() + itemMs
  while (performance.now() < endMs);
  return 2 * index
}

async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = []
  for await (const value of stream) values.push(value)
  return values
}

/** What is told of decisions from now on, until the test is over. */
function listenToDecisions(): DiagnosticMessages['decision'][] {
  const told: DiagnosticMessages['decision'][] = []
  const listener = (message: unknown): void =>
    void told.push(message as DiagnosticMessages['decision'])
  subscribe('amorsize:decision', listener)
  onTestFinished(() => void unsubscribe('amorsize:decision', listener))
  return told
}

/** A stream of which the cache says something that is not so. */
async function misled(
  itemCount: number,
  itemMs: number,
  believedMs: number,
  settings: Pick<StreamOptions, 'allowMainThread'> = {},
) {
  const store = createMemoryStore()
  const decisions = decisionsOf(store)
  await pool.warm(2)
  const calls = new Int32Array(new SharedArrayBuffer(4 * itemCount))
  const items = numbers(itemCount).map((index) => ({ index, calls }))
  const options = { store, pool, maxWorkers: 2, context: itemMs, ...settings }
  await drain(executeStream(counted, items, options))
  await vi.waitUntil(() => decisions.length > 0, PATIENCE)
  const [key, entry] = decisions.at(-1)!
  const costs = { ...COSTS, mainItemTimeMs: believedMs, workerItemTimeMs: believedMs }
  await store.putDecision(key, { ...entry, costs })
  calls.fill(0)
  const told = listenToDecisions()
  const kept = decisions.length

  const values = await drain(executeStream(counted, items, options))

  return { key, values, calls, told, decisions, kept }
}

it.each([
  ['workers are given up for the loop where items are tiny', 100_000, 0, 20, 'serial'],
  ['the loop is given up for workers where items are long', 300, 5, 0.0005, 'worker_threads'],
] as const)('%s, and every item is run once', async (_, count, itemMs, believedMs, executor) => {
  const { values, calls, told, decisions, kept } = await misled(count, itemMs, believedMs)

  expect(values).toEqual(numbers(count).map((item) => 2 * item))
  expect([...calls]).toEqual(numbers(count).map(() => 1))
  expect(told[0]).toMatchObject({ source: 'cache', isReplan: false })
  // On a busy machine there may be another change before.
  expect(told.slice(1)).toContainEqual(
    expect.objectContaining({ isReplan: true, plan: expect.objectContaining({ executor }) }),
  )
  // What the run showed is there for the next.
  await vi.waitUntil(() => decisions.length > kept, PATIENCE)
  const { workerItemTimeMs } = decisions.at(-1)![1]['costs'] as Costs
  expect(Math.abs(Math.log(workerItemTimeMs / believedMs))).toBeGreaterThan(1)
})

it('what items took is put right without a change of plan', async () => {
  // Too far off for the size of chunks, not for the number of workers.
  const { told, decisions, kept, key } = await misled(300, 2, 50, { allowMainThread: false })

  await vi.waitUntil(() => decisions.length > kept, PATIENCE)
  expect(told).toHaveLength(1)
  expect(decisions.at(-1)![0]).toBe(key)
  const { workerItemTimeMs, coefficientOfVariation } = decisions.at(-1)![1]['costs'] as Costs
  expect(workerItemTimeMs).toBeLessThan(50 / 1.5)
  expect(coefficientOfVariation).toBeLessThan(1)
})

it('an item that ended a worker keeps the next runs off the calling thread', async () => {
  const store = createMemoryStore()
  const decisions = decisionsOf(store)
  const endsWorkers = (item: number, home: number): number => {
    const { threadId: here } = process.getBuiltinModule('node:worker_threads')
    if (item === 250 && here !== home) process.exit(1)
    return item
  }
  const options = { store, pool, maxWorkers: 2, context: threadId, onError: 'collect' } as const
  await drain(executeStream(endsWorkers, numbers(200), options))
  await vi.waitUntil(() => decisions.length > 0, PATIENCE)
  const [key, entry] = decisions.at(-1)!
  const costs = { ...COSTS, mainItemTimeMs: 9, workerItemTimeMs: 5 }
  await store.putDecision(key, { ...entry, costs })
  const kept = decisions.length

  const outcomes = await drain(executeStream(endsWorkers, numbers(260), options))

  expect(outcomes[250]).toMatchObject({ status: 'rejected', reason: { index: 250 } })
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(259)
  await vi.waitUntil(() => decisions.length > kept, PATIENCE)
  expect((decisions.at(-1)![1]['costs'] as Costs).mainItemTimeMs).toBeUndefined()
})

it('streams of other lengths, and of unknown length, are other workloads', async () => {
  const keysOf = async (run: (store: Store) => Promise<unknown>): Promise<string[]> => {
    const store = createMemoryStore()
    const decisions = decisionsOf(store)
    await run(store)
    await vi.waitUntil(() => decisions.length > 0, PATIENCE)
    return decisions.map(([key]) => key)
  }
  const task = (item: number): number => item + 1
  const ofStream =
    (data: Iterable<number>) =>
    (store: Store): Promise<unknown> =>
      drain(executeStream(task, data, { store, pool, allowMainThread: false }))

  const [short, again, long, unknown] = await Promise.all([
    keysOf(ofStream(numbers(2000))),
    keysOf(ofStream(new Set(numbers(2000)))),
    keysOf(ofStream(numbers(40_000))),
    keysOf(ofStream(numbers(2000).values())),
  ])

  expect(short).toEqual(again)
  expect(new Set([...short, ...long, ...unknown]).size).toBe(3)
  const mapped = await keysOf((store) =>
    execute(task, numbers(1024), { store, pool, allowMainThread: false }),
  )
  expect([...short, ...unknown]).not.toContain(mapped[0])
})

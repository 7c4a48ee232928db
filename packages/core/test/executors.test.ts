import { PartialResults, prepareTask, TaskPool } from '@amorsize/sampler'
import { expect, it, vi } from 'vitest'

import { EXECUTORS } from '../src/executors/index.ts'
import { runExecutorSuite } from './executor.conformance.ts'

runExecutorSuite({ name: 'serial', executor: EXECUTORS.serial })
runExecutorSuite({ name: 'async', executor: EXECUTORS.async })
runExecutorSuite({ name: 'worker_threads', executor: EXECUTORS.worker_threads })
runExecutorSuite({
  name: 'child_process',
  executor: EXECUTORS.child_process,
  runtime: 'child_process',
})

it('a pool starts no more workers than the run may use now', async () => {
  await using pool = new TaskPool()
  const items = Array.from({ length: 50 }, (_, index) => index)
  const results = new PartialResults<number>(items.length)

  await EXECUTORS.worker_threads.run({
    task: prepareTask((item: number) => item, undefined),
    items,
    results,
    plan: { executor: 'worker_threads', nJobs: 3, chunkSize: 5 },
    pool,
    signal: undefined,
    onProgress: () => {},
    workerLimit: () => 1.5,
  })

  expect(results.values).toEqual(items)
  expect(pool.warmWorkers).toBe(1)
})

it('a run that is to end leaves nothing that ended a worker to the plan after it', async () => {
  await using pool = new TaskPool()
  const items = Array.from({ length: 50 }, (_, index) => index)
  const results = new PartialResults<number>(items.length)
  const failed: number[] = []

  const { lostWorkers } = await EXECUTORS.worker_threads.run({
    task: prepareTask((item: number) => (item === 1 ? process.exit(1) : item), undefined),
    items,
    results,
    plan: { executor: 'worker_threads', nJobs: 1, chunkSize: 2 },
    pool,
    signal: undefined,
    onProgress: () => {},
    onItemError: (index) => {
      failed.push(index)
      results.set(index, -1)
    },
    // As soon as anything has come back: the other chunk is under way then.
    reconsider: () => true,
  })

  expect(failed).toEqual([1])
  expect(lostWorkers).toBe(2)
  expect(results.values.slice(0, 2)).toEqual([0, -1])
  expect(results.restCount).toBeGreaterThan(0)
})

it('an item that has a worker of its own runs beside no other', async () => {
  await using pool = new TaskPool()
  const items = Array.from({ length: 40 }, (_, index) => index)
  const results = new PartialResults<number>(items.length)
  const counts = new Int32Array(new SharedArrayBuffer(8))
  const counted = (item: number, cells: Int32Array): number => {
    const running = Atomics.add(cells, 0, 1) + 1
    if (running > Atomics.load(cells, 1)) Atomics.store(cells, 1, running)
    const endMs = performance.now() + 2
    while (performance.now() < endMs);
    Atomics.sub(cells, 0, 1)
    return item % 10 === 3 ? process.exit(1) : item
  }

  await EXECUTORS.worker_threads.run({
    task: prepareTask(counted, counts),
    items,
    results,
    plan: { executor: 'worker_threads', nJobs: 1, chunkSize: 4 },
    pool,
    signal: undefined,
    onProgress: () => {},
    onItemError: (index) => results.set(index, -1),
  })

  expect(results.values).toEqual(items.map((item) => (item % 10 === 3 ? -1 : item)))
  expect(counts[1]).toBe(1)
})

it('items that wait are given the time for which others keep the thread', async () => {
  await using pool = new TaskPool()
  const items = Array.from({ length: 30 }, (_, index) => index)
  const results = new PartialResults<number>(items.length)
  // All of them compute before the first can be told that its wait is over.
  const computesThenWaits = async (item: number): Promise<number> => {
    const endMs = performance.now() + 30
    while (performance.now() < endMs);
    await new Promise((resolve) => setTimeout(resolve, 20))
    await process.getBuiltinModule('node:fs/promises').stat('.')
    return item
  }

  await EXECUTORS.async.run({
    task: prepareTask(computesThenWaits, undefined),
    items,
    results,
    plan: { executor: 'async', nJobs: 30, chunkSize: 1 },
    pool,
    signal: undefined,
    onProgress: () => {},
    itemTimeoutMs: 300,
  })

  expect(results.values).toEqual(items)
})

it('an item among others that never wait is given up at ten times its time', async () => {
  await using pool = new TaskPool()
  const results = new PartialResults<number>(2)
  const failed = new Map<number, Error>()
  // The other one keeps the thread until this one is over.
  const isOver = new Int32Array(new SharedArrayBuffer(4))
  const never = async (item: number, cell: Int32Array): Promise<number> => {
    if (item === 0) return new Promise(() => {})
    while (cell[0] === 0) await new Promise(setImmediate)
    return item
  }

  await EXECUTORS.async.run({
    task: prepareTask(never, isOver),
    items: [0, 1],
    results,
    plan: { executor: 'async', nJobs: 2, chunkSize: 1 },
    pool,
    signal: undefined,
    onProgress: () => {},
    onItemError: (index, error) => {
      failed.set(index, error)
      results.set(index, -1)
      isOver[0] = 1
    },
    itemTimeoutMs: 20,
  })

  expect(failed.get(0)).toMatchObject({ code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT' })
  expect(results.restCount).toBe(0)
})

it('a pool ends what is under way once an item has failed', async () => {
  await using pool = new TaskPool()
  const hasBegun = new Int32Array(new SharedArrayBuffer(4))
  const endlessButOne = (item: number, begun: Int32Array): number => {
    if (item === 1) Atomics.store(begun, 0, 1)
    for (;;) if (item === 0 && Atomics.load(begun, 0) === 1) throw new Error('no')
  }

  const run = EXECUTORS.worker_threads.run({
    task: prepareTask(endlessButOne, hasBegun),
    items: [0, 1],
    results: new PartialResults<number>(2),
    plan: { executor: 'worker_threads', nJobs: 2, chunkSize: 1 },
    pool,
    signal: undefined,
    onProgress: () => {},
  })

  await expect(run).rejects.toMatchObject({ index: 0, cause: { message: 'no' } })
  await vi.waitUntil(() => pool.isIdle, { timeout: 20_000 })
})

it('a pool follows the number of workers that the run may use, down and up again', async () => {
  await using pool = new TaskPool()
  const items = Array.from({ length: 900 }, (_, index) => index)
  const results = new PartialResults<number>(items.length)
  const besides = (_: number, running: Int32Array): number => {
    const count = Atomics.add(running, 0, 1) + 1
    Atomics.wait(running, 1, 0, 2)
    Atomics.sub(running, 0, 1)
    return count
  }
  // Two chunks each of three workers may be under way still when the limit falls.
  const [falls, rises, underWay] = [300, 600, 2 * 3 * 5]

  await EXECUTORS.worker_threads.run({
    task: prepareTask(besides, new Int32Array(new SharedArrayBuffer(8))),
    items,
    results,
    plan: { executor: 'worker_threads', nJobs: 3, chunkSize: 5 },
    pool,
    signal: undefined,
    onProgress: () => {},
    workerLimit: () => (results.doneCount >= falls && results.doneCount < rises ? 1 : 3),
  })

  const most = (from: number, to: number): number => Math.max(...results.values.slice(from, to))
  expect(most(0, falls)).toBeGreaterThan(1)
  expect(most(falls + underWay, rises - underWay)).toBe(1)
  expect(most(rises, 900)).toBeGreaterThan(1)
})

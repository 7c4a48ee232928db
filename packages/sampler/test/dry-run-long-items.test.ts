/** Items that are long beside a turn of the event loop: no thread may keep another one waiting. */
import { threadId } from 'node:worker_threads'

import { describe, expect, it } from 'vitest'

import { PartialResults, prepareTask, sampleItems, systemClock, TaskPool } from '../src/index.ts'
import type { BegunMap } from '../src/index.ts'
import type { Clock } from '../src/clock.ts'

const ITEMS = [0, 1, 2, 3, 4, 5]
/** Where a test sees that the other thread has begun, and how many items began on this one before. */
const WORKER_BEGAN = 0
const BEGAN_HERE = 1

interface Meeting {
  readonly cells: Int32Array
  readonly callerThread: number
}

/** On the caller's thread an item waits until one has begun in a worker, and says whether it did. */
const meet = (_item: number, { cells, callerThread }: Meeting): string => {
  const { threadId: thread } = process.getBuiltinModule('node:worker_threads')
  if (thread !== callerThread) {
    Atomics.store(cells, 0, 1)
    Atomics.notify(cells, 0)
    return 'in a worker'
  }
  if (Atomics.load(cells, 0) === 0) Atomics.add(cells, 1, 1)
  return Atomics.wait(cells, 0, 0, 10_000) === 'timed-out' ? 'alone' : 'beside the worker'
}

function begunMap(itemTimeMs: number): BegunMap<string> {
  const results = new PartialResults<string>(ITEMS.length)
  results.set(0, 'before')
  return { results, itemTimeMs, waitShare: 0 }
}

describe.each([0, 1])('a dry run of long items on a pool with %d warm workers', (warmWorkers) => {
  it('runs none here until one runs in the worker, but the one beside it', async () => {
    await using pool = new TaskPool()
    await pool.warm(warmWorkers)
    const cells = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
    const task = prepareTask<number, string, Meeting>(meet, { cells, callerThread: threadId })

    const { results } = await sampleItems(task, ITEMS, { pool }, begunMap(200))

    expect(results.values).toContain('in a worker')
    expect(results.values).not.toContain('alone')
    expect(Atomics.load(cells, WORKER_BEGAN)).toBe(1)
    expect(Atomics.load(cells, BEGAN_HERE)).toBeLessThanOrEqual(1)
  })
})

it('a map that was begun is not begun again', async () => {
  await using pool = new TaskPool()
  const here = threadId
  const whereRun = (_item: number, callerThread: number): string => {
    const { threadId: thread } = process.getBuiltinModule('node:worker_threads')
    return thread === callerThread ? 'here' : 'there'
  }
  const task = prepareTask<number, string, number>(whereRun, here)
  const limits = { pool, worthWorkersMs: 1e9 }

  const { results, itemTimeMs, relativeError } = await sampleItems(task, ITEMS, limits, begunMap(3))

  expect(results.values.filter(Boolean)).toEqual(['before'])
  expect([itemTimeMs, relativeError]).toEqual([3, Infinity])
})

it.each([
  ['itemTimeMs', { itemTimeMs: -1, waitShare: 0 }],
  ['itemTimeMs', { itemTimeMs: Infinity, waitShare: 0 }],
  ['waitShare', { itemTimeMs: 1, waitShare: 2 }],
])('refuses a begun map whose %s is none', async (option, told) => {
  await using pool = new TaskPool()
  const task = prepareTask((item: number) => String(item), undefined)

  const begun = { ...begunMap(1), ...told }

  await expect(sampleItems(task, ITEMS, { pool }, begun)).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
    option,
  })
})

it('an item that would overrun the budget by far is left to the others', async () => {
  await using pool = new TaskPool()
  const spin = (durationMs: number): number => {
    const endMs = performance.now() + durationMs
    while (performance.now() < endMs);
    return durationMs
  }
  // So many that sampling may take any share of them, and no time passes on the caller's thread: only
  // the item time can end it.
  const items = Array.from({ length: 400 }, () => 400)
  const settings = { pool, allowMainThread: false, worthWorkersMs: 0, clock: { now: () => 0 } }

  const { results } = await sampleItems(prepareTask(spin, undefined), items, settings)

  expect(results.doneCount).toBe(1)
})

async function costIn(pool: TaskPool, clock: Clock): Promise<number | undefined> {
  const task = prepareTask((item: number) => item + 1, undefined)
  const settings = { pool, allowMainThread: false, worthWorkersMs: 0, clock }
  const { worker } = await sampleItems(task, [1, 2, 3], settings)
  return worker?.dispatchMs
}

it('what a chunk costs is asked once in ten seconds of each pool', async () => {
  const clock = { nowMs: 0, now: () => clock.nowMs + performance.now() }
  await using one = new TaskPool()
  await using other = new TaskPool()

  const first = await costIn(one, clock)
  const again = await costIn(one, clock)
  const elsewhere = await costIn(other, clock)
  clock.nowMs += 11_000
  const later = await costIn(one, clock)
  clock.nowMs -= 1e6
  const byAnotherClock = await costIn(one, clock)

  expect(first).toBeGreaterThan(0)
  expect(again).toBe(first)
  expect(elsewhere).not.toBe(first)
  expect(later).not.toBe(first)
  expect(byAnotherClock).not.toBe(later)
})

it('what a chunk costs beside those of another map is not what it costs', async () => {
  await using pool = new TaskPool()
  const { definition } = prepareTask((durationMs: number) => {
    const endMs = performance.now() + durationMs
    while (performance.now() < endMs);
  }, undefined)
  await pool.warm(1)
  const over = new AbortController()
  const otherMap = async (): Promise<void> => {
    while (!over.signal.aborted) await pool.runChunk(definition, [10], { maxWorkers: 1 })
  }
  const others = [otherMap(), otherMap()]

  const besideMs = await costIn(pool, systemClock)
  over.abort()
  await Promise.all(others)
  const aloneMs = await costIn(pool, systemClock)

  expect(aloneMs).not.toBe(besideMs)
})

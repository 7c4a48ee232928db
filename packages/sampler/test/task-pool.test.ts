import * as files from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { dryRun, prepareTask, TaskPool } from '../src/index.ts'
import type { Runtime, TaskDefinition, TaskFunction } from '../src/index.ts'

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']

function define<I, O, C>(task: TaskFunction<I, O, C>, context?: C): TaskDefinition {
  return prepareTask<I, O, C>(task, context as C).definition
}

const double = define((item: number) => item * 2)

describe.each(RUNTIMES)('a pool of %s', (runtime) => {
  let pool: TaskPool

  function open(): TaskPool {
    pool = new TaskPool({ runtime })
    return pool
  }

  afterEach(() => pool.close())

  it('runs a chunk and gives the results in order', async () => {
    const result = await open().runChunk(double, [1, 2, 3], { maxWorkers: 1 })

    expect(result).toMatchObject({ values: [2, 4, 6] })
    expect(result.failure).toBeUndefined()
  })

  it('starts no worker before the first chunk, and no more than it needs', async () => {
    open()
    expect(pool.warmWorkers).toBe(0)

    await pool.runChunk(double, [1], { maxWorkers: 4 })
    await pool.runChunk(double, [1], { maxWorkers: 4 })

    expect(pool.warmWorkers).toBe(1)
  })

  it('tells workers that have started from those that are starting', async () => {
    const starting = open().warm(2)
    expect(pool).toMatchObject({ warmWorkers: 2, readyWorkers: 0 })

    await starting
    expect(pool).toMatchObject({ warmWorkers: 2, readyWorkers: 2 })

    await pool.close()
    expect(pool).toMatchObject({ warmWorkers: 0, readyWorkers: 0 })
  })

  it('runs as many chunks at the same time as there are workers', async () => {
    // Each waits until the other has started: with fewer workers neither would end.
    const meet = define(
      async (place: number, { directory }: { directory: string }) => {
        const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs')
        writeFileSync(`${directory}/${place}`, '')
        while (!existsSync(`${directory}/${1 - place}`)) await new Promise(setImmediate)
        return place
      },
      await temporaryDirectory(),
    )
    open()

    const results = await Promise.all(
      [0, 1].map((place) => pool.runChunk(meet, [place], { maxWorkers: 2 })),
    )

    expect(results).toMatchObject([{ values: [0] }, { values: [1] }])
  })

  it('runs the chunks of one worker one after the other, asynchronous ones too', async () => {
    const overlap = define(async () => {
      const state = globalThis as { running?: number }
      state.running = (state.running ?? 0) + 1
      const most = state.running
      await new Promise(setImmediate)
      state.running -= 1
      return most
    })
    open()

    const results = await Promise.all(
      [1, 2, 3, 4].map((item) => pool.runChunk(overlap, [item, item], { maxWorkers: 1 })),
    )

    expect(results.flatMap(({ values }) => values)).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
  })

  it('sends the context to a worker once, and keeps it there between chunks', async () => {
    const count = define((item: number, context: { calls: number }) => (context.calls += item), {
      calls: 0,
    })
    open()

    await pool.runChunk(count, [1, 1], { maxWorkers: 1 })
    const { values } = await pool.runChunk(count, [1], { maxWorkers: 1 })

    expect(values).toEqual([3])
  })

  it('ends a chunk at its first failed item and keeps the results before it', async () => {
    const refuseThree = define((item: number) => {
      if (item === 3) throw new RangeError('three')
      return item
    })

    const result = await open().runChunk(refuseThree, [1, 2, 3, 4], { maxWorkers: 1 })

    expect(result.values).toEqual([1, 2])
    expect(result.failure).toMatchObject({ offset: 2, error: new RangeError('three') })
  })

  it('sends the context to each worker once, with the first chunk that it gets', async () => {
    let sent = 0
    const context = {
      get factor(): number {
        sent++
        return 3
      },
    }
    const scale = define((item: number, { factor }: { factor: number }) => item * factor, context)
    await open().warm(2)

    const chunks = Array.from({ length: 12 }, () => pool.runChunk(scale, [2], { maxWorkers: 2 }))

    expect((await Promise.all(chunks)).map(({ values }) => values)).toEqual(
      Array.from({ length: 12 }, () => [6]),
    )
    // Once for each worker; what goes to a process is also looked at.
    expect(sent).toBe(runtime === 'child_process' ? 4 : 2)
  })

  it('runs any number of chunks sent at once, each item once and in the order of sending', async () => {
    const note = define((item: number) => {
      const state = globalThis as { seen?: number[] }
      state.seen ??= []
      state.seen.push(item)
      return state.seen.length
    })
    open()

    const chunks = Array.from({ length: 100 }, (_, n) =>
      pool.runChunk(note, [2 * n, 2 * n + 1], { maxWorkers: 1 }),
    )

    const values = (await Promise.all(chunks)).flatMap((chunk) => chunk.values)
    expect(values).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
  })

  it('drops tasks that a worker has not seen for long, and sends them again when they come back', async () => {
    open()
    const tasks = Array.from({ length: 40 }, (_, n) =>
      define((item: number, context: number) => item + context, n),
    )

    for (const round of [1, 2]) {
      for (const [n, task] of tasks.entries()) {
        const { values } = await pool.runChunk(task, [round], { maxWorkers: 1 })
        expect(values).toEqual([round + n])
      }
    }
  })

  it('times each item where it is asked to, and else none', async () => {
    open()

    const timed = await pool.runChunk(double, [1, 2], { maxWorkers: 1, isTimed: true })
    const untimed = await pool.runChunk(double, [1, 2], { maxWorkers: 1 })

    expect(timed.itemTimesMs).toHaveLength(2)
    expect(untimed.itemTimesMs).toHaveLength(0)
  })

  it('tells a task that waits from one that computes', async () => {
    const wait = define(() => new Promise((resolve) => setTimeout(resolve, 20)))
    const compute = define(() => {
      const endMs = performance.now() + 20
      while (performance.now() < endMs);
    })
    open()
    await pool.runChunk(double, [1], { maxWorkers: 1 })

    const waiting = await pool.runChunk(wait, [1], { maxWorkers: 1 })
    const computing = await pool.runChunk(compute, [1], { maxWorkers: 1 })

    expect(waiting.waitShare).toBeGreaterThan(computing.waitShare)
  })

  it('replaces a worker that holds too much memory, after the chunks it has', async () => {
    const keep = define((megabytes: number) => {
      const state = globalThis as { kept?: Uint8Array }
      const had = state.kept?.length ?? 0
      state.kept = new Uint8Array(megabytes * 1e6).fill(1)
      return had
    })
    pool = new TaskPool({ runtime, maxWorkerMemoryBytes: 200e6 })

    const first = await pool.runChunk(keep, [1], { maxWorkers: 1 })
    const [second, behind] = await Promise.all([
      pool.runChunk(keep, [300], { maxWorkers: 1 }),
      pool.runChunk(keep, [300], { maxWorkers: 1 }),
    ])
    const fresh = await pool.runChunk(keep, [1], { maxWorkers: 1 })

    expect(first.memoryBytes).toBeLessThan(200e6)
    expect([second.values, behind.values]).toEqual([[1e6], [300e6]])
    expect(Math.max(second.memoryBytes, behind.memoryBytes)).toBeGreaterThan(300e6)
    expect(fresh.values).toEqual([0])
  })

  it('keeps one whose task needs as much from its first item on, whatever was asked of it before', async () => {
    const hold = define((megabytes: number) => {
      const state = globalThis as { model?: Uint8Array; runs?: number }
      state.model ??= new Uint8Array(megabytes * 1e6).fill(1)
      state.runs = (state.runs ?? 0) + 1
      return state.runs
    })
    pool = new TaskPool({ runtime, maxWorkerMemoryBytes: 40e6 })
    const runs: unknown[] = []

    for (const items of [[], [60], [60], [60]]) {
      const { values } = await pool.runChunk(hold, items, { maxWorkers: 1 })
      runs.push(...values)
      // Longer than a measurement of the memory is taken for the present one.
      if (items.length > 0) await new Promise((resolve) => setTimeout(resolve, 60))
    }

    expect(runs).toEqual([1, 2, 3])
  })

  it('refuses chunks after it was closed, and can be closed twice', async () => {
    open()
    await pool.runChunk(double, [1], { maxWorkers: 1 })
    await pool.close()
    await pool.close()

    expect(pool.isClosed).toBe(true)
    expect(pool.warmWorkers).toBe(0)
    await expect(pool.runChunk(double, [1], { maxWorkers: 1 })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_POOL_CLOSED',
    })
  })

  it('can be closed before its first worker has started', async () => {
    const pending = open().runChunk(double, [1], { maxWorkers: 1 })

    await Promise.all([
      pool.close(),
      expect(pending).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_POOL_CLOSED' }),
    ])
  })

  it('is not held up by a worker that never starts', async () => {
    const hangs = 'data:text/javascript,setInterval(() => {}, 1e3); await new Promise(() => {})'
    pool = new TaskPool({ runtime, execArgv: ['--import', hangs] })
    const aborted = new AbortController()
    const first = pool.runChunk(double, [1], { maxWorkers: 1, signal: aborted.signal })
    const second = pool.runChunk(double, [1], { maxWorkers: 1 })
    const refused = expect(second).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_POOL_CLOSED' })

    aborted.abort()
    await expect(first).rejects.toThrow(aborted.signal.reason as Error)
    await pool.close()
    await refused
  })

  it('ends a chunk that is aborted in the moment it is handed in', async () => {
    open()
    await pool.runChunk(double, [1], { maxWorkers: 1 })
    const hang = define((item: number) => {
      for (;;) if (item < 0) return item
    })

    for (let turns = 0; turns < 6; turns++) {
      const controller = new AbortController()
      const chunk = pool.runChunk(hang, [1], { maxWorkers: 1, signal: controller.signal })
      const ended = expect(chunk).rejects.toBe('enough')
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      controller.abort('enough')
      await ended
    }
  })

  it('runs no item of a chunk that was aborted behind another one', async () => {
    open()
    const folder = await mkdtemp(path.join(tmpdir(), 'amorsize-behind-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const release = path.join(folder, 'release')
    const begun = path.join(folder, 'begun')
    const first = define(async ([tells, waitsFor]: readonly [string, string]) => {
      const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs')
      writeFileSync(tells, '')
      while (!existsSync(waitsFor)) await new Promise((resolve) => setTimeout(resolve, 1))
      return 'done'
    })
    await pool.warm(1)
    const mark = define((file: string) =>
      process.getBuiltinModule('node:fs').writeFileSync(file, ''),
    )
    const controller = new AbortController()

    const before = pool.runChunk(first, [[begun, release]], { maxWorkers: 1 })
    const aborted = pool.runChunk(mark, [path.join(folder, 'aborted')], {
      maxWorkers: 1,
      signal: controller.signal,
    })
    const behind = pool.runChunk(mark, [path.join(folder, 'behind')], { maxWorkers: 1 })
    await vi.waitUntil(() => files.existsSync(begun), { timeout: 20_000 })
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    await writeFile(release, '')

    expect((await before).values).toEqual(['done'])
    await behind
    expect((await readdir(folder)).toSorted()).toEqual(['begun', 'behind', 'release'])
  })

  it('gives a child or thread the environment of the caller', async () => {
    process.env['AMORSIZE_TEST_WORD'] = 'hello'
    const read = define((name: string) => process.env[name])

    const { values } = await open().runChunk(read, ['AMORSIZE_TEST_WORD'], { maxWorkers: 1 })
    delete process.env['AMORSIZE_TEST_WORD']

    expect(values).toEqual(['hello'])
  })

  it.each([
    { maxWorkers: 0 },
    { maxWorkers: 1.5 },
    { maxWorkers: 1, itemTimeoutMs: 0 },
    { maxWorkers: 1, itemTimeoutMs: Number.NaN },
    { maxWorkers: 1, itemTimeoutMs: 2 ** 31 },
    { maxWorkers: 1, signal: 'stop' as unknown as AbortSignal },
  ])('refuses the options %o before anything is started', async (options) => {
    await expect(open().runChunk(double, [1], options)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
    })
    expect(pool.warmWorkers).toBe(0)
  })
})

it.each([
  { maxWorkerMemoryBytes: 0 },
  { runtime: 'fibers' as Runtime },
  { execArgv: '--inspect' as unknown as string[] },
])('refuses the settings %o', (options) => {
  expect(() => new TaskPool(options)).toThrow(
    expect.objectContaining({ code: 'AMORSIZE_SAMPLER_INVALID_OPTION' }),
  )
})

it('closes with `await using`', async () => {
  let pool: TaskPool
  {
    await using scoped = new TaskPool()
    pool = scoped
    await scoped.runChunk(double, [1], { maxWorkers: 1 })
  }

  expect(pool.isClosed).toBe(true)
})

it('takes any number of workers that a chunk may run on, or a map may want, however large', async () => {
  await using pool = new TaskPool()
  const most = { maxWorkers: Number.MAX_SAFE_INTEGER }

  const { values } = await pool.runChunk(double, [1, 2], most)
  const { results } = await dryRun(
    (item: number) => item,
    Array.from({ length: 100 }, (_, index) => index),
    { pool, allowMainThread: false, warmAhead: Number.MAX_SAFE_INTEGER, budgetMs: 1 },
  )

  expect(values).toEqual([2, 4])
  expect(results.doneCount).toBeGreaterThan(0)
  expect(pool.warmWorkers).toBeLessThan(10)
})

async function temporaryDirectory(): Promise<{ directory: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'amorsize-test-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return { directory }
}

it('places for a map leave out workers that are long at one chunk, while others may be started', async () => {
  await using pool = new TaskPool()
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const { definition } = prepareTask(
    (_item: number, shared: Int32Array) => Atomics.wait(shared, 0, 0),
    cell,
  )
  const before = pool.placesFor(2)
  const held = [0, 1, 2, 3].map((place) =>
    pool.runChunk(definition, [1], { maxWorkers: 1, places: [place] }),
  )
  await pool.warm(4)
  await new Promise((resolve) => setTimeout(resolve, 150))
  const besideAll = pool.placesFor(2)
  const ofMore = pool.placesFor(3)
  Atomics.store(cell, 0, 1)
  Atomics.notify(cell, 0)
  await Promise.all(held)

  expect(before).toEqual([0, 1])
  expect(besideAll).toEqual([0, 1])
  expect(ofMore).toEqual([4, 5, 0])
  expect(pool.placesFor(2)).toEqual([0, 1])
  expect(pool.isIdle).toBe(true)
})

it.each([[[]], [[-1]], [[0.5]]])('refuses the places %j', async (places) => {
  await using pool = new TaskPool()
  const { definition } = prepareTask((item: number) => item, undefined)

  await expect(pool.runChunk(definition, [1], { maxWorkers: 1, places })).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
  })
})

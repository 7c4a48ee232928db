import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createMemoryStore } from '@amorsize/cache'
import { ItemError, moduleTask, TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it } from 'vitest'

import { execute } from '../src/execute.ts'
import type { Progress } from '../src/progress.ts'
import { busy } from './fixtures/busy.mjs'

const pool = new TaskPool()
afterAll(() => pool.close())

const BUSY_URL = new URL('fixtures/busy.mjs', import.meta.url)

/** Options that keep a test to itself: its own store, and the workers of this file. */
const alone = (): { store: ReturnType<typeof createMemoryStore>; pool: TaskPool } => ({
  store: createMemoryStore(),
  pool,
})

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('execute', () => {
  it('gives results in the order of the items, whatever iterates over them', async () => {
    const double = (item: number): number => item * 2
    const expected = [2, 4, 6, 8]
    function* generate(): Generator<number> {
      yield* [1, 2, 3, 4]
    }
    async function* stream(): AsyncGenerator<number> {
      yield* [1, 2, 3, 4]
    }

    for (const data of [
      [1, 2, 3, 4],
      Float64Array.of(1, 2, 3, 4),
      new Set([1, 2, 3, 4]),
      generate(),
      stream(),
    ]) {
      expect(await execute(double, data, alone())).toEqual(expected)
    }
  })

  it('gives an empty array for no items', async () => {
    expect(await execute(() => 1, [], alone())).toEqual([])
  })

  it('takes a module task and sends the context along', async () => {
    const viaModule = await execute(moduleTask<number, number>(BUSY_URL, 'busy'), [10, 20], alone())
    const withContext = await execute(
      (item: number, context: { factor: number }) => item * context.factor,
      [1, 2, 3],
      { ...alone(), context: { factor: 10 } },
    )

    expect(viaModule).toEqual([busy(10), busy(20)])
    expect(withContext).toEqual([10, 20, 30])
  })

  it.each(['worker_threads', 'child_process'] as const)(
    'gives what a plain loop gives when it has to use %s',
    async (runtime) => {
      await using workers = new TaskPool({ runtime })
      const items = numbers(300)

      const { results, optimization, execution } = await execute(
        (item: number) => ({ item, root: Math.sqrt(item), when: new Date(item), none: undefined }),
        items,
        {
          store: createMemoryStore(),
          pool: workers,
          allowMainThread: false,
          returnOptimizationResult: true,
        },
      )

      expect(results).toEqual(
        items.map((item) => ({
          item,
          root: Math.sqrt(item),
          when: new Date(item),
          none: undefined,
        })),
      )
      expect(optimization.executor).toBe(runtime)
      expect(execution.itemCount).toBeLessThanOrEqual(items.length)
    },
  )

  it('runs every item exactly once, sampled ones included', async () => {
    const items = numbers(5000)
    for (const allowMainThread of [true, false]) {
      const calls = new Int32Array(new SharedArrayBuffer(items.length * 4))

      const results = await execute(
        (item: number, counts: Int32Array) => {
          Atomics.add(counts, item, 1)
          return item
        },
        items,
        { ...alone(), context: calls, allowMainThread },
      )

      expect(results).toEqual(items)
      expect(new Set(calls)).toEqual(new Set([1]))
    }
  })

  it('keeps many waiting items in flight in one thread', async () => {
    const { optimization } = await execute(
      async (item: number) => {
        await new Promise((resolve) => setTimeout(resolve, 200))
        return item
      },
      numbers(120),
      { ...alone(), returnOptimizationResult: true },
    )

    expect(optimization.executor).toBe('async')
    expect(optimization.nJobs).toBeGreaterThan(20)
  })

  it.each([1, 3])('keeps no more than %i items under way where that is asked', async (most) => {
    const counts = new Int32Array(new SharedArrayBuffer(8))
    const waiting = async (item: number, [underWay, peak]: [Int32Array, Int32Array]) => {
      const now = Atomics.add(underWay, 0, 1) + 1
      for (let seen = Atomics.load(peak, 0); now > seen; seen = Atomics.load(peak, 0)) {
        Atomics.compareExchange(peak, 0, seen, now)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
      Atomics.sub(underWay, 0, 1)
      return item
    }
    const context: [Int32Array, Int32Array] = [counts.subarray(0, 1), counts.subarray(1)]

    const results = await execute(waiting, numbers(40), { ...alone(), context, maxInFlight: most })

    expect(results).toEqual(numbers(40))
    expect(counts[1]).toBeLessThanOrEqual(most)
  })

  it('stays serial where the whole map is shorter than the start of a worker', async () => {
    await using cold = new TaskPool()

    const { optimization } = await execute((item: number) => item + 1, numbers(100), {
      store: createMemoryStore(),
      pool: cold,
      returnOptimizationResult: true,
    })

    expect(optimization.executor).toBe('serial')
    expect(cold.warmWorkers).toBe(0)
  })

  it('tells how far it is, up to the end', async () => {
    const told: Progress[] = []

    await execute((item: number) => item, numbers(1000), {
      ...alone(),
      allowMainThread: false,
      onProgress: (progress) => told.push(progress),
    })

    expect(told.at(-1)).toMatchObject({ done: 1000, total: 1000, etaMs: 0 })
    expect(told.map(({ done }) => done)).toEqual(
      told.map(({ done }) => done).toSorted((a, b) => a - b),
    )
  })

  it('answers from the cache the second time', async () => {
    const options = { ...alone(), returnOptimizationResult: true } as const
    const task = (item: number): number => item * 3

    const first = await execute(task, numbers(50), options)
    const second = await execute(task, numbers(50), options)

    expect(first.optimization.source).toBe('dry-run')
    expect(second.optimization.source).toBe('cache')
    expect(second.results).toEqual(first.results)
  })
})

describe('execute, when an item fails', () => {
  const failing = (item: number): number => {
    if (item === 30) throw new TypeError('thirty', { cause: 'a cause' })
    return item
  }

  it.each([true, false])(
    'names the index and keeps the cause, with allowMainThread %s; the pool still works',
    async (allowMainThread) => {
      const error = await execute(failing, numbers(60), { ...alone(), allowMainThread }).catch(
        (thrown: unknown) => thrown,
      )

      expect(error).toBeInstanceOf(ItemError)
      expect(error).toMatchObject({ index: 30 })
      expect((error as ItemError).cause).toBeInstanceOf(TypeError)
      expect((error as ItemError).cause).toMatchObject({ message: 'thirty', cause: 'a cause' })
      expect(await execute((item: number) => item, [1], { ...alone(), allowMainThread })).toEqual([
        1,
      ])
    },
  )

  it('names the free variable of a function that reaches outside itself', async () => {
    const outside = 3

    const run = execute((item: number) => item + outside, numbers(10), {
      ...alone(),
      allowMainThread: false,
    })

    await expect(run).rejects.toThrow(/`outside` in `context`/)
  })

  it('survives a task that ends its worker', async () => {
    await using doomed = new TaskPool()
    const run = execute(() => process.exit(3), [1, 2], {
      store: createMemoryStore(),
      pool: doomed,
      allowMainThread: false,
    })

    await expect(run).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_WORKER_EXIT' })
    const after = await execute((item: number) => item, [1, 2], {
      store: createMemoryStore(),
      pool: doomed,
      allowMainThread: false,
    })
    expect(after).toEqual([1, 2])
  })
})

describe('execute, when it is aborted', () => {
  it('does nothing for a signal that is aborted already', async () => {
    const reason = new Error('no')
    let calls = 0

    const run = execute(() => calls++, [1, 2, 3], { ...alone(), signal: AbortSignal.abort(reason) })

    await expect(run).rejects.toBe(reason)
    expect(calls).toBe(0)
  })

  it('waits no longer for a module that never loads', async () => {
    const task = moduleTask(new URL('fixtures/hangs-at-top.mjs', import.meta.url), 'default')

    for (const options of [{}, { allowMainThread: false }, { itemTimeoutMs: 60_000 }]) {
      const signal = AbortSignal.timeout(50)
      await expect(
        execute<number, unknown>(task, numbers(10), { ...alone(), ...options, signal }),
      ).rejects.toMatchObject({ name: 'TimeoutError' })
    }
    expect(
      await execute((item: number) => -item, [1], { ...alone(), allowMainThread: false }),
    ).toEqual([-1])
  })

  it('stops an endless item in a worker', async () => {
    await using endless = new TaskPool()
    const controller = new AbortController()
    const started = new Int32Array(new SharedArrayBuffer(4))
    const run = execute(
      (item: number, flag: Int32Array) => {
        Atomics.store(flag, 0, 1)
        for (;;) if (item < 0) return item
      },
      [0],
      {
        store: createMemoryStore(),
        pool: endless,
        context: started,
        allowMainThread: false,
        signal: controller.signal,
      },
    )
    while (Atomics.load(started, 0) === 0) await new Promise((resolve) => setImmediate(resolve))

    controller.abort()

    await expect(run).rejects.toBe(controller.signal.reason)
  })
})

describe('a program that calls execute', () => {
  const runProgram = (name: string, ...args: string[]): string => {
    const cache = mkdtempSync(join(tmpdir(), 'amorsize-program-'))
    const program = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      env: { ...process.env, AMORSIZE_CACHE_DIR: cache },
      encoding: 'utf8',
      timeout: 50_000,
    })
    rmSync(cache, { recursive: true, force: true })

    expect(stderr).toBe('')
    expect(status).toBe(0)
    return stdout
  }

  it.each(['default', 'workers'])('exits by itself (%s)', (mode) => {
    expect(JSON.parse(runProgram('program.mjs', mode))).toMatchObject({ count: 400 })
  })

  it('is told the same decision again, though the first map was over in a loop', () => {
    expect(runProgram('asks-again.mjs')).toBe('dry-run, cache')
  })
})

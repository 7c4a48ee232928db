import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it } from 'vitest'

import { execute } from '../src/execute.ts'
import type { ExecuteOptions } from '../src/options.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const alone = (): Pick<ExecuteOptions, 'store' | 'pool'> => ({ store: createMemoryStore(), pool })
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const enough = new Error('enough')

describe('after an abort by an item on the calling thread', () => {
  interface Calls {
    readonly counter: Int32Array
    readonly at: number
  }
  const TASKS = {
    'quick items': (item: number, { counter, at }: Calls): number => {
      if (Atomics.add(counter, 0, 1) === at) Reflect.get(globalThis, 'endRun')()
      return item
    },
    'promises that are settled': async (item: number, { counter, at }: Calls): Promise<number> => {
      if (Atomics.add(counter, 0, 1) === at) Reflect.get(globalThis, 'endRun')()
      return item
    },
    'items that wait after many that do not': async (
      item: number,
      { counter, at }: Calls,
    ): Promise<number> => {
      if (Atomics.add(counter, 0, 1) === at) Reflect.get(globalThis, 'endRun')()
      // So long that a thread that has to wait for a core as well still looks idle.
      if (item >= 5000) await new Promise((resolve) => setTimeout(resolve, 50))
      return item
    },
    'many items under way at once': async (
      item: number,
      { counter, at }: Calls,
    ): Promise<number> => {
      if (Atomics.add(counter, 0, 1) === at) Reflect.get(globalThis, 'endRun')()
      await new Promise((resolve) => setTimeout(resolve, 50))
      return item
    },
  }
  /** Of quick items some are run before anybody looks at the signal. */
  const MOST_UNASKED = 64

  it.each(Object.entries(TASKS))('no item starts any more: %s', async (name, task) => {
    for (const at of [0, 1, 100, 5010]) {
      const controller = new AbortController()
      const counter = new Int32Array(new SharedArrayBuffer(4))
      Object.assign(globalThis, { endRun: () => controller.abort(enough) })

      const run = execute(task, numbers(20_000), {
        ...alone(),
        // `endRun` is on this thread alone; a machine that is busy enough makes any loop look long.
        maxInFlight: name === 'many items under way at once' ? 100 : 1,
        maxWorkers: 1,
        context: { counter, at },
        signal: controller.signal,
      })

      await expect(run).rejects.toBe(enough)
      const calls = counter[0]!
      expect(calls).toBeLessThanOrEqual(at + (name === 'quick items' ? MOST_UNASKED : 1))
      // Whatever items still waited for is older than this.
      await new Promise((resolve) => setTimeout(resolve, 150))
      expect(counter[0]).toBe(calls)
    }
    Reflect.deleteProperty(globalThis, 'endRun')
  })
})

describe('after an abort of a run on workers', () => {
  it('no item is run any more on threads', async () => {
    const controller = new AbortController()
    const counter = new Int32Array(new SharedArrayBuffer(4))
    const count = (item: number, calls: Int32Array): number => {
      Atomics.add(calls, 0, 1)
      const endMs = performance.now() + 2
      while (performance.now() < endMs);
      return item
    }

    const run = execute(count, numbers(5000), {
      ...alone(),
      context: counter,
      allowMainThread: false,
      signal: controller.signal,
      onProgress: () => controller.abort(enough),
    })

    await expect(run).rejects.toBe(enough)
    await expectNoMore(pool, () => Atomics.load(counter, 0))
  })

  it('no item is run any more in child processes', async () => {
    await using children = new TaskPool({ runtime: 'child_process' })
    const folder = mkdtempSync(join(tmpdir(), 'amorsize-abort-'))
    const file = join(folder, 'calls')
    writeFileSync(file, '')
    const controller = new AbortController()
    const count = (item: number, path: string): number => {
      process.getBuiltinModule('node:fs').appendFileSync(path, '.')
      const endMs = performance.now() + 2
      while (performance.now() < endMs);
      return item
    }

    const run = execute(count, numbers(5000), {
      store: createMemoryStore(),
      pool: children,
      context: file,
      allowMainThread: false,
      signal: controller.signal,
      onProgress: () => controller.abort(enough),
    })

    await expect(run).rejects.toBe(enough)
    await expectNoMore(children, () => readFileSync(file).length)
    rmSync(folder, { recursive: true })
  })

  /** Other runs on the same workers: had they anything left to do, they would have done it before. */
  async function expectNoMore(workers: TaskPool, countCalls: () => number): Promise<void> {
    const runOthers = (): Promise<unknown> =>
      execute((item: number) => item, numbers(10), {
        store: createMemoryStore(),
        pool: workers,
        allowMainThread: false,
      })
    // A thread that took too long over its chunk is still being ended during the first.
    await runOthers()
    const calls = countCalls()
    expect(calls).toBeGreaterThan(0)
    expect(calls).toBeLessThan(5000)
    await runOthers()
    expect(countCalls()).toBe(calls)
  }
})

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { execute } from '../src/execute.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

let folder: string
let usual: string | undefined
beforeEach(() => {
  usual = process.env['AMORSIZE_CACHE_DIR']
  folder = join(mkdtempSync(join(tmpdir(), 'amorsize-')), 'store')
  process.env['AMORSIZE_CACHE_DIR'] = folder
})
afterEach(() => {
  if (usual === undefined) delete process.env['AMORSIZE_CACHE_DIR']
  else process.env['AMORSIZE_CACHE_DIR'] = usual
  rmSync(join(folder, '..'), { recursive: true })
})

describe('the loop that a map begins with', () => {
  it('ends a short map without a worker and without a store', async () => {
    const idle = new TaskPool()

    expect(await execute((item: number) => item + 1, [1, 2, 3], { pool: idle })).toEqual([2, 3, 4])
    expect(idle.warmWorkers).toBe(0)
    expect(existsSync(folder)).toBe(false)
  })

  it('says what it did where that is asked', async () => {
    const { results, optimization, execution } = await execute((item: number) => item + 1, [1, 2], {
      pool,
      returnOptimizationResult: true,
    })

    expect(results).toEqual([2, 3])
    expect(optimization).toMatchObject({ executor: 'serial', nJobs: 1, chunkSize: 2, warnings: [] })
    expect(optimization.features.itemTimeMs).toBeGreaterThan(0)
    expect(optimization.explain()).toContain('The plain loop was over')
    expect(execution).toMatchObject({ itemCount: 0, chunkCount: 0, speedup: 1 })
  })

  it('hands what it has done on where the rest is worth workers', async () => {
    await using cold = new TaskPool()
    const { results, execution } = await execute(
      (item: number, lengthMs: number) => {
        const endMs = performance.now() + lengthMs
        while (performance.now() < endMs);
        return -item
      },
      numbers(60),
      { pool: cold, store: createMemoryStore(), context: 20, returnOptimizationResult: true },
    )

    expect(results).toEqual(numbers(60).map((item) => -item))
    expect(cold.warmWorkers).toBeGreaterThan(0)
    expect(execution.itemCount).toBeLessThan(60)
  })

  it.each([
    ['an open store', () => ({ store: createMemoryStore() })],
    ['a store that nobody has opened', () => ({})],
  ])('starts workers for a map that comes again and again, with %s', async (_, storeOption) => {
    await using cold = new TaskPool()
    const options = { pool: cold, maxWorkers: 2, context: 0.25, ...storeOption() }
    const spin = (item: number, lengthMs: number): number => {
      const endMs = performance.now() + lengthMs
      while (performance.now() < endMs);
      return item
    }

    for (let call = 0; call < 60 && cold.warmWorkers < 2; call++) {
      expect(await execute(spin, numbers(60), options)).toEqual(numbers(60))
    }

    expect(cold.warmWorkers).toBe(2)
  })

  it('starts workers in a process that goes on with maps of which none is worth them', async () => {
    await using cold = new TaskPool()
    const spin = (item: number, lengthMs: number): number => {
      const endMs = performance.now() + lengthMs
      while (performance.now() < endMs);
      return item
    }
    const options = { pool: cold, maxWorkers: 2, context: 2.5, useCache: false }

    for (let call = 0; call < 20 && cold.warmWorkers === 0; call++) {
      expect(await execute(spin, numbers(80), options)).toEqual(numbers(80))
    }

    expect(cold.warmWorkers).toBeGreaterThan(0)
  })

  it('gives what the plain loop gives, for tasks that wait and tasks that do not', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.boolean(), async (items, isAsync) => {
        const task = isAsync ? async (item: number) => item * 3 : (item: number) => item * 3

        expect(await execute(task, items, { pool })).toEqual(items.map((item) => item * 3))
      }),
    ))

  it('is enough to see that items wait, and keeps many of them at once under way', async () => {
    const waiting = async (item: number): Promise<number> => {
      // So long that a thread that has to wait for a core as well still looks idle.
      await new Promise((resolve) => setTimeout(resolve, 300))
      return -item
    }
    const { results, optimization } = await execute(waiting, numbers(100), {
      pool,
      store: createMemoryStore(),
      returnOptimizationResult: true,
    })

    expect(results).toEqual(numbers(100).map((item) => -item))
    expect(optimization).toMatchObject({ executor: 'async', source: 'dry-run' })
    expect(optimization.explain()).toContain('Items wait')
  })

  it('is remembered where it took long after all, so that the next call can do better', async () => {
    const lateWork = (item: number): number => {
      const endMs = performance.now() + (item < 500 ? 0 : 120)
      while (performance.now() < endMs);
      return item
    }
    const late = [...numbers(500), 500, 500, 500]

    await execute(lateWork, late, { pool })
    await vi.waitUntil(() => existsSync(folder), { timeout: 60_000 })
    const { optimization } = await execute(lateWork, late, { pool, returnOptimizationResult: true })

    expect(optimization.source).toBe('cache')
  })

  it('does not ask for the number of workers, nor look at the machine, while the loop is enough', async () => {
    const spin = (item: number): number => {
      const endMs = performance.now() + 1
      while (performance.now() < endMs);
      return item
    }
    let tries = 0
    const readsFor = async (items: readonly number[]): Promise<number> => {
      // A map that looked long opens the store, which every later one would look into.
      process.env['AMORSIZE_CACHE_DIR'] = `${folder}-${tries++}`
      let reads = 0
      const options = {
        pool,
        get maxWorkers() {
          reads++
          return 2
        },
      }
      await execute(spin, items, options)
      return reads
    }

    const readsOfNone = await readsFor([])
    // On a busy machine the loop may look long, and then it is right to ask.
    const isAsRare = async (): Promise<boolean> => (await readsFor(numbers(4))) === readsOfNone
    await expect(vi.waitUntil(isAsRare, { timeout: 60_000 })).resolves.toBe(true)
  })

  it('names the item that fails', async () => {
    const fail = (item: number): number => {
      if (item === 2) throw new RangeError('two')
      return item
    }
    const reject = async (item: number): Promise<number> => {
      if (item === 2) throw new RangeError('two')
      return item
    }

    for (const task of [fail, reject]) {
      await expect(execute(task, [0, 1, 2, 3], { pool })).rejects.toMatchObject({
        code: 'AMORSIZE_SAMPLER_ITEM',
        index: 2,
      })
    }
  })

  it('starts no item after an abort', async () => {
    const controller = new AbortController()
    let calls = 0
    Object.assign(globalThis, {
      countCall: () => {
        calls++
        controller.abort(new Error('enough'))
      },
    })
    const countCalls = async (item: number): Promise<number> => {
      ;(globalThis as unknown as { countCall: () => void }).countCall()
      return item
    }

    await expect(
      execute(countCalls, [1, 2, 3], { pool, signal: controller.signal }),
    ).rejects.toThrow('enough')
    expect(calls).toBe(1)
    Reflect.deleteProperty(globalThis, 'countCall')
  })
})

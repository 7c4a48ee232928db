import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import { executeStream } from '../src/execute-stream.ts'
import { execute } from '../src/execute.ts'
import { ProgressReporter } from '../src/progress.ts'
import type { Progress } from '../src/progress.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('a progress reporter', () => {
  it('tells at most 20 times a second, and the end once', () => {
    const steps = fc.array(fc.record({ afterMs: fc.nat(120), items: fc.nat(3) }))
    fc.assert(
      fc.property(steps, (reports) => {
        const total = reports.reduce((sum, { items }) => sum + items, 0)
        const told: { atMs: number; done: number }[] = []
        let nowMs = 0
        const reporter = new ProgressReporter(
          ({ done }) => void told.push({ atMs: nowMs, done }),
          () => nowMs,
        )

        let done = 0
        for (const { afterMs, items } of reports) {
          nowMs += afterMs
          done += items
          reporter.report(done, total)
        }
        reporter.report(total, total)

        for (const [nth, { atMs }] of told.slice(1, -1).entries()) {
          expect(atMs - told[nth]!.atMs).toBeGreaterThanOrEqual(50)
        }
        expect(told.filter(({ done: count }) => count === total)).toEqual([told.at(-1)])
      }),
    )
  })

  it('counts the rate from when it was made', () => {
    const told: Progress[] = []
    let nowMs = 1000
    const reporter = new ProgressReporter(
      (progress) => void told.push(progress),
      () => nowMs,
    )

    nowMs += 500
    reporter.report(10, 40)

    expect(told).toEqual([{ done: 10, total: 40, rate: 20, etaMs: 1500 }])
  })
})

describe('onProgress', () => {
  const spin = (item: number, lengthMs: number): number => {
    const endMs = performance.now() + lengthMs
    while (performance.now() < endMs);
    return item
  }
  /** Runs that end in the loop they begin with, on workers, and as a stream. */
  const RUNS = {
    'a short map': (onProgress: (progress: Progress) => void) =>
      execute(spin, numbers(10), { pool, useCache: false, maxWorkers: 1, context: 20, onProgress }),
    'a map on workers': (onProgress: (progress: Progress) => void) =>
      execute(spin, numbers(200), {
        pool,
        store: createMemoryStore(),
        context: 2,
        allowMainThread: false,
        onProgress,
      }),
    'a stream': async (onProgress: (progress: Progress) => void) => {
      const settings = { pool, store: createMemoryStore(), context: 1, onProgress }
      for await (const _ of executeStream(spin, numbers(200), settings));
    },
  }

  it.each(Object.entries(RUNS))('is told on the way and once at the end: %s', async (_, run) => {
    const told: Progress[] = []

    await run((progress) => void told.push(progress))

    const done = told.map((progress) => progress.done)
    const { total } = told[0]!
    expect(done.length).toBeGreaterThan(1)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
    expect(done.filter((count) => count === total)).toEqual([total])
    expect(told.at(-1)).toMatchObject({ done: total, etaMs: 0 })
  })

  it('ends the run by what it throws, which is no failure of an item', async () => {
    const mine = new RangeError('mine')
    const waits = (item: number): Promise<number> =>
      new Promise((resolve) => setTimeout(() => resolve(item), 60))
    const options = {
      pool,
      store: createMemoryStore(),
      onError: 'collect',
      // Not of the items that are run one by one at first.
      onProgress: ({ done }: Progress) => {
        if (done > 20) throw mine
      },
    } as const

    await expect(execute(waits, numbers(100), options)).rejects.toBe(mine)
    await expect(async () => {
      for await (const outcome of executeStream(waits, numbers(100), options)) {
        expect(outcome.status).toBe('fulfilled')
      }
    }).rejects.toBe(mine)
  })

  it('is told nothing any more of a run that failed', async () => {
    let toldCount = 0
    const failsInTheMiddle = async (item: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      if (item === 50) throw new Error('no')
      await new Promise((resolve) => setTimeout(resolve, 60))
      return item
    }

    const run = execute(failsInTheMiddle, numbers(100), {
      pool,
      store: createMemoryStore(),
      maxInFlight: 100,
      onProgress: () => void toldCount++,
    })

    await expect(run).rejects.toThrow('no')
    const toldBefore = toldCount
    // The items that were under way are over by then.
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(toldCount).toBe(toldBefore)
  })

  it('counts the rate from the beginning of the call', async () => {
    const rates: number[] = []

    await RUNS['a short map'](({ rate }) => void rates.push(rate))

    // Items of 20 ms, at most one on a worker and one on this thread at once.
    expect(Math.max(...rates)).toBeLessThanOrEqual((2 * 1000) / 20)
  })
})

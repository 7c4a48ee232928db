import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it } from 'vitest'

import { optimize } from '../src/optimize.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('optimize', () => {
  it.each([true, false])(
    'estimates the whole map, sampled items included (allowMainThread: %s)',
    async (allowMainThread) => {
      const result = await optimize((item: number) => item + 1, numbers(3), {
        store: createMemoryStore(),
        pool,
        allowMainThread,
      })

      expect(result.estimatedTimeMs).toBeGreaterThan(0)
      expect(result.chunkSize).toBeLessThanOrEqual(3)
      expect(result.reason).not.toContain('Nothing is left')
      expect(result.explain()).toContain('Predicted for the 3 items left')
    },
  )

  it('says of the same measurements what the cache says of them the next time', async () => {
    const options = { store: createMemoryStore(), pool, allowMainThread: false, maxWorkers: 2 }
    const spin = (item: number): number => {
      let sum = item
      for (let turn = 0; turn < 2e5; turn++) sum += Math.sqrt(turn)
      return sum
    }
    // So that neither has to count the start of a worker.
    await pool.warm(2)

    const measured = await optimize(spin, numbers(200), options)
    const remembered = await optimize(spin, numbers(200), options)

    expect([measured.source, remembered.source]).toEqual(['dry-run', 'cache'])
    const { executor, nJobs, chunkSize, estimatedTimeMs } = remembered
    expect(measured).toMatchObject({ executor, nJobs, chunkSize })
    expect(measured.estimatedTimeMs).toBeCloseTo(estimatedTimeMs)
  })

  it('warns of results that will not fit, also where no worker was tried', async () => {
    const waiting = async (): Promise<Uint8Array> => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      return new Uint8Array(5_000_000)
    }
    const computing = (): Uint8Array => new Uint8Array(5_000_000)
    const options = { pool, useCache: false, maxInFlight: 1 }

    for (const task of [waiting, computing]) {
      const { warnings } = await optimize(task, new Float64Array(10_000_000), options)

      expect(warnings.join()).toContain('take the results one by one with executeStream()')
    }
  })
})

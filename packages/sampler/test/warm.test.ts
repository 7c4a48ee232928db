import { afterEach, describe, expect, it } from 'vitest'

import { prepareTask, TaskPool } from '../src/index.ts'
import type { Runtime } from '../src/index.ts'

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']
const double = prepareTask((item: number) => item * 2, undefined).definition

describe.each(RUNTIMES)('a pool of %s', (runtime) => {
  let pool: TaskPool

  function open(): TaskPool {
    pool = new TaskPool({ runtime })
    return pool
  }

  afterEach(() => pool.close())

  it('can start workers ahead, which then take chunks at the same time', async () => {
    open()
    const warming = pool.warm(2)
    expect(pool.warmWorkers).toBe(2)

    // Not waited for: a chunk may come before its worker is up.
    const { values } = await pool.runChunk(double, [1], { maxWorkers: 1 })
    await warming
    await pool.warm(1)

    expect(values).toEqual([2])
    expect(pool.warmWorkers).toBe(2)
  })

  it('that is warmed and cannot start a worker says so with the first chunk', async () => {
    pool = new TaskPool({ runtime, execArgv: ['--no-such-flag'] })

    await pool.warm(2)

    expect(pool.warmWorkers).toBe(0)
    await expect(pool.runChunk(double, [1], { maxWorkers: 1 })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
    })
  })

  it('can be closed while it is warmed', async () => {
    const warming = open().warm(2)

    await Promise.all([pool.close(), warming])

    expect(pool.warmWorkers).toBe(0)
    await expect(pool.warm(1)).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_POOL_CLOSED' })
  })

  it.each([-1, 1.5, Number.NaN, '2' as never])('cannot be warmed by %o workers', async (count) => {
    await expect(open().warm(count)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
    })
    expect(pool.warmWorkers).toBe(0)
  })
})

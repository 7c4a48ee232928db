import { createMemoryStore } from '@amorsize/cache'
import { PartialResults, prepareTask, TaskPool } from '@amorsize/sampler'
import type { Runtime, Task, TaskPoolOptions } from '@amorsize/sampler'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { execute } from '../src/execute.ts'
import { EXECUTORS } from '../src/executors/index.ts'
import type { ExecutionCosts } from '../src/executors/executor.ts'

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

const exitAtSeven = (item: number): number => (item % 10 === 7 ? process.exit(3) : item * 2)

interface Collected {
  readonly values: unknown[]
  readonly failures: Map<number, Error>
  readonly costs: ExecutionCosts
}

async function collect(
  pool: TaskPool,
  task: Task<number, unknown>,
  items: readonly number[],
  settings: { chunkSize?: number; retries?: number; onProgress?: () => void } = {},
): Promise<Collected> {
  const { chunkSize = 8, retries, onProgress = () => {} } = settings
  const results = new PartialResults<unknown>(items.length)
  const failures = new Map<number, Error>()
  const costs = await EXECUTORS[pool.runtime].run({
    task: prepareTask(task, undefined),
    items,
    results,
    plan: { executor: pool.runtime, nJobs: 2, chunkSize },
    pool,
    signal: undefined,
    onProgress,
    onItemError: (index, error) => {
      failures.set(index, error)
      results.set(index, 'failed')
    },
    retries,
  })
  return { values: results.values, failures, costs }
}

describe.each(RUNTIMES)('an item that ends its worker, in %s', (runtime) => {
  let pool: TaskPool
  beforeEach(() => {
    pool = new TaskPool({ runtime })
  })
  afterEach(() => pool.close())

  it('fails alone, named by its index; every other result is kept', async () => {
    const { values, failures } = await collect(pool, exitAtSeven, numbers(30))

    expect(values).toEqual(numbers(30).map((item) => (item % 10 === 7 ? 'failed' : item * 2)))
    expect([...failures.keys()].toSorted((a, b) => a - b)).toEqual([7, 17, 27])
    for (const [index, error] of failures) {
      expect(error).toMatchObject({ code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index })
    }
  })

  it('is run again as often as `retries` says, and not once more', async () => {
    for (const retries of [0, 1, 2]) {
      const { values, costs } = await collect(pool, exitAtSeven, numbers(10), { retries })

      expect(values).toEqual(numbers(10).map((item) => (item === 7 ? 'failed' : item * 2)))
      expect(costs.lostWorkers).toBe(retries + 1)
    }
  })

  it('ends the run by default, with its index', async () => {
    const results = new PartialResults<number>(30)

    const run = EXECUTORS[runtime].run({
      task: prepareTask(exitAtSeven, undefined),
      items: numbers(30),
      results,
      plan: { executor: runtime, nJobs: 1, chunkSize: 30 },
      pool,
      signal: undefined,
      onProgress: () => {},
    })

    await expect(run).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index: 7 })
  })

  it('is told from one that was merely running when the worker was ended from outside', async () => {
    let chunks = 0
    const endFirstWorker = (): void => {
      if (++chunks === 2) void pool.terminateBusy(1)
    }

    const { values, failures, costs } = await collect(
      pool,
      async (item: number) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return item
      },
      numbers(60),
      { chunkSize: 5, onProgress: endFirstWorker },
    )

    expect(values).toEqual(numbers(60))
    expect(failures.size).toBe(0)
    expect(costs.lostWorkers).toBeGreaterThan(0)
  })

  it('is isolated with allowMainThread false by execute(), sampled or not', async () => {
    const outcomes = await execute(exitAtSeven, numbers(60), {
      pool,
      store: createMemoryStore(),
      allowMainThread: false,
      onError: 'collect',
    })

    expect(outcomes).toHaveLength(60)
    for (const [index, outcome] of outcomes.entries()) {
      expect(outcome).toMatchObject(
        index % 10 === 7
          ? { status: 'rejected', reason: { code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index } }
          : { status: 'fulfilled', value: index * 2 },
      )
    }
  })

  it('that is the only item fails with its index', async () => {
    const run = execute(exitAtSeven, [7], {
      pool,
      store: createMemoryStore(),
      allowMainThread: false,
    })

    await expect(run).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index: 0 })
  })
})

describe('an item that fills the heap', () => {
  const fillHeapAtFive = (item: number): number => {
    if (item !== 5) return item
    const kept: number[][] = []
    for (;;) kept.push(Array.from({ length: 1000 }, (_, index) => index))
  }
  const SETTINGS: readonly TaskPoolOptions[] = [
    { runtime: 'worker_threads', resourceLimits: { maxOldGenerationSizeMb: 32 } },
    { runtime: 'child_process', execArgv: ['--max-old-space-size=32'] },
  ]

  it.each(SETTINGS)('fails alone with $runtime', async (settings) => {
    await using pool = new TaskPool(settings)

    const { values, failures } = await collect(pool, fillHeapAtFive, numbers(12))

    expect(values).toEqual(numbers(12).map((item) => (item === 5 ? 'failed' : item)))
    expect([...failures.keys()]).toEqual([5])
  })
})

it('an item that kills its own process fails alone', async () => {
  await using pool = new TaskPool({ runtime: 'child_process' })
  const killAtThree = (item: number): number => {
    if (item === 3) process.kill(process.pid, 'SIGKILL')
    return item
  }

  const { values, failures } = await collect(pool, killAtThree, numbers(9))

  expect(values).toEqual(numbers(9).map((item) => (item === 3 ? 'failed' : item)))
  expect(failures.get(3)).toMatchObject({ index: 3, message: expect.stringContaining('SIGKILL') })
})

it('is found by halves where nobody can see which item runs', async () => {
  // Without a temporary folder a child process has no place to tell its progress.
  vi.stubEnv('TMPDIR', '/nonexistent')
  await using pool = new TaskPool({ runtime: 'child_process' })

  const { values, failures } = await collect(pool, exitAtSeven, numbers(10), { chunkSize: 10 })
  vi.unstubAllEnvs()

  expect(values).toEqual(numbers(10).map((item) => (item === 7 ? 'failed' : item * 2)))
  expect([...failures]).toMatchObject([[7, { code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index: 7 }]])
})

it('workers that cannot start end the run, whatever becomes of failed items', async () => {
  await using pool = new TaskPool({ execArgv: ['--no-such-flag'] })

  await expect(collect(pool, exitAtSeven, numbers(10))).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
    index: undefined,
  })
})

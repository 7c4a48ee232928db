import { subscribe, unsubscribe } from 'node:diagnostics_channel'

import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { expect, it } from 'vitest'

import { execute } from '../src/execute.ts'
import { executeStream } from '../src/execute-stream.ts'
import { optimize } from '../src/optimize.ts'
import type { OptimizationResult } from '../src/result.ts'

const CHANNELS = ['decision', 'chunk', 'worker', 'error', 'end'] as const
type Told = Record<(typeof CHANNELS)[number], Record<string, unknown>[]>

/** What the channels tell while something runs. */
async function listen(run: () => Promise<unknown>): Promise<Told> {
  const told: Told = { decision: [], chunk: [], worker: [], error: [], end: [] }
  const listeners = CHANNELS.map((name) => {
    const listener = (message: unknown): void =>
      void told[name].push(message as Record<string, unknown>)
    subscribe(`amorsize:${name}`, listener)
    return () => unsubscribe(`amorsize:${name}`, listener)
  })
  try {
    await run()
  } finally {
    for (const stop of listeners) stop()
  }
  return told
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

it('a run tells its decision, workers, chunks, failed items and end', async () => {
  const told = await listen(async () => {
    await using pool = new TaskPool()
    await execute(
      (item: number) => {
        if (item === 70) throw new Error('seventy')
        return item
      },
      numbers(100),
      { pool, store: createMemoryStore(), allowMainThread: false, onError: 'collect' },
    )
  })

  expect(told.decision).toMatchObject([
    {
      source: 'dry-run',
      plan: { executor: 'worker_threads' },
      isReplan: false,
      reason: expect.stringMatching(/worker/),
      estimatedTimeMs: expect.any(Number),
      warnings: expect.any(Array),
    },
  ])
  expect(told.worker[0]).toMatchObject({
    event: 'start',
    runtime: 'worker_threads',
    worker: 0,
    startUpMs: expect.any(Number),
  })
  expect(told.worker.filter(({ event }) => event === 'end').length).toBeGreaterThan(0)
  expect(told.error).toMatchObject([{ index: 70, error: { code: 'AMORSIZE_SAMPLER_ITEM' } }])
  expect(told.end).toMatchObject([{ failedCount: 1, replans: [], plan: told.decision[0]!['plan'] }])
  for (const { firstIndex, itemCount, busyMs, roundTripMs } of told.chunk as Record<
    string,
    number
  >[]) {
    expect(firstIndex).toBeGreaterThanOrEqual(0)
    expect(firstIndex! + itemCount!).toBeLessThanOrEqual(100)
    expect(busyMs).toBeGreaterThanOrEqual(0)
    expect(roundTripMs).toBeGreaterThanOrEqual(busyMs!)
  }
  const inChunks = told.chunk.reduce((sum, { itemCount }) => sum + (itemCount as number), 0)
  expect(inChunks).toBe(told.end[0]!['itemCount'])
})

it('a run that fails tells its error and no end', async () => {
  const told = await listen(async () => {
    await using pool = new TaskPool()
    const options = { pool, store: createMemoryStore() }
    await execute(() => Promise.reject(new Error('no')), [1], options).catch(() => {})
  })

  expect(told.error).toMatchObject([{ index: 0, error: { code: 'AMORSIZE_SAMPLER_ITEM' } }])
  expect(told.end).toEqual([])
})

it('a worker that was started for one item has no place in the pool', async () => {
  const told = await listen(async () => {
    await using pool = new TaskPool()
    const endsItsWorker = (item: number): number => (item === 70 ? process.exit(1) : item)
    const options = { pool, store: createMemoryStore(), allowMainThread: false } as const
    await execute(endsItsWorker, numbers(100), { ...options, onError: 'collect' })
  })

  const isolated = told.worker.filter(({ worker }) => worker === -1)
  expect(new Set(isolated.map(({ event }) => event))).toEqual(new Set(['start', 'end']))
  expect(told.end).toMatchObject([{ failedCount: 1 }])
})

it('what is told of `optimize()` is what it returns', async () => {
  let returned: OptimizationResult<number> | undefined
  const told = await listen(async () => {
    await using pool = new TaskPool()
    const options = { pool, store: createMemoryStore(), allowMainThread: false }
    returned = await optimize((item: number) => item, numbers(40), options)
  })

  const { executor, nJobs, chunkSize, reason, estimatedTimeMs } = returned!
  const plan = { executor, nJobs, chunkSize }
  expect(told.decision).toMatchObject([{ plan, reason, estimatedTimeMs }])
})

it('a long stream tells the plan that it begins with', async () => {
  const told = await listen(async () => {
    await using pool = new TaskPool()
    const settings = { pool, store: createMemoryStore(), allowMainThread: false }
    for await (const _ of executeStream((n: number) => n, numbers(50_000), settings));
  })

  const last = told.decision.at(-1)!['plan']
  expect(told.end).toMatchObject([{ plan: last }])
})

it('a stream tells as much', async () => {
  const told = await listen(async () => {
    await using pool = new TaskPool()
    const stream = executeStream((item: number) => item, numbers(100).values(), {
      pool,
      store: createMemoryStore(),
      allowMainThread: false,
    })
    for await (const _ of stream);
  })

  expect(told.decision).toHaveLength(1)
  expect(told.worker.length).toBeGreaterThan(0)
  expect(told.end).toMatchObject([{ failedCount: 0, plan: told.decision[0]!['plan'] }])
})

it.each([true, false])(
  'a stream tells each item that fails, with allowMainThread %s',
  async (allowMainThread) => {
    const told = await listen(async () => {
      await using pool = new TaskPool()
      const failing = (item: number): number => {
        if (item % 10 === 7) throw new Error('no')
        return item
      }
      const stream = executeStream(failing, numbers(50), {
        pool,
        store: createMemoryStore(),
        allowMainThread,
        onError: 'collect',
      })
      for await (const _ of stream);
    })

    expect(new Set(told.error.map(({ index }) => index))).toEqual(new Set([7, 17, 27, 37, 47]))
    expect(told.error).toHaveLength(5)
    expect(told.end).toMatchObject([{ failedCount: 5 }])
  },
)

it.each([true, false])(
  'a stream that is left tells its end, with allowMainThread %s',
  async (allowMainThread) => {
    const told = await listen(async () => {
      await using pool = new TaskPool()
      const settings = { pool, store: createMemoryStore(), allowMainThread }
      for await (const item of executeStream((n: number) => n, numbers(5000), settings)) {
        if (item === 2000) break
      }
    })

    // On a busy machine the plan may be changed.
    expect(told.decision.filter(({ isReplan }) => !isReplan)).toHaveLength(1)
    expect(told.error).toEqual([])
    expect(told.end).toMatchObject([{ failedCount: 0, signature: told.decision[0]!['signature'] }])
  },
)

it('a stream that ends by an error tells that and no end, also where its source throws last', async () => {
  const failing = (item: number): number => {
    if (item === 3) throw new RangeError('three')
    return item
  }
  const source = {
    [Symbol.iterator]: () => ({
      next: () => ({ value: 1, done: false }),
      return: (): never => {
        throw new RangeError('the source')
      },
    }),
  } as Iterable<number>
  const told = await listen(async () => {
    await using pool = new TaskPool()
    const settings = { pool, store: createMemoryStore() }
    await expect(async () => {
      for await (const _ of executeStream(failing, numbers(9), settings));
    }).rejects.toMatchObject({ index: 3 })
    await expect(async () => {
      for await (const _ of executeStream((n: number) => n, source, settings)) break
    }).rejects.toThrow('the source')
    // Of two errors the first is the one to know.
    const none = (): never => {
      throw new RangeError('none')
    }
    await expect(async () => {
      for await (const _ of executeStream(none, source, settings));
    }).rejects.toMatchObject({ index: 0, cause: { message: 'none' } })
  })

  expect(told.error).toMatchObject([{ index: 3 }, { index: undefined }, { index: 0 }])
  expect(told.end).toEqual([])
})

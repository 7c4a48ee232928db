import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import type { Runtime } from '@amorsize/sampler'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'

import { executeStream } from '../src/execute-stream.ts'
import type { StreamOptions } from '../src/options.ts'
import type { Progress } from '../src/progress.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

/** Options that keep a test to itself: its own store, and the workers of this file. */
const alone = (): Pick<StreamOptions, 'store' | 'pool'> => ({ store: createMemoryStore(), pool })
/** On workers, whatever the items cost. */
const onWorkers = (): Pick<StreamOptions, 'store' | 'pool' | 'allowMainThread'> => ({
  ...alone(),
  allowMainThread: false,
})

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const ascending = (a: number, b: number): number => a - b
const double = (item: number): number => item * 2
const wait = (item: number): Promise<number> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(item), 5)
  })

/** A source that tells how far it was read and whether it was ended. */
class Watched {
  read = 0
  isEnded = false;

  *endless(): Generator<number> {
    try {
      for (;;) yield this.read++
    } finally {
      this.isEnded = true
    }
  }

  async *endlessLate(): AsyncGenerator<number> {
    try {
      for (;;) {
        await new Promise(setImmediate)
        yield this.read++
      }
    } finally {
      this.isEnded = true
    }
  }
}

async function* late(items: Iterable<number>): AsyncGenerator<number> {
  for (const item of items) {
    await Promise.resolve()
    yield item
  }
}

async function take<T>(stream: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for await (const value of stream) {
    taken.push(value)
    if (taken.length === count) break
  }
  return taken
}

async function drain<T>(stream: AsyncIterable<T>): Promise<{ values: T[]; error?: unknown }> {
  const values: T[] = []
  try {
    for await (const value of stream) values.push(value)
  } catch (error) {
    return { values, error }
  }
  return { values }
}

describe.each([
  ['on the calling thread', alone],
  ['on workers', onWorkers],
])('executeStream %s', (_, settings) => {
  it('gives the results in the order of the items, whatever iterates over them', async () => {
    for (const data of [
      numbers(300),
      Float64Array.from(numbers(300)),
      new Set(numbers(300)),
      late(numbers(300)),
      numbers(300).values(),
    ]) {
      expect(await take(executeStream(double, data, settings()), Infinity)).toEqual(
        numbers(300).map(double),
      )
    }
  })

  it('gives every result once where the order does not matter', async () => {
    const { values } = await drain(
      executeStream(double, late(numbers(3000)), { ...settings(), ordered: false }),
    )

    expect(values.toSorted(ascending)).toEqual(numbers(3000).map(double))
  })

  it('gives nothing for no items', async () => {
    expect(await drain(executeStream(double, [], settings()))).toEqual({ values: [] })
  })

  it('takes the head of a source that never ends, and ends the source', async () => {
    for (const source of ['endless', 'endlessLate'] as const) {
      const watched = new Watched()

      const taken = await take(executeStream(double, watched[source](), settings()), 2000)

      expect(taken).toEqual(numbers(2000).map(double))
      expect(watched.isEnded).toBe(true)
    }
  })

  it.each([true, false])('reads no further ahead than the window, ordered: %s', async (ordered) => {
    const watched = new Watched()
    const furthest: number[] = []
    let delivered = 0

    for await (const _result of executeStream(double, watched.endless(), {
      ...settings(),
      window: 20,
      ordered,
    })) {
      delivered++
      furthest.push(watched.read - delivered)
      // Whoever reads ahead has the time to do so here.
      await new Promise(setImmediate)
      if (delivered === 400) break
    }

    expect(Math.max(...furthest)).toBeLessThanOrEqual(20)
  })

  it('gives the results of the items before the one that the source throws at', async () => {
    const failure = new Error('the source is gone')
    async function* source(): AsyncGenerator<number> {
      yield* numbers(700)
      throw failure
    }

    const { values, error } = await drain(executeStream(double, source(), settings()))

    expect(values).toEqual(numbers(700).map(double))
    expect(error).toBe(failure)
  })

  it('gives the results before the item that fails, then its error', async () => {
    const failing = (item: number): number => {
      if (item === 250) throw new RangeError('no')
      return item
    }
    const watched = new Watched()

    const { values, error } = await drain(executeStream(failing, watched.endless(), settings()))

    expect(values).toEqual(numbers(250))
    expect(error).toMatchObject({ code: 'AMORSIZE_SAMPLER_ITEM', index: 250 })
    expect(watched.isEnded).toBe(true)
  })

  it('tells of each item that fails where errors are collected', async () => {
    const failing = (item: number): number => {
      if (item % 7 === 3) throw new RangeError(`no ${item}`)
      return item
    }

    const { values } = await drain(
      executeStream(failing, late(numbers(200)), { ...settings(), onError: 'collect' }),
    )

    for (const [index, outcome] of values.entries()) {
      expect(outcome).toMatchObject(
        index % 7 === 3
          ? { status: 'rejected', reason: { index, cause: { message: `no ${index}` } } }
          : { status: 'fulfilled', value: index },
      )
    }
    expect(values).toHaveLength(200)
  })

  it('does nothing for a signal that is aborted already', async () => {
    const watched = new Watched()
    const reason = new Error('no')

    const { values, error } = await drain(
      executeStream(double, watched.endless(), {
        ...settings(),
        signal: AbortSignal.abort(reason),
      }),
    )

    expect(values).toEqual([])
    expect(error).toBe(reason)
    expect(watched.read).toBe(0)
  })

  it('ends with the reason of the signal, and ends the source', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const watched = new Watched()
    const values: number[] = []

    const run = (async () => {
      const stream = executeStream(wait, watched.endlessLate(), {
        ...settings(),
        signal: controller.signal,
      })
      for await (const value of stream) {
        values.push(value)
        if (values.length === 50) controller.abort(reason)
      }
    })()

    await expect(run).rejects.toBe(reason)
    expect(values).toEqual(numbers(50))
    expect(watched.isEnded).toBe(true)
  })

  it('gives nothing more after an abort, however much is ready', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const values: number[] = []

    const run = (async () => {
      const stream = executeStream(double, numbers(300), {
        ...settings(),
        signal: controller.signal,
      })
      for await (const value of stream) {
        values.push(value)
        if (values.length === 50) controller.abort(reason)
      }
    })()

    await expect(run).rejects.toBe(reason)
    expect(values).toEqual(numbers(50).map(double))
  })

  it('ends with the reason of the signal while the source keeps it waiting for ever', async () => {
    const controller = new AbortController()
    const reason = new Error('too late')
    async function* stuck(): AsyncGenerator<number> {
      yield* numbers(5)
      await new Promise(() => {})
    }
    const values: number[] = []

    const run = (async () => {
      const stream = executeStream(double, stuck(), { ...settings(), signal: controller.signal })
      for await (const value of stream) {
        values.push(value)
        if (values.length === 5) setImmediate(() => controller.abort(reason))
      }
    })()

    await expect(run).rejects.toBe(reason)
    expect(values).toEqual([0, 2, 4, 6, 8])
  })

  it('gives up an item that waits for longer than its time', async () => {
    const never = (item: number): Promise<number> =>
      item === 3 ? new Promise(() => {}) : Promise.resolve(item)

    const { values } = await drain(
      executeStream(never, late(numbers(8)), {
        ...settings(),
        onError: 'collect',
        itemTimeoutMs: 200,
      }),
    )

    expect(values.map(({ status }) => status)).toEqual(
      numbers(8).map((item) => (item === 3 ? 'rejected' : 'fulfilled')),
    )
    expect(values[3]).toMatchObject({
      reason: { code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT', index: 3 },
    })
  })

  it('tells how far it is: no total until the source has ended', async () => {
    const told: Progress[] = []

    await drain(
      executeStream(double, late(numbers(5000)), {
        ...settings(),
        onProgress: (progress) => told.push(progress),
      }),
    )

    expect(told[0]!.total).toBeGreaterThanOrEqual(told[0]!.done)
    expect(told.at(-1)).toMatchObject({ done: 5000, total: 5000, etaMs: 0 })
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted(ascending))
  })
})

describe('executeStream', () => {
  it('runs every item once and loses none, for every window, order and length', async () => {
    const counted = (item: number, calls: Int32Array): number => {
      Atomics.add(calls, item, 1)
      return item * 2
    }
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        fc.boolean(),
        async (count, window, ordered, allowMainThread) => {
          const calls = new Int32Array(new SharedArrayBuffer(4 * count))
          const options = { ...alone(), window, ordered, allowMainThread, context: calls }

          const { values } = await drain(executeStream(counted, late(numbers(count)), options))

          expect(ordered ? values : values.toSorted(ascending)).toEqual(numbers(count).map(double))
          expect([...calls]).toEqual(numbers(count).map(() => 1))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('keeps many waiting items under way in one thread', async () => {
    const counter = new Int32Array(new SharedArrayBuffer(8))
    const waiting = async (item: number, inFlight: Int32Array): Promise<number> => {
      Atomics.add(inFlight, 0, 1)
      inFlight[1] = Math.max(inFlight[1]!, inFlight[0]!)
      await new Promise((resolve) => setTimeout(resolve, 100))
      Atomics.sub(inFlight, 0, 1)
      return item
    }

    const { values } = await drain(
      executeStream(waiting, late(numbers(200)), { ...alone(), context: counter }),
    )

    expect(values).toEqual(numbers(200))
    expect(counter[1]).toBeGreaterThan(20)
  })

  it('runs nothing any more once the loop over it is left', async () => {
    const calls = new Int32Array(new SharedArrayBuffer(4))
    const counting = (item: number, count: Int32Array): number => {
      Atomics.add(count, 0, 1)
      let sum = item
      for (let index = 0; index < 100_000; index++) sum += Math.sqrt(index)
      return sum
    }
    const watched = new Watched()

    await take(executeStream(counting, watched.endless(), { ...onWorkers(), context: calls }), 100)
    // Other runs on the same workers: had they anything left to do, they would have done it before.
    // On a busy machine the thread of a chunk that took too long is still being ended during the first.
    await drain(executeStream(double, numbers(10), onWorkers()))
    const callsAtEnd = Atomics.load(calls, 0)
    await drain(executeStream(double, numbers(10), onWorkers()))

    expect(Atomics.load(calls, 0)).toBe(callsAtEnd)
    expect(watched.isEnded).toBe(true)
  })

  it('ends its chunks with the signal, also while its consumer is busy', async () => {
    await using workers = new TaskPool()
    const hasBegun = new Int32Array(new SharedArrayBuffer(4))
    const endlessSixty = (item: number, begun: Int32Array): number => {
      if (item === 60) Atomics.store(begun, 0, 1)
      // Nothing but the end of its worker ends it.
      for (;;) if (item !== 60) break
      return item
    }
    const controller = new AbortController()
    const stream = executeStream(endlessSixty, new Watched().endless(), {
      ...onWorkers(),
      pool: workers,
      context: hasBegun,
      signal: controller.signal,
      window: 50,
    })

    for (let taken = 0; taken < 20; taken++) await stream.next()
    await vi.waitUntil(() => hasBegun[0] === 1, { timeout: 20_000 })
    controller.abort(new Error('enough'))

    // The consumer asks for nothing.
    await vi.waitUntil(() => workers.isIdle, { timeout: 20_000 })
    await expect(stream.next()).rejects.toThrow('enough')
  })

  it('starts nothing any more once a loop over items that wait is left', async () => {
    const calls = new Int32Array(new SharedArrayBuffer(4))
    const counting = async (item: number, count: Int32Array): Promise<number> => {
      Atomics.add(count, 0, 1)
      // Waits without end come late enough to be many under way at once.
      if (item >= 200) await new Promise(() => {})
      else await new Promise((resolve) => setTimeout(resolve, 100))
      return item
    }

    const taken = await take(
      executeStream(counting, late(numbers(1000)), { ...alone(), context: calls }),
      100,
    )
    const callsAtEnd = calls[0]
    // Whatever items still waited for is older than this.
    await new Promise((resolve) => setTimeout(resolve, 200))

    expect(taken).toEqual(numbers(100))
    expect(calls[0]).toBe(callsAtEnd)
  })

  it.each(RUNTIMES)('goes on after an item that ends its worker, one of %s', async (runtime) => {
    await using doomed = new TaskPool({ runtime })
    const exitAtForty = (item: number): number => (item === 40 ? process.exit(1) : item)

    const { values } = await drain(
      executeStream(exitAtForty, late(numbers(100)), {
        store: createMemoryStore(),
        pool: doomed,
        allowMainThread: false,
        onError: 'collect',
      }),
    )

    expect(values.map(({ status }) => status)).toEqual(
      numbers(100).map((item) => (item === 40 ? 'rejected' : 'fulfilled')),
    )
    expect(values[40]).toMatchObject({
      reason: { code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index: 40 },
    })
  })

  it('reads nothing before the first result is asked for', async () => {
    const watched = new Watched()

    const stream = executeStream(double, watched.endless(), alone())
    await new Promise(setImmediate)
    await stream.return()

    expect(watched.read).toBe(0)
  })

  it('refuses bad input at once', () => {
    expect(() => executeStream(double, 'text' as never)).toThrow(/spread|Spread/)
    expect(() => executeStream(double, 5 as never)).toThrow(/iterable/)
    expect(() => executeStream(5 as never, [])).toThrow(/function/)
    expect(() => executeStream(double, [], { window: 0 })).toThrow(/window/)
    expect(() => executeStream(double, [], { ordered: 1 as never })).toThrow(/ordered/)
    expect(() => executeStream(double, [], { windows: 1 } as never)).toThrow(/window/)
    expect(() => executeStream(double, [], { enableOnlineLearning: true } as never)).toThrow(
      /enableOnlineLearning/,
    )
  })
})

it.each(RUNTIMES)(
  'a program that leaves a stream and loses workers of %s exits by itself',
  (runtime) => {
    const cache = mkdtempSync(join(tmpdir(), 'amorsize-program-'))
    const program = fileURLToPath(new URL('fixtures/stream-program.mjs', import.meta.url))

    const { status, stdout } = spawnSync(process.execPath, [program, runtime], {
      env: { ...process.env, AMORSIZE_CACHE_DIR: cache },
      encoding: 'utf8',
      timeout: 50_000,
    })
    rmSync(cache, { recursive: true })

    expect(JSON.parse(stdout)).toEqual({ taken: 200, failed: [5, 6] })
    expect(status).toBe(0)
  },
)

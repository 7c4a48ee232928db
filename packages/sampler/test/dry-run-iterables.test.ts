import { afterAll, describe, expect, it, vi } from 'vitest'

import { dryRun, iteratorOf, prepareTask, sampleItems, TaskPool } from '../src/index.ts'
import type { DryRunOptions, SamplingResult } from '../src/index.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

/** Generous, so that a busy machine samples as many items as an idle one. */
const options: DryRunOptions = { pool, worthWorkersMs: 0, budgetMs: 5000 }

async function collect<I>(items: AsyncIterable<I>): Promise<I[]> {
  const collected: I[] = []
  for await (const item of items) collected.push(item)
  return collected
}

/** A clock that goes on only where it is told to. */
const fakeClock = (): { nowMs: number; now: () => number } => ({
  nowMs: 0,
  now() {
    return this.nowMs
  },
})

const double = (item: number): number => item * 2

/** Results and rest together are every item once, in order. */
async function everyItem(sampling: SamplingResult<number, number>): Promise<number[]> {
  const { results, rest } = sampling
  const done = results.values.filter((_, index) => results.has(index)).map((value) => value / 2)
  return [...done, ...(await collect(rest))].toSorted((a, b) => a - b)
}

describe('data that cannot be indexed', () => {
  it.each([
    [{ [Symbol.iterator]: 5 }],
    [{ [Symbol.iterator]: () => 5 }],
    [{ [Symbol.iterator]: () => ({ next: () => 7 }) }],
    [{ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(undefined) }) }],
  ])('that only looks so is refused: %o', async (data) => {
    const reading = async (): Promise<void> => {
      const { rest } = await dryRun(double, data as unknown as Iterable<number>, options)
      for await (const _ of rest);
    }

    await expect(reading()).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_INVALID_DATA' })
  })

  it('is read by its other iterator where it has but one, and a text is refused', () => {
    const source = { [Symbol.asyncIterator]: undefined, [Symbol.iterator]: () => count(2) }

    expect(iteratorOf(source as unknown as Iterable<number>).next()).toEqual({
      done: false,
      value: 0,
    })
    expect(() => iteratorOf('text')).toThrow('[...text]')
    expect(() => iteratorOf(onlySteps('text')).next()).toThrow('Return { value, done }')
  })

  function onlySteps(step: unknown): Iterable<unknown> {
    return { [Symbol.iterator]: () => ({ next: () => step as IteratorResult<unknown> }) }
  }

  function* count(limit: number): Generator<number> {
    for (let n = 0; n < limit; n++) yield n
  }

  it('gives each item once, as a result or in the rest', async () => {
    const sampling = await dryRun(double, count(50_000), options)

    expect(sampling.itemCount).toBe(Infinity)
    expect(await everyItem(sampling)).toEqual([...count(50_000)])
  })

  it('may end within the head, and is then as good as an array', async () => {
    const sampling = await dryRun(double, count(100), options)

    expect(sampling.itemCount).toBe(100)
    expect(await everyItem(sampling)).toEqual([...count(100)])
  })

  it('may never end', async () => {
    const sampling = await dryRun(double, count(Infinity), options)
    const first: number[] = []
    for await (const item of sampling.rest) if (first.push(item) === 3) break

    expect(first).toEqual(first.toSorted((a, b) => a - b))
    expect(sampling.results.doneCount).toBeGreaterThan(0)
  })

  it('is told when nobody wants the rest', async () => {
    let isEnded = false
    function* watched(): Generator<number> {
      try {
        yield* count(Infinity)
      } finally {
        isEnded = true
      }
    }

    const { rest } = await dryRun(double, watched(), { ...options, allowMainThread: false })
    for await (const _ of rest) break

    expect(isEnded).toBe(true)
  })

  it.each([
    [
      'at once',
      function* failing(): Generator<number> {
        yield* count(40)
        throw new RangeError('no more')
      },
    ],
    [
      'late',
      async function* failing(): AsyncGenerator<number> {
        yield* count(40)
        throw new RangeError('no more')
      },
    ],
  ])(
    'that gives its items %s and throws half way loses none of those before',
    async (_, failing) => {
      const sampling = await dryRun(double, failing(), options)
      const others: number[] = []
      const reading = (async (): Promise<void> => {
        for await (const item of sampling.rest) others.push(item)
      })()

      await expect(reading).rejects.toThrow('no more')
      expect(sampling.results.doneCount + others.length).toBe(40)
    },
  )

  it('whose async iterator throws instead of rejecting loses none of them either', async () => {
    let next = 0
    const failing: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          if (next === 40) throw new RangeError('no more')
          return Promise.resolve({ value: next++, done: false })
        },
      }),
    }

    const sampling = await dryRun(double, failing, options)

    expect(sampling.results.doneCount).toBeGreaterThan(0)
    await expect(collect(sampling.rest)).rejects.toThrow('no more')
  })

  it('is read no longer than the budget, however its items come', async () => {
    const clock = fakeClock()
    let read = 0
    async function* computed(): AsyncGenerator<number> {
      for (; ; clock.nowMs++) yield read++
    }

    const sampling = await dryRun(double, computed(), { ...options, clock, budgetMs: 50 })

    expect(read).toBeLessThanOrEqual(51)
    expect(sampling.itemCount).toBe(Infinity)
  })

  it.each(['sync', 'async'])('that never waits is left by an abort: %s', async (kind) => {
    const clock = fakeClock()
    let read = 0
    let isEnded = false
    function* computed(): Generator<number> {
      try {
        for (; ; clock.nowMs++) yield read++
      } finally {
        isEnded = true
      }
    }
    async function* later(): AsyncGenerator<number> {
      yield* computed()
    }
    const abort = new AbortController()
    setImmediate(() => abort.abort(new RangeError('enough')))

    const running = dryRun(double, kind === 'sync' ? computed() : later(), {
      ...options,
      clock,
      budgetMs: Infinity,
      signal: abort.signal,
    })

    await expect(running).rejects.toThrow('enough')
    // The head of such data is 16,384 items.
    expect(read).toBeLessThan(16_384)
    await vi.waitFor(() => expect(isEnded).toBe(true))
  })

  it('is told when the dry run fails', async () => {
    let isEnded = false
    async function* watched(): AsyncGenerator<number> {
      try {
        yield* count(Infinity)
      } finally {
        isEnded = true
      }
    }
    const refuse = (item: number): number => {
      throw new RangeError(`no ${item}`)
    }

    await expect(dryRun(refuse, watched(), { ...options, budgetMs: 5 })).rejects.toThrow('no 0')
    await vi.waitFor(() => expect(isEnded).toBe(true))
  })

  it('that stops giving items does not hold the dry run', async () => {
    async function* stuck(): AsyncGenerator<number> {
      yield 1
      await new Promise(() => {})
    }

    const sampling = await dryRun(double, stuck(), { ...options, budgetMs: 5 })

    expect(sampling.results.values).toEqual([2])
  })
})

it('the rest of an array is what was not sampled, in order', async () => {
  const items = Array.from({ length: 5000 }, (_, n) => n)

  const sampling = await sampleItems(prepareTask(double, undefined), items, options)

  expect(await everyItem(sampling)).toEqual(items)
})

import { afterAll, describe, expect, it } from 'vitest'

import { dryRun, prepareTask, sampleItems, TaskPool } from '../src/index.ts'
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

const double = (item: number): number => item * 2

/** Results and rest together are every item once, in order. */
async function everyItem(sampling: SamplingResult<number, number>): Promise<number[]> {
  const { results, rest } = sampling
  const done = results.values.filter((_, index) => results.has(index)).map((value) => value / 2)
  return [...done, ...(await collect(rest))].toSorted((a, b) => a - b)
}

describe('data that cannot be indexed', () => {
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

  it('that throws half way loses none of the items before', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield* count(40)
      throw new RangeError('no more')
    }

    const sampling = await dryRun(double, failing(), options)
    const others: number[] = []
    const reading = (async (): Promise<void> => {
      for await (const item of sampling.rest) others.push(item)
    })()

    await expect(reading).rejects.toThrow('no more')
    expect(sampling.results.doneCount + others.length).toBe(40)
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

import { afterAll, describe, expect, it } from 'vitest'

import { dryRun, prepareTask, sampleItems, TaskPool } from '../src/index.ts'
import type { DryRunOptions, SamplingResult } from '../src/index.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

/** Computes for about the given time, so that what is asked of a dry run does not hang on the machine. */
const compute = (durationMs: number): number => {
  const endMs = performance.now() + durationMs
  while (performance.now() < endMs);
  return durationMs
}

/** Generous, so that a busy machine samples as many items as an idle one. */
const options: DryRunOptions = { pool, worthWorkersMs: 0, budgetMs: 5000 }

/** What a dry run promises whatever it measures. */
function expectNothingLost<O>({ results, itemCount }: SamplingResult<O>, expected: O[]): void {
  const rest = [...results.rest()]
  expect(results.doneCount + rest.length).toBe(itemCount)
  expect(rest).toEqual(rest.toSorted((a, b) => a - b))
  for (const [index, value] of expected.entries()) {
    if (results.has(index)) expect(results.values[index]).toEqual(value)
    else expect(rest).toContain(index)
  }
}

describe.each([
  ['here and in a worker', true],
  ['in a worker alone', false],
])('a dry run %s', (_, allowMainThread) => {
  it('tells what the items cost and keeps their results', async () => {
    const items = Array.from({ length: 300 }, () => 1)

    const sampling = await dryRun(compute, items, { ...options, allowMainThread })

    expectNothingLost(sampling, items)
    expect(sampling.itemTimeMs).toBeGreaterThan(0.9)
    expect(sampling.results.doneCount).toBeGreaterThan(5)
    expect(sampling.worker).toMatchObject({
      dispatchMs: expect.any(Number),
      cloneMs: expect.any(Number),
      inputBytes: expect.any(Number),
    })
  })

  it.each([
    ['sorted', (n: number) => n / 100],
    ['of two kinds', (n: number) => (n % 10 === 0 ? 4 : 0.2)],
    ['with a heavy tail', (n: number) => Math.min(10, 0.2 * (1 - (n % 97) / 97) ** -0.5)],
    ['with one cluster of slow items', (n: number) => (n >= 100 && n < 130 ? 3 : 0.3)],
  ])('of data %s loses no item and runs none twice', async (__, cost) => {
    const items = Array.from({ length: 300 }, (___, n) => cost(n))

    expectNothingLost(await dryRun(compute, items, { ...options, allowMainThread }), items)
  })

  it('of one item samples it, whatever it costs, and claims no precision', async () => {
    const sampling = await dryRun(compute, [60], { ...options, allowMainThread, budgetMs: 1 })

    expect(sampling.results.values).toEqual([60])
    expect(sampling.relativeError).toBe(Infinity)
    expect(sampling.isSettled).toBe(false)
    expect(sampling.itemTimeMs).toBeGreaterThan(59)
  })

  it('of no item costs nothing and says so', async () => {
    const sampling = await dryRun(compute, [], { ...options, allowMainThread })

    expect(sampling).toMatchObject({ itemCount: 0, itemTimeMs: 0, worker: undefined })
  })

  it('of a task that fails names the item', async () => {
    const refuse = (item: number): number => {
      if (item >= 0) throw new RangeError('refused')
      return item
    }

    await expect(dryRun(refuse, [1, 2], { ...options, allowMainThread })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_ITEM',
      index: 0,
      cause: new RangeError('refused'),
    })
  })

  it('ends with its signal, also in the middle of an item', async () => {
    const signal = AbortSignal.timeout(30)
    const hang = async (): Promise<void> => new Promise(() => {})

    await expect(
      dryRun(hang, [1, 2], { ...options, allowMainThread: false, signal }),
    ).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

it('sees that the time rises with position and size', async () => {
  const items = Array.from({ length: 4000 }, (_, n) => 0.05 + n / 2000)

  const { dependence } = await dryRun(compute, items, {
    ...options,
    allowMainThread: false,
    budgetMs: 5000,
  })

  expect(dependence.onPosition).toBeGreaterThan(0.7)
  expect(dependence.onSize).toBeGreaterThan(0.7)
})

it('starts no worker where the map is too short for one', async () => {
  await using cold = new TaskPool()

  const sampling = await dryRun((item: number) => item + 1, [1, 2, 3], { pool: cold })

  expect(cold.warmWorkers).toBe(0)
  expect(sampling.results.values).toEqual([2, 3, 4])
  expect(sampling.worker).toBeUndefined()
})

it('starts the other workers while it samples, but none for a map that is too short', async () => {
  await using cold = new TaskPool()
  const limits = { ...options, pool: cold, warmAhead: 2 }

  await dryRun((item: number) => item, [1, 2, 3], { ...limits, worthWorkersMs: 60 })
  const forShort = cold.warmWorkers
  await dryRun(
    compute,
    Array.from({ length: 300 }, () => 1),
    limits,
  )

  expect([forShort, cold.warmWorkers]).toEqual([0, 2])
})

it('runs nothing on the calling thread where that is not allowed', async () => {
  const where = async (): Promise<boolean> => {
    const threads = process.getBuiltinModule('node:worker_threads')
    return threads.isMainThread
  }

  const { results, mainItemTimeMs } = await dryRun(where, [1, 2], {
    ...options,
    allowMainThread: false,
  })

  expect(results.values.filter((value) => value !== undefined)).toEqual([false])
  expect(mainItemTimeMs).toBeUndefined()
})

it('recognises a function that waits', async () => {
  const wait = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 15))
  }

  const waiting = await dryRun(wait, Array.from({ length: 50 }), options)
  const computing = await dryRun(
    compute,
    Array.from({ length: 50 }, () => 5),
    options,
  )

  expect(waiting.waitShare).toBeGreaterThan(computing.waitShare)
})

it('samples spread over the data, not its head', async () => {
  const { results } = await dryRun(
    compute,
    Array.from({ length: 1000 }, () => 2),
    options,
  )

  const done = [...results.values.keys()].filter((index) => results.has(index))
  expect(Math.max(...done)).toBeGreaterThan(500)
})

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

it('passes the context', async () => {
  const add = (item: number, context: { offset: number }): number => item + context.offset

  const { results } = await dryRun(add, [1, 2], { pool }, { offset: 10 })

  expect(results.values).toEqual([11, 12])
})

it.each([
  { budgetMs: -1 },
  { budgetMs: Number.NaN },
  { worthWorkersMs: '5' as unknown as number },
  { warmAhead: 1.5 },
])('refuses the options %o before an item runs', async (wrong) => {
  await expect(dryRun(compute, [1], { ...options, ...wrong })).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
  })
})

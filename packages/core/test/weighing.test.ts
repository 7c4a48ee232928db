/** Short maps of which samples cannot tell whether the calling thread or workers are quicker. */
import { threadId } from 'node:worker_threads'

import { createMemoryStore } from '@amorsize/cache'
import type { DecisionEntry } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it, vi } from 'vitest'

import type { Costs } from '../src/cost-model.ts'
import { execute } from '../src/execute.ts'
import { optimize } from '../src/optimize.ts'
import type { OptimizationResult } from '../src/result.ts'
import { decisionsOf } from './kept-decisions.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

/** Its context is the thread of the caller and how long an item takes there, and how long elsewhere. */
interface Paces {
  readonly home: number
  readonly homeMs: number
  readonly awayMs: number
}

const items = Array.from({ length: 40 }, (_, item) => item)

function spinAt(item: number, { home, homeMs, awayMs }: Paces): number {
  const { threadId: here } = process.getBuiltinModule('node:worker_threads')
  const endMs = performance.now() + (here === home ? homeMs : awayMs)
  while (performance.now() < endMs);
  return 2 * item
}

/** As by a sample that saw little: 14 ms in the loop, some 10 on two workers. */
const EQUAL: Omit<Costs, 'itemCount'> = {
  mainItemTimeMs: 0.35,
  workerItemTimeMs: 0.45,
  coefficientOfVariation: 0.5,
  waitShare: 0,
  usableCores: 2,
  contention: 0,
  dispatch: {
    dispatchMs: 0.2,
    mainDispatchMs: 0.05,
    cloneMs: 0.001,
    startUpMs: 50,
    warmWorkers: 2,
  },
}

/** So many runs by a decision that a cache is given, and what it holds after them. */
async function runsOf(
  context: Paces,
  count: number,
  costs: Partial<Costs> = {},
  fields: Partial<DecisionEntry> = {},
) {
  const store = createMemoryStore()
  const entries = decisionsOf(store)
  const options = { store, pool, maxWorkers: 2, context } as const
  await pool.warm(2)
  await execute(spinAt, items, options)
  await vi.waitUntil(() => entries.length > 0)
  const [key, entry] = entries.at(-1)!
  await store.putDecision(key, { ...entry, ...fields, costs: { ...EQUAL, ...costs } })
  const decided: OptimizationResult<number>[] = []
  for (let run = 0; run < count; run++) {
    const { results, optimization } = await execute(spinAt, items, {
      ...options,
      returnOptimizationResult: true,
    })
    expect(results).toEqual(items.map((item) => 2 * item))
    decided.push(optimization)
  }
  return { decided, entries, store, options }
}

/** Turns that the last of them has noted. */
function turnsIn(entries: readonly [string, DecisionEntry][]): number {
  const { main, worker } = entries.at(-1)![1]['turns'] as Record<string, readonly number[]>
  return main!.length + worker!.length
}

const QUICKER_AT_HOME: Paces = { home: threadId, homeMs: 0.15, awayMs: 1.2 }
const ALIKE: Paces = { home: threadId, homeMs: 0.3, awayMs: 0.3 }

const executors = (decided: readonly OptimizationResult<number>[]): string[] =>
  decided.map(({ executor }) => executor)

describe('a loop and workers that are thought to be about as good', () => {
  it.each([
    ['the loop', 'serial', QUICKER_AT_HOME],
    ['workers', 'worker_threads', { home: threadId, homeMs: 0.5, awayMs: 0.1 }],
  ])('take turns, and then %s that is the quicker is kept', async (_, quicker, paces) => {
    const { decided, entries } = await runsOf(paces, 10)
    const turns = decided.filter(({ reason }) => reason.includes('take turns'))
    const settled = decided.slice(turns.length)

    expect(turns.length).toBeGreaterThanOrEqual(4)
    expect(turns.length).toBeLessThanOrEqual(8)
    expect(new Set(executors(turns.slice(0, 2)))).toEqual(new Set(['serial', 'worker_threads']))
    expect(new Set(executors(settled))).toEqual(new Set([quicker]))
    expect(settled[0]!.reason).toMatch(/^Measured before/)
    expect(entries.at(-1)![1]).toMatchObject({
      executor: quicker,
      reason: expect.stringMatching(/^Runs of both were timed/),
      costs: { isWeighed: true },
    })
  })

  it('are told apart by what both took', async () => {
    const { entries } = await runsOf(QUICKER_AT_HOME, 4)
    const { mainItemTimeMs, workerItemTimeMs } = entries.at(-1)![1]['costs'] as Costs
    const before = EQUAL.workerItemTimeMs / EQUAL.mainItemTimeMs!

    expect(workerItemTimeMs / mainItemTimeMs!).toBeGreaterThan(before)
  })

  it('take one turn at a time, for two would time each other', async () => {
    const { store, options, entries } = await runsOf(ALIKE, 1)
    const calls = Array.from({ length: 6 }, () =>
      execute(spinAt, items, { ...options, store, returnOptimizationResult: true }),
    )
    const decided = (await Promise.all(calls)).map(({ optimization }) => optimization)

    expect(decided.filter(({ reason }) => reason.includes('take turns'))).toHaveLength(1)
    expect(turnsIn(entries)).toBe(2)
  })

  it('go on where another process left off', async () => {
    const { decided, entries, options } = await runsOf(ALIKE, 3)
    const store = createMemoryStore()
    const [key, entry] = entries.at(-1)!
    await store.putDecision(key, JSON.parse(JSON.stringify(entry)))
    const { optimization } = await execute(spinAt, items, {
      ...options,
      store,
      returnOptimizationResult: true,
    })

    expect(turnsIn(entries)).toBe(3)
    expect(optimization.reason).toMatch(/take turns/)
    expect(optimization.executor).toBe(decided[1]!.executor)
  })

  it.each([[{ main: 'x', worker: [-1] }], ['none'], [null]])(
    'begin anew where what was kept of them is damaged: %o',
    async (turns) => {
      const { decided, entries } = await runsOf(ALIKE, 1, {}, { turns })

      expect(decided[0]!.reason).toMatch(/take turns/)
      expect(turnsIn(entries)).toBe(1)
    },
  )

  it.each(['getDecision', 'putDecision'] as const)(
    'are no failure of the run where the store refuses: %s',
    async (method) => {
      const { store, options, entries } = await runsOf(ALIKE, 1)
      const known = await store.getDecision(entries.at(-1)![0])
      const refuse = vi.spyOn(store, method)
      if (method === 'getDecision') refuse.mockResolvedValueOnce(known as never)
      refuse.mockRejectedValue(new Error('No store'))

      expect(await execute(spinAt, items, options)).toEqual(items.map((item) => 2 * item))
      expect(refuse).toHaveBeenCalled()
    },
  )

  it('keep when the decision was made, and are no longer what others disturbed', async () => {
    const createdAtMs = Date.now() - 1000
    const { entries } = await runsOf(QUICKER_AT_HOME, 8, {}, { createdAtMs, isTainted: true })
    const { isTainted, ...settled } = entries.at(-1)![1]

    expect(entries.at(-2)![1].isTainted).toBe(true)
    expect(settled).toMatchObject({ createdAtMs, costs: { isWeighed: true } })
    expect(isTainted).toBeUndefined()
  })

  it('count where a few of the items fail, and do not where many do', async () => {
    const failing = (item: number, share: number): number => {
      const endMs = performance.now() + 0.3
      while (performance.now() < endMs);
      if (item < 40 * share) throw new Error('Not this one')
      return item
    }
    for (const [share, counted] of [
      [0.05, 1],
      [0.5, 0],
    ] as const) {
      const store = createMemoryStore()
      const entries = decisionsOf(store)
      const options = { store, pool, maxWorkers: 2, context: share } as const
      await pool.warm(2)
      await optimize(failing, items.slice(20), options).catch(() => {})
      await execute(failing, items, { ...options, onError: 'collect' })
      await vi.waitUntil(() => entries.length > 0)
      const [key, entry] = entries.at(-1)!
      await store.putDecision(key, { ...entry, costs: EQUAL, turns: { main: [], worker: [] } })
      await execute(failing, items, { ...options, onError: 'collect' })

      expect(turnsIn(entries)).toBe(counted)
    }
  })

  it('go on in a store that hands out another object each time', async () => {
    const { store, options, entries } = await runsOf(ALIKE, 1)
    const get = store.getDecision.bind(store)
    vi.spyOn(store, 'getDecision').mockImplementation(async (key) =>
      structuredClone(await get(key)),
    )
    await execute(spinAt, items, options)

    expect(turnsIn(entries)).toBe(2)
  })

  it('take no turn when only asked about', async () => {
    const { decided, store, options } = await runsOf(
      { home: threadId, homeMs: 0.3, awayMs: 0.3 },
      1,
    )
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => optimize(spinAt, items, { ...options, store })),
    )

    expect(new Set(executors(answers))).toEqual(new Set(executors(decided)))
    for (const { reason } of answers) expect(reason).not.toMatch(/take turns/)
  })

  it.each<[string, Partial<Costs>]>([
    ['one of them is much quicker', { mainItemTimeMs: 0.9 }],
    ['the calling thread may not be used', { mainItemTimeMs: undefined }],
    ['a run is too short to be worth it', { mainItemTimeMs: 0.01, workerItemTimeMs: 0.012 }],
  ])('take no turns where %s', async (_, costs) => {
    const { decided } = await runsOf(ALIKE, 2, costs)

    for (const { reason } of decided) expect(reason).not.toMatch(/take turns/)
  })
})

describe('a cached decision that is damaged', () => {
  const { dispatch } = EQUAL
  it.each<[string, unknown, unknown]>([
    ['no dispatch', { ...EQUAL, dispatch: null }, undefined],
    ['a text for dispatch', { ...EQUAL, dispatch: 'none' }, undefined],
    ['a number for memory', { ...EQUAL, memory: 3 }, undefined],
    ['times that are none', { ...EQUAL, dispatch: { ...dispatch, mainStartUpMs: 'x' } }, undefined],
    ['no costs', null, undefined],
    ['turns that are none', EQUAL, { main: ['5', '5'], worker: [Infinity, 1] }],
  ])('costs nothing but itself: %s', async (_, costs, turns) => {
    const { entries, store, options } = await runsOf(ALIKE, 0)
    const [key, entry] = entries.at(-1)!
    await store.putDecision(key, { ...entry, costs, turns })

    expect(await execute(spinAt, items, options)).toEqual(items.map((item) => 2 * item))
  })

  it('does not take for turns what are none', async () => {
    const turns = { main: ['1', '1', '1', '1'], worker: ['1', '1', '1', '1'] }
    const { decided } = await runsOf(ALIKE, 1, {}, { turns })

    expect(decided[0]!.reason).toMatch(/take turns/)
  })
})

describe('many waiting items at once and workers that are thought to be about as good', () => {
  it('take turns as well', async () => {
    const store = createMemoryStore()
    const entries = decisionsOf(store)
    const answer = (item: number): Promise<number> =>
      new Promise((resolve) => setTimeout(() => resolve(item), 5))
    const options = { store, pool, maxWorkers: 2 } as const
    await pool.warm(2)
    await optimize(answer, items, options)
    const [key, entry] = entries.at(-1)!
    const costs = { ...EQUAL, mainItemTimeMs: 1, workerItemTimeMs: 1, waitShare: 0.3 }
    await store.putDecision(key, { ...entry, costs })
    const decided: OptimizationResult<number>[] = []
    for (let run = 0; run < 5; run++) {
      const { optimization } = await execute(answer, items, {
        ...options,
        returnOptimizationResult: true,
      })
      decided.push(optimization)
    }

    expect(executors(decided.slice(0, 4)).toSorted()).toEqual([
      'async',
      'async',
      'worker_threads',
      'worker_threads',
    ])
    expect(decided[4]!.executor).toBe('async')
  })
})

it('turns go on after one in which something of the caller has thrown', async () => {
  const { store, options } = await runsOf(ALIKE, 1)
  const log = (): never => {
    throw new RangeError('log')
  }

  await expect(execute(spinAt, items, { ...options, verbose: true, log })).rejects.toThrow('log')
  await pool.warm(2)
  const { optimization } = await execute(spinAt, items, {
    ...options,
    store,
    returnOptimizationResult: true,
  })

  expect(optimization.reason).toContain('take turns')
})

describe('items that may end their worker', () => {
  const double = ({ item, isPoison }: { item: number; isPoison: boolean }): number => {
    if (isPoison && process.getBuiltinModule('node:worker_threads').isMainThread)
      throw new Error('This would have been the end')
    if (isPoison) process.exit()
    const endMs = performance.now() + 0.3
    while (performance.now() < endMs);
    return 2 * item
  }

  it.each(['collect', 'throw'] as const)(
    'are never tried on the calling thread, whose process they would end: %s',
    async (onError) => {
      const store = createMemoryStore()
      const entries = decisionsOf(store)
      const data = items.map((item) => ({ item, isPoison: false }))
      const options = { store, pool, maxWorkers: 2 } as const
      await pool.warm(2)
      await execute(double, data, options)
      await vi.waitUntil(() => entries.length > 0)
      const [key, entry] = entries.at(-1)!
      await store.putDecision(key, { ...entry, costs: EQUAL })
      const poisoned = data.with(7, { item: 7, isPoison: true })

      for (let run = 0; run < 4; run++) {
        const failed = await execute(double, poisoned, { ...options, onError }).then(
          (outcomes) => outcomes.find((outcome) => Object(outcome).status === 'rejected'),
          (reason: unknown) => ({ reason }),
        )
        await pool.warm(2)
        await execute(double, data, options)

        expect(failed).toMatchObject({ reason: { code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index: 7 } })
      }
    },
  )
  it.each(['collect', 'throw'] as const)(
    'keep to workers where the first run of all told: %s',
    async (onError) => {
      const store = createMemoryStore()
      const entries = decisionsOf(store)
      // So far back that the calling thread does not come to it beside a slow sample.
      const data = Array.from({ length: 3000 }, (_, item) => ({ item, isPoison: item === 2990 }))
      await pool.warm(2)
      const run = execute(double, data, { store, pool, maxWorkers: 2, onError })
      await run.catch(() => {})
      const latest = (): Costs | undefined => entries.at(-1)?.[1]['costs'] as Costs | undefined
      // Where the sample came upon that item, the first entry says so already.
      await vi.waitUntil(() => latest() && latest()!.mainItemTimeMs === undefined, 20_000)

      expect(latest()!.dispatch).toBeDefined()
    },
  )
})

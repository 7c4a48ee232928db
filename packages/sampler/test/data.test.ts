import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { measureCloneCosts, PartialResults, runItems, toItems } from '../src/index.ts'
import { spreadWalk } from '../src/spread.ts'

describe('the items of data', () => {
  it('are an array or a typed array itself, not a copy', () => {
    const array = [1, 2]
    const typed = new Float32Array(2)

    expect(toItems(array)).toBe(array)
    expect(toItems(typed)).toBe(typed)
  })

  it('are read from any other iterable', async () => {
    async function* later(): AsyncGenerator<number> {
      yield 1
      yield 2
    }

    expect(await toItems(new Set([1, 2]))).toEqual([1, 2])
    expect(await toItems([1, 2].values())).toEqual([1, 2])
    expect(await toItems(later())).toEqual([1, 2])
  })

  it.each([undefined, null, 7, 'text', {}, () => {}])('are refused where they are %o', (data) => {
    expect(() => toItems(data as never)).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_SAMPLER_INVALID_DATA' }),
    )
  })
})

describe('a walk over positions', () => {
  it('visits each of them once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (count) => {
        const walk = spreadWalk(count)
        const visited = new Set(Array.from({ length: count }, () => walk()))
        expect(visited.size).toBe(count)
        expect(Math.max(...visited)).toBe(count - 1)
      }),
    )
  })

  it('leaves no gap of more than a few times the even spacing, wherever it stops', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 100_000 }),
        fc.integer({ min: 8, max: 100 }),
        (count, taken) => {
          const walk = spreadWalk(count)
          const seen = Array.from({ length: taken }, () => walk()).toSorted((a, b) => a - b)
          const gaps = [...seen, count].map((position, n) => position - (seen[n - 1] ?? 0))
          expect(Math.max(...gaps)).toBeLessThan((4 * count) / taken)
        },
      ),
    )
  })
})

describe('the clone of an item and its result', () => {
  /** Times of nothing that are taken first, there and back each. */
  const EMPTY_READINGS = 8

  it('of what cannot be cloned is an error', () => {
    expect(() => measureCloneCosts([[() => 1, 1]])).toThrow(
      expect.objectContaining({ name: 'DataCloneError' }),
    )
  })

  it('is timed without what a clone of nothing takes', () => {
    let now = 0
    const clock = { now: () => (now += 1) }

    expect(measureCloneCosts([[{}, {}]], clock)).toEqual({ cloneMs: 0, workerCloneMs: 0 })
    expect(measureCloneCosts([], clock)).toEqual({ cloneMs: 0, workerCloneMs: 0 })
  })

  it('takes the worker no time where memory is handed over to it', () => {
    let now = 0
    const clock = { now: () => (now += 1) }
    const { cloneMs, workerCloneMs } = measureCloneCosts([[new Float64Array(100_000), 1]], clock)

    expect(cloneMs).toBeGreaterThan(0)
    expect(workerCloneMs).toBe(0)
  })

  it('is told by many of them, also where the first was disturbed', () => {
    let readings = 0
    const disturbed = 2 * EMPTY_READINGS + 2
    let now = 0
    const clock = { now: () => (now += ++readings === disturbed ? 5 : 0.02) }
    const pairs = Array.from({ length: 64 }, () => [{}, {}] as const)

    expect(measureCloneCosts(pairs, clock).cloneMs).toBeLessThan(0.001)
  })
})

describe('partial results', () => {
  it('know what is done and give the rest in order', () => {
    const results = new PartialResults<string>(4)
    results.set(2, 'c')
    results.set(0, 'a')
    results.set(2, 'C')

    expect([...results.rest()]).toEqual([1, 3])
    expect(results).toMatchObject({ itemCount: 4, doneCount: 2, restCount: 2 })
    expect([results.has(2), results.has(3)]).toEqual([true, false])
    expect(results.values[2]).toBe('C')
  })

  it('are filled by a loop wherever there is none yet, up to the first promise', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ isDone: fc.boolean(), isAsync: fc.boolean() }), { maxLength: 30 }),
        fc.nat(30),
        fc.nat(30),
        async (items, start, length) => {
          const from = Math.min(start, items.length)
          const to = Math.min(items.length, from + length)
          const results = new PartialResults<string>(items.length)
          for (const [index, { isDone }] of items.entries())
            if (isDone) results.set(index, 'before')
          const called: number[] = []
          const run = (item: (typeof items)[number]): string | Promise<string> => {
            called.push(items.indexOf(item))
            return item.isAsync ? Promise.resolve('later') : 'at once'
          }

          const reached = runItems(run, items, results, from, to, () => false)
          const missing = items.flatMap(({ isDone }, index) =>
            !isDone && index >= from && index < to ? [index] : [],
          )
          const firstAsync = missing.findIndex((index) => items[index]!.isAsync)
          expect(reached instanceof Promise).toBe(firstAsync !== -1)
          expect(await reached).toBe(to)

          expect(called).toEqual(missing)
          expect(results.doneCount).toBe(
            items.filter(({ isDone }) => isDone).length + missing.length,
          )
          for (const [index, { isDone, isAsync }] of items.entries()) {
            const isRun = missing.includes(index)
            expect(results.has(index)).toBe(isDone || isRun)
            if (isRun) expect(results.values[index]).toBe(isAsync ? 'later' : 'at once')
            else if (isDone) expect(results.values[index]).toBe('before')
          }
        },
      ),
    )
  })

  it('keep what came before an item that fails, and name that item', () => {
    const results = new PartialResults<number>(4)
    const run = (item: number): number => {
      if (item === 2) throw new RangeError('two')
      return -item
    }

    expect(() => runItems(run, [0, 1, 2, 3], results, 0, 4, () => false)).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_SAMPLER_ITEM', index: 2 }),
    )
    expect(results.doneCount).toBe(2)
    expect([0, 1, 2, 3].map((index) => results.has(index))).toEqual([true, true, false, false])
  })

  it('are left from where the loop is to stop: at once among items that wait', async () => {
    const items = Array.from({ length: 1000 }, (_, index) => index)
    const reach = async (run: (item: number) => number | Promise<number>): Promise<number> => {
      const results = new PartialResults<number>(1000)
      let called = -1
      const call = (item: number): number | Promise<number> => run((called = item))
      const reached = await runItems(call, items, results, 0, 1000, () => called >= 300)
      expect(results.doneCount).toBe(reached)
      expect(called).toBe(reached - 1)
      return reached
    }

    expect(await reach(async (item) => item)).toBe(301)
    expect(await reach((item) => item)).toBeLessThan(400)
  })

  it('hold a result that is undefined', () => {
    const results = new PartialResults<undefined>(1)
    results.set(0, undefined)

    expect(results.has(0)).toBe(true)
  })
})

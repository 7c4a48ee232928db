import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { PartialResults, toItems } from '../src/index.ts'
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

  it('hold a result that is undefined', () => {
    const results = new PartialResults<undefined>(1)
    results.set(0, undefined)

    expect(results.has(0)).toBe(true)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { rankCorrelation, sizeOf } from '../src/dependence.ts'
import { removeQueueTime } from '../src/queue-time.ts'
import { SteadyState } from '../src/steady-state.ts'

function repeated(timeMs: number, count: number): number[] {
  return Array.from({ length: count }, () => timeMs)
}

/** Item times in batches of doubling size, as a dry run takes them. */
function measured(timesMs: readonly number[]): SteadyState {
  const steadyState = new SteadyState()
  for (let from = 0, size = 1; from < timesMs.length; from += size, size *= 2) {
    steadyState.addBatch(timesMs.slice(from, from + size))
  }
  return steadyState
}

describe('the item time', () => {
  it('is that of the warm items, however slow the cold ones were', () => {
    const cold = [...repeated(1, 5), ...repeated(0.2, 60)]
    const steadyState = measured([...cold, ...repeated(0.05, 1000)])

    expect(steadyState.itemTimeMs).toBeCloseTo(0.05, 2)
    expect(steadyState.isSettled).toBe(true)
  })

  it('keeps the slow items of two kinds, also where a batch has none of them', () => {
    const kinds = Array.from({ length: 255 }, (_, n) => (n % 10 === 0 ? 20 : 1))

    expect(measured(kinds).itemTimeMs).toBeCloseTo(2.9, 0)
  })

  it('leaves out what held a few items up for as long as a thousand others take', () => {
    // Collections, compilations: 2 ms now and then, of items of a microsecond.
    const times = repeated(0.001, 8191)
    for (const place of [1300, 2900, 4400, 6000, 7500]) times[place] = 2

    const { itemTimeMs, coefficientOfVariation } = measured(times)
    expect(itemTimeMs).toBeCloseTo(0.001, 4)
    expect(coefficientOfVariation).toBeLessThan(0.1)
  })

  it('sees within a batch when the function became warm', () => {
    const steadyState = new SteadyState()
    steadyState.addBatch([...repeated(0.02, 200), ...repeated(0.01, 800)])

    expect(steadyState.itemTimeMs).toBeCloseTo(0.01, 4)
  })

  it('is hardly below the mean of items of a heavy tail, whatever is left out', () => {
    // A Pareto distribution of exponent 2.5, its quantiles in a fixed shuffled order: mean 5/3.
    const place = (n: number): number => ((Math.imul(n + 1, 2654435761) >>> 0) + 0.5) / 2 ** 32
    const tail = Array.from({ length: 1023 }, (_, n) => 0.05 * (1 - place(n)) ** (-1 / 2.5))
    const mean = sum(tail) / tail.length

    expect(measured(tail).itemTimeMs / mean).toBeGreaterThan(0.88)
    expect(measured(tail).itemTimeMs / mean).toBeLessThan(1.05)
  })

  it('weighs items that were timed together as many', () => {
    const steadyState = new SteadyState()
    steadyState.addBatch([0.001, 0.001], 64)
    steadyState.addBatch([0.0011], 1)

    expect(steadyState.itemTimeMs).toBeCloseTo((128 * 0.001 + 0.0011) / 129, 9)
    expect(steadyState.busyMs).toBeCloseTo(128 * 0.001 + 0.0011)
  })

  it('keeps rare items that are longer than a pause can be, and says how little is known of them', () => {
    // One in 300 takes 15 ms: with 0.05 ms for the others, a mean of twice that.
    const rare = Array.from({ length: 2047 }, (_, n) => (n % 300 === 200 ? 15 : 0.05))
    const steadyState = measured(rare)

    expect(steadyState.itemTimeMs / (sum(rare) / rare.length)).toBeGreaterThan(0.9)
    expect(steadyState.isSettled).toBe(false)
  })

  it('is not said to be settled where what was left out may have been items', () => {
    const times = repeated(0.05, 2047)
    for (let place = 100; place < times.length; place += 300) times[place] = 5

    expect(measured(times).isSettled).toBe(false)
    expect(measured(repeated(0.05, 2047)).isSettled).toBe(true)
  })

  it('of items that are long leaves none out, in whichever batch they were', () => {
    const long = [90, 10, 10, 80, ...repeated(10, 27)]
    const slowFirst = measured([...repeated(10, 3), 90, ...repeated(10, 27)])

    expect(slowFirst.itemTimeMs).toBeCloseTo((30 * 10 + 90) / 31, 5)
    expect(measured(long).itemTimeMs).toBeGreaterThan(10)
  })

  it('keeps all slow items where the function is too slow to be warming up', () => {
    const slow = [90, 30, 35, 28, 90, 31, 33]

    expect(measured(slow).itemTimeMs).toBeCloseTo(41.2, 0)
  })

  it('is not settled by items that are even but few', () => {
    expect(measured(repeated(1, 7)).isSettled).toBe(false)
    expect(measured(repeated(10, 7)).isSettled).toBe(true)
  })

  it('of one item is unknown in its error', () => {
    expect(measured([80])).toMatchObject({
      itemTimeMs: 80,
      relativeError: Infinity,
      coefficientOfVariation: 0,
      isSettled: false,
    })
  })

  it('of no item is not a number, and nothing is claimed', () => {
    const steadyState = new SteadyState()
    steadyState.addBatch([])

    expect(steadyState.itemTimeMs).toBeNaN()
    expect(steadyState.isSettled).toBe(false)
  })

  it('is between the quickest and the slowest item', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-4, max: 100, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (times) => {
          const { itemTimeMs } = measured(times)
          expect(itemTimeMs).toBeGreaterThanOrEqual(Math.min(...times) * (1 - 1e-9))
          expect(itemTimeMs).toBeLessThanOrEqual(Math.max(...times) * (1 + 1e-9))
        },
      ),
    )
  })
})

describe('waits for a core', () => {
  it('are taken from the slowest items', () => {
    const times = Float64Array.of(1, 1, 9, 1, 4)
    removeQueueTime(times, 8)

    expect([...times]).toEqual([1, 1, 1, 1, 4])
  })

  it('never make an item quicker than the median, nor time from nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        (items, queueMs) => {
          const times = Float64Array.from(items)
          removeQueueTime(times, queueMs)
          const removed = sum(items) - sum(times)
          expect(removed).toBeLessThanOrEqual(queueMs + 1e-6)
          expect(times.every((time, n) => time > 0 && time <= items[n]!)).toBe(true)
        },
      ),
    )
  })
})

describe('the dependence of the item time', () => {
  const positions = Array.from({ length: 40 }, (_, n) => n)

  it('is 1 or -1 where the time always rises or falls', () => {
    expect(rankCorrelation(positions, positions.map(Math.exp))).toBeCloseTo(1)
    expect(
      rankCorrelation(
        positions,
        positions.map((n) => -(n ** 3)),
      ),
    ).toBeCloseTo(-1)
  })

  it('is 0 where the time is constant or the items are few', () => {
    expect(rankCorrelation(positions, repeated(1, 40))).toBe(0)
    expect(rankCorrelation([1, 2, 3], [1, 2, 3])).toBe(0)
  })

  it('agrees with the formula on differences of ranks, where no two values are equal', () => {
    const distinct = fc.uniqueArray(fc.integer(), { minLength: 8, maxLength: 60 })
    fc.assert(
      fc.property(distinct, (values) => {
        const order = values.map((_, n) => n)
        const rankOf = new Map(values.toSorted((a, b) => a - b).map((value, rank) => [value, rank]))
        const squares = values.map((value, n) => (rankOf.get(value)! - n) ** 2)
        const n = values.length
        const expected = 1 - (6 * sum(squares)) / (n * (n * n - 1))
        expect(rankCorrelation(order, values)).toBeCloseTo(expected, 9)
      }),
    )
  })

  it('knows the size of numbers, texts, arrays, buffers, sets and of nothing else', () => {
    const sizes = [7, 'four', [1, 2], new Uint8Array(3), new ArrayBuffer(5), new Set([1]), {}].map(
      sizeOf,
    )

    expect(sizes).toEqual([7, 4, 2, 3, 5, 1, Number.NaN])
    expect([null, undefined, true].map(sizeOf)).toEqual([Number.NaN, Number.NaN, Number.NaN])
  })
})

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

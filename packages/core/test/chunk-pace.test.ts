import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ChunkPace } from '../src/executors/chunk-pace.ts'
import { ItemTimes } from '../src/executors/item-times.ts'

const pace = (
  itemTimeMs: number,
  chunkSize = 100,
  { coefficientOfVariation = 0, trend = 0 } = {},
): { pace: ChunkPace; times: ItemTimes } => {
  const times = new ItemTimes()
  const settings = { chunkSize, itemTimeMs, dispatchMs: 0.05, coefficientOfVariation, trend }
  return { pace: new ChunkPace(settings, times), times }
}

/** Sizes of all chunks that so many items are sent in. */
const chunksOf = (sizes: ChunkPace, itemCount: number, workers: number): number[] => {
  const sent: number[] = []
  for (let left = itemCount; left > 0; left -= sent.at(-1)!) {
    sent.push(Math.min(left, sizes.next(left, workers)))
  }
  return sent
}

describe('the size of chunks', () => {
  it('is as planned while the items are as planned', () => {
    const { pace: sizes, times } = pace(0.05)
    times.add(100, 5)

    expect(sizes.next(100_000, 4)).toBe(100)
  })

  it('follows the items step by step where they turn out other than sampled', () => {
    const quick = pace(0.05)
    const slow = pace(0.05)
    quick.times.add(100, 0.5)
    slow.times.add(100, 50)

    const sizesOf = (sizes: ChunkPace): number[] =>
      Array.from({ length: 6 }, () => sizes.next(1e6, 4))

    expect(sizesOf(quick.pace)).toEqual([200, 400, 800, 1000, 1000, 1000])
    expect(sizesOf(slow.pace)).toEqual([50, 25, 13, 10, 10, 10])
  })

  it('does not put half of a map into one hand where its first items are quick', () => {
    const quick = pace(0.05)
    quick.times.add(100, 0.05)

    for (let step = 0; step < 10; step++) {
      expect(quick.pace.next(2000, 2)).toBeLessThanOrEqual(100)
    }
  })

  it('is as planned again at once where long items follow quick ones', () => {
    const { pace: sizes, times } = pace(0.05)
    times.add(100, 0.05)
    for (let step = 0; step < 10; step++) sizes.next(2000, 2)
    times.add(1e5, 1e5 * 0.05)

    expect(sizes.next(1e6, 2)).toBe(100)
  })

  it('halves what is left from round to round where nothing is known of the items', () => {
    const sent = chunksOf(pace(0.05).pace, 1000, 2)

    expect(sent.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => 100))
    // Down to what three dispatches of 0.05 ms are worth, in items of 0.05 ms.
    expect(sent.slice(8)).toEqual([50, 50, 25, 25, 13, 13, 6, 6, 6, 6])
  })

  it('ends with whole rounds where the items are known to be alike', () => {
    const even = { coefficientOfVariation: 0.05 }

    expect(chunksOf(pace(0.01, 100, even).pace, 400, 2)).toEqual([100, 100, 100, 100])
    expect(chunksOf(pace(0.01, 100, even).pace, 500, 2)).toEqual([100, 100, 100, 100, 50, 50])
  })

  it('tapers more the less alike the items are, and most where they are sorted', () => {
    const count = (variation: number, trend: number): number =>
      chunksOf(pace(1, 25, { coefficientOfVariation: variation, trend }).pace, 200, 2).length

    expect(count(0.05, 0)).toBeLessThan(count(1, 0))
    expect(count(0.6, 0)).toBeLessThan(count(0.6, 0.95))
  })

  it('tapers as the chunks of the run show it where the items are less alike than was known', () => {
    const known = { coefficientOfVariation: 0.05 }
    const surprised = pace(1, 50, known)
    for (const busyMs of [10, 90, 20, 80]) surprised.times.add(50, busyMs)

    expect(surprised.pace.next(100, 2)).toBeLessThan(pace(1, 50, known).pace.next(100, 2))
  })

  it('leaves chunks as they are where the items are only a little other than sampled', () => {
    const { pace: sizes, times } = pace(0.05)
    times.add(100, 100 * 0.05 * 1.2)

    expect(sizes.next(100_000, 4)).toBe(100)
  })

  it('begins a new round where the number of workers changes', () => {
    const { pace: sizes } = pace(0.05)

    expect(sizes.next(400, 8)).toBe(25)
    expect(sizes.next(375, 2)).toBe(94)
    expect(sizes.next(281, 8)).toBe(18)
  })

  it('hands out every item once, whatever the items, in chunks that each are worth sending', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 2, max: 16 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (chunkSize, itemCount, workers, coefficientOfVariation, trend) => {
          const { pace: sizes } = pace(0.05, chunkSize, { coefficientOfVariation, trend })
          const sent = chunksOf(sizes, itemCount, workers)
          expect(sent.reduce((sum, size) => sum + size, 0)).toBe(itemCount)
          expect(Math.max(...sent)).toBeLessThanOrEqual(chunkSize)
          // Three dispatches of 0.05 ms are three items; the rounds that end the run may be of fewer.
          const least = Math.min(3, chunkSize)
          const small = sent.filter((size) => size < least)
          expect(small.length).toBeLessThanOrEqual(workers)
        },
      ),
    )
  })

  it('does not taper for one worker, which nobody waits for, nor in a stream without an end', () => {
    expect(pace(0.05).pace.next(50, 1)).toBe(100)
    expect(pace(0.05).pace.next(Infinity, 8)).toBe(100)
  })

  it('is a whole number from 1 whatever happens', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: 1e5 }), fc.double({ min: 0, max: 1e6, noNaN: true })),
        ),
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 1, max: 128 }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (chunkSize, itemTimeMs, groups, remaining, workers, coefficientOfVariation) => {
          const { pace: sizes, times } = pace(itemTimeMs, chunkSize, { coefficientOfVariation })
          for (const [count, busyMs] of groups) {
            times.add(count, busyMs)
            const size = sizes.next(remaining, workers)
            expect(Number.isSafeInteger(size)).toBe(true)
            expect(size).toBeGreaterThanOrEqual(1)
          }
        },
      ),
    )
  })
})

describe('the spread of item times', () => {
  it('is what the items themselves show, seen through chunks of any size', () => {
    // A fixed sequence of independent items: 1 ms, every fourth 9 ms, shuffled by a multiplier.
    const items = Array.from({ length: 4000 }, (_, index) => ((index * 2654435761) >>> 8) % 4)
    const timesMs = items.map((kind) => (kind === 0 ? 9 : 1))
    const mean = timesMs.reduce((sum, time) => sum + time, 0) / timesMs.length
    const variance = timesMs.reduce((sum, time) => sum + (time - mean) ** 2, 0) / timesMs.length

    const times = new ItemTimes()
    for (const timeMs of timesMs) times.add(1, timeMs)

    expect(times.meanMs).toBeCloseTo(mean)
    expect(times.coefficientOfVariation).toBeCloseTo(Math.sqrt(variance) / mean, 2)
  })

  it('is 0 for even items in uneven chunks', () => {
    const times = new ItemTimes()
    for (const count of [1, 20, 300, 4]) times.add(count, count * 0.5)

    expect(times.coefficientOfVariation).toBeCloseTo(0)
    expect(times.itemCount).toBe(325)
  })
})

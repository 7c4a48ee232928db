import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BatchSpread } from '../src/batch-spread.ts'
import type { ItemSpread } from '../src/batch-spread.ts'

/** Items of these times in batches of some size. */
function spreadOf(timesMs: readonly number[], batchSize: number): ItemSpread {
  const batches = new BatchSpread()
  for (let from = 0; from < timesMs.length; from += batchSize) {
    const batch = timesMs.slice(from, from + batchSize)
    batches.add(
      batch.length,
      batch.reduce((sum, timeMs) => sum + timeMs, 0),
    )
  }
  return batches.spread()
}

const times = (count: number, timeMs: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => timeMs(index))

/** A fixed sequence of independent numbers from 0 to 1. */
const chance = (index: number): number => ((Math.imul(index + 1, 2654435761) >>> 8) % 4096) / 4096

describe('how the items of a loop differ', () => {
  it('is next to nothing where they are alike, and never 0, which would say that nobody knows', () => {
    const { coefficientOfVariation, trend } = spreadOf(
      times(500, () => 0.1),
      3,
    )

    expect(coefficientOfVariation).toBe(0.01)
    expect(Math.abs(trend)).toBeLessThan(0.01)
  })

  it.each([1, 8])('is the variation of independent items, seen in batches of %i', (batchSize) => {
    // One in four takes nine times as long: mean 3, standard deviation 2 sqrt(3).
    const { coefficientOfVariation, trend } = spreadOf(
      times(4000, (index) => (chance(index) < 0.25 ? 9 : 1)),
      batchSize,
    )

    expect(coefficientOfVariation).toBeCloseTo((2 * Math.sqrt(3)) / 3, 0.5)
    expect(Math.abs(trend)).toBeLessThan(0.1)
  })

  it.each([1, 16])('shows sorted items by their trend, in batches of %i', (batchSize) => {
    const rising = times(800, (index) => index / 400)
    const up = spreadOf(rising, batchSize)
    const down = spreadOf(rising.toReversed(), batchSize)

    expect(up.trend).toBeGreaterThan(0.95)
    expect(down.trend).toBeLessThan(-0.95)
    // Of a line from 0 to twice the mean, the first tenth left out.
    expect(up.coefficientOfVariation).toBeGreaterThan(0.4)
    expect(up.coefficientOfVariation).toBeLessThan(0.6)
  })

  it('takes cold calls at the beginning for no trend', () => {
    const { coefficientOfVariation, trend } = spreadOf(
      times(1000, (index) => (index < 50 ? 0.3 : 0.03)),
      2,
    )

    expect(coefficientOfVariation).toBeLessThan(0.1)
    expect(Math.abs(trend)).toBeLessThan(0.1)
  })

  it('does not lay on the items what makes whole batches slow', () => {
    // Items that are alike, in batches of 300 of which every tenth met the collector.
    const batches = new BatchSpread()
    for (let batch = 0; batch < 200; batch++) batches.add(300, batch % 10 === 0 ? 0.6 : 0.3)

    expect(batches.spread().coefficientOfVariation).toBeLessThan(0.35)
  })

  it('is not known of few batches', () => {
    expect(
      spreadOf(
        times(8, (index) => index),
        1,
      ),
    ).toEqual({ coefficientOfVariation: 0, trend: 0 })
    expect(new BatchSpread().spread()).toEqual({ coefficientOfVariation: 0, trend: 0 })
  })

  it('stays within its bounds whatever the clock says', () => {
    const batch = fc.tuple(
      fc.integer({ min: 0, max: 1e6 }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 60 }), (list) => {
        const batches = new BatchSpread()
        for (const [itemCount, timeMs] of list) batches.add(itemCount, timeMs)
        const { coefficientOfVariation, trend } = batches.spread()
        expect(coefficientOfVariation).toBeGreaterThanOrEqual(0)
        expect(coefficientOfVariation).toBeLessThanOrEqual(2)
        expect(Math.abs(trend)).toBeLessThanOrEqual(1)
      }),
    )
  })
})

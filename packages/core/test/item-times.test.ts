import fc from 'fast-check'
import { expect, it } from 'vitest'

import { ItemTimes, variationWithin } from '../src/executors/item-times.ts'

function timesOf(groups: readonly (readonly number[])[]): ItemTimes {
  const times = new ItemTimes()
  for (const group of groups) {
    times.add(
      group.length,
      group.reduce((sum, timeMs) => sum + timeMs, 0),
    )
  }
  return times
}

it('what groups of sorted items show is too much if taken for chance, and they know at least how much', () => {
  // From 0 to 2: the coefficient of variation of the items is 1 over the root of 3.
  const sorted = Array.from({ length: 1000 }, (_, place) => place / 500)
  const groups = Array.from({ length: 10 }, (_, nth) => sorted.slice(100 * nth, 100 * (nth + 1)))
  const costs = timesOf(groups).toCosts()

  expect(costs.coefficientOfVariation).toBeGreaterThan(5)
  expect(costs.groupVariation).toBeCloseTo(1 / Math.sqrt(3), 1)
  expect(variationWithin(costs, 0.6)).toBe(0.6)
  expect(variationWithin(costs, 0.1)).toBe(costs.groupVariation)
  expect(variationWithin(costs)).toBe(costs.groupVariation)
  expect(variationWithin(costs, 50)).toBe(costs.coefficientOfVariation)
})

it('the variation of groups is no more than that of their items, and the same where each is one', () => {
  const time = fc.double({ min: 0.001, max: 100, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(fc.array(time, { minLength: 1, maxLength: 20 }), { minLength: 2, maxLength: 20 }),
      (groups) => {
        const items = groups.flat()
        const mean = items.reduce((sum, timeMs) => sum + timeMs, 0) / items.length
        const variance = items.reduce((sum, timeMs) => sum + (timeMs - mean) ** 2, 0) / items.length
        const variation = Math.sqrt(variance) / mean

        expect(timesOf(groups).groupVariation).toBeLessThanOrEqual(variation + 1e-6)
        expect(timesOf(items.map((timeMs) => [timeMs])).groupVariation).toBeCloseTo(variation, 5)
      },
    ),
  )
})

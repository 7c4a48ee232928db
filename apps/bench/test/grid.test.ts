import { expect, test } from 'vitest'
import fc from 'fast-check'

import { defaultPlan, lowerBoundMs, makeGrid, nameOf } from '../src/regret/grid.ts'

const shapes = fc.record({
  itemCount: fc.integer({ min: 1, max: 100_000 }),
  cores: fc.integer({ min: 1, max: 8 }),
  isAsync: fc.boolean(),
})

test('the grid of 1000 items on two cores is that of the design', () => {
  const plans = makeGrid({ itemCount: 1000, cores: 2, isAsync: false })

  const sizesOf = (nJobs: number): number[] =>
    plans.filter((plan) => plan.nJobs === nJobs).map(({ chunkSize }) => chunkSize)
  expect(sizesOf(1)).toEqual([1000, 500, 256, 250, 64, 63, 16, 4, 1])
  expect(sizesOf(2)).toEqual([500, 256, 250, 125, 64, 32, 16, 4, 1])
  expect(sizesOf(3)).toEqual([334, 256, 167, 84, 64, 21, 16, 4, 1])
  expect(plans).toHaveLength(27)
})

test('asynchronous items are also held in flight on the calling thread', () => {
  const plans = makeGrid({ itemCount: 400, cores: 2, isAsync: true })

  const inFlight = plans.filter(({ executor }) => executor === 'async')
  expect(inFlight.map(({ nJobs }) => nJobs)).toEqual([400, 100, 10])
})

test('every plan of a grid has a name of its own and a chunk size within the items', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const plans = makeGrid(shape)

      expect(new Set(plans.map(nameOf)).size).toBe(plans.length)
      for (const { chunkSize, nJobs, executor } of plans) {
        expect(chunkSize).toBeGreaterThanOrEqual(1)
        expect(chunkSize).toBeLessThanOrEqual(shape.itemCount)
        expect(nJobs).toBeLessThanOrEqual(executor === 'pool' ? shape.cores + 1 : shape.itemCount)
      }
    }),
  )
})

test('the default N/(4P) is a plan of the grid', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const names = makeGrid(shape).map(nameOf)

      expect(names).toContain(nameOf(defaultPlan(shape, 4)))
    }),
  )
})

test('a plan of one item a chunk is bounded by the sending of its chunks', () => {
  const plan = { executor: 'pool', nJobs: 2, chunkSize: 1 } as const

  expect(lowerBoundMs(plan, 20_000)).toBe(200)
  expect(lowerBoundMs({ ...plan, chunkSize: 5000 }, 20_000)).toBe(0.04)
})

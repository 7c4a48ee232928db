/** The cost model as others call it: with whatever they have. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { asyncMakespanMs, choosePlan, poolMakespanMs, serialMakespanMs } from '../src/index.ts'
import type { Costs, SearchLimits } from '../src/index.ts'
import { COSTS, DISPATCH } from './example-costs.ts'

const LIMITS: SearchLimits = { maxWorkers: 2, runtime: 'worker_threads' }
const { dispatch: _, ...WITHOUT_DISPATCH } = COSTS

describe('the cost model', () => {
  it.each<[string, unknown, unknown]>([
    ['itemCount', { ...COSTS, itemCount: -1 }, -1],
    ['itemCount', {}, undefined],
    ['workerItemTimeMs', { ...COSTS, workerItemTimeMs: NaN }, NaN],
    ['waitShare', { ...COSTS, waitShare: 2 }, 2],
    ['usableCores', { ...COSTS, usableCores: 0 }, 0],
    ['trend', { ...COSTS, trend: '1' }, '1'],
    ['dispatch', { ...COSTS, dispatch: 3 }, 3],
    ['cloneMs', { ...COSTS, dispatch: { ...DISPATCH, cloneMs: Infinity } }, Infinity],
    ['warmWorkers', { ...COSTS, dispatch: { ...DISPATCH, warmWorkers: undefined } }, undefined],
    ['inputBytes', { ...COSTS, memory: { availableBytes: 1, workerBytes: 1 } }, undefined],
    ['costs', null, null],
  ])('refuses costs of which `%s` cannot be', (name, costs, value) => {
    for (const price of [
      () => choosePlan(costs as Costs, LIMITS),
      () => serialMakespanMs(costs as Costs),
      () => asyncMakespanMs(costs as Costs, 1),
      () => poolMakespanMs(costs as Costs, 1, 1),
    ]) {
      expect(price).toThrow(
        expect.objectContaining({
          code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
          message: expect.stringContaining(`\`${name}\``),
          value,
        }),
      )
    }
  })

  it('names a field that there is not', () => {
    const misspelt = { ...COSTS, mainItemTimMs: 1 } as Costs

    expect(() => choosePlan(misspelt, LIMITS)).toThrow(/Did you mean `mainItemTimeMs`/)
  })

  it.each([
    ['maxWorkers', { ...LIMITS, maxWorkers: 1.5 }],
    ['maxWorkers', { runtime: 'worker_threads' }],
    ['runtime', { ...LIMITS, runtime: 'threads' }],
    ['maxInFlight', { ...LIMITS, maxInFlight: 0 }],
    ['disturbedShare', { ...LIMITS, disturbedShare: -1 }],
  ])('refuses limits of which `%s` cannot be', (name, limits) => {
    expect(() => choosePlan(COSTS, limits as SearchLimits)).toThrow(`\`${name}\``)
  })

  it.each([
    ['workers', () => poolMakespanMs(COSTS, 0, 1)],
    ['chunkSize', () => poolMakespanMs(COSTS, 1, 0.5)],
    ['disturbedShare', () => poolMakespanMs(COSTS, 1, 1, NaN)],
    ['inFlight', () => asyncMakespanMs(COSTS, 0)],
  ])('refuses a number of `%s` that cannot be', (name, price) => {
    expect(price).toThrow(`\`${name}\``)
  })

  it('prices whatever can be, and chooses no plan that is dearer than the loop', () => {
    const timeMs = fc.double({ min: 0, max: 1e4, noNaN: true })
    const costs = fc.record({
      itemCount: fc.nat({ max: 1e6 }),
      mainItemTimeMs: timeMs,
      workerItemTimeMs: timeMs,
      coefficientOfVariation: fc.double({ min: 0, max: 3, noNaN: true }),
      waitShare: fc.double({ min: 0, max: 1, noNaN: true }),
      usableCores: fc.double({ min: 0.1, max: 128, noNaN: true }),
      contention: fc.double({ min: 0, max: 2, noNaN: true }),
      trend: fc.double({ min: -1, max: 1, noNaN: true }),
      dispatch: fc.option(
        fc.record({
          dispatchMs: timeMs,
          mainDispatchMs: timeMs,
          cloneMs: timeMs,
          startUpMs: timeMs,
          warmWorkers: fc.nat({ max: 200 }),
        }),
        { nil: undefined },
      ),
    })
    fc.assert(
      fc.property(costs, fc.integer({ min: 0, max: 128 }), (known, maxWorkers) => {
        const { best, serial } = choosePlan(known, { maxWorkers, runtime: 'worker_threads' })

        expect(best.makespanMs).toBeLessThanOrEqual(serial.makespanMs)
        expect(best.nJobs).toBeGreaterThanOrEqual(1)
        expect(best.chunkSize).toBeGreaterThanOrEqual(1)
        expect(serialMakespanMs(known)).toBe(serial.makespanMs)
      }),
    )
  })

  it('knows no time of workers that nobody tried', () => {
    expect(poolMakespanMs({ ...WITHOUT_DISPATCH, dispatch: undefined }, 2, 10)).toBe(Infinity)
  })
})

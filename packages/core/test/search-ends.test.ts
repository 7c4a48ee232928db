import fc from 'fast-check'
import { expect, it } from 'vitest'

import { choosePlan } from '../src/search.ts'

const time = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }))
const size = fc.double({ min: 0, max: 1e9, noNaN: true })

it('a search ends with a plan, whatever was measured: items and dispatches of no time at all', () => {
  fc.assert(
    fc.property(
      fc.record({
        itemCount: fc.integer({ min: 1, max: 1e7 }),
        mainItemTimeMs: fc.option(time, { nil: undefined }),
        workerItemTimeMs: time,
        coefficientOfVariation: fc.double({ min: 0, max: 5, noNaN: true }),
        waitShare: fc.double({ min: 0, max: 1, noNaN: true }),
        dispatch: fc.record({
          dispatchMs: time,
          mainDispatchMs: fc.constant(0),
          cloneMs: time,
          startUpMs: time,
          warmWorkers: fc.integer({ min: 0, max: 16 }),
        }),
        usableCores: fc.integer({ min: 1, max: 16 }),
        contention: fc.constant(0),
        memory: fc.option(
          fc.record({
            availableBytes: size,
            workerBytes: size,
            inputBytes: size,
            resultBytes: size,
          }),
          { nil: undefined },
        ),
      }),
      fc.integer({ min: 1, max: 16 }),
      (costs, maxWorkers) => {
        const { best } = choosePlan(costs, { maxWorkers, runtime: 'worker_threads' })

        expect(best.nJobs).toBeGreaterThanOrEqual(1)
        expect(best.chunkSize).toBeGreaterThanOrEqual(1)
        // However little memory there is.
        if (costs.mainItemTimeMs === undefined) expect(best.executor).toBe('worker_threads')
      },
    ),
    { numRuns: 500 },
  )
})

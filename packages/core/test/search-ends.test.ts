import fc from 'fast-check'
import { expect, it } from 'vitest'

import { choosePlan } from '../src/search.ts'

const time = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }))
const size = fc.double({ min: 0, max: 1e9, noNaN: true })

it('a worker that does not fit gets chunks that do, where the items may run nowhere else', () => {
  const { best } = choosePlan(
    {
      itemCount: 1_000_000,
      mainItemTimeMs: undefined,
      workerItemTimeMs: 0.001,
      coefficientOfVariation: 0,
      waitShare: 0,
      dispatch: {
        dispatchMs: 0.5,
        mainDispatchMs: 0.2,
        cloneMs: 0.001,
        startUpMs: 60,
        warmWorkers: 0,
      },
      usableCores: 2,
      contention: 0,
      memory: { availableBytes: 60e6, workerBytes: 55e6, inputBytes: 10, resultBytes: 10 },
    },
    { maxWorkers: 2, runtime: 'child_process' },
  )

  expect(best).toMatchObject({ executor: 'child_process', nJobs: 1 })
  expect(best.chunkSize).toBeGreaterThan(1000)
})

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

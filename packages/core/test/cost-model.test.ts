import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Costs } from '../src/cost-model.ts'
import { asyncMakespanMs, poolMakespanMs, serialMakespanMs } from '../src/cost-model.ts'
import { poolMakespan } from '../src/pool-makespan.ts'
import { choosePlan } from '../src/search.ts'
import type { PricedPlan } from '../src/search.ts'

const DISPATCH = {
  dispatchMs: 0.05,
  mainDispatchMs: 0.02,
  cloneMs: 0.002,
  startUpMs: 50,
  warmWorkers: 64,
}

function costs(overrides: Partial<Costs> = {}): Costs {
  return {
    itemCount: 1000,
    mainItemTimeMs: 1,
    workerItemTimeMs: 1,
    coefficientOfVariation: 0,
    waitShare: 0,
    dispatch: DISPATCH,
    usableCores: 64,
    contention: 0,
    ...overrides,
  }
}

const LIMITS_OF_TWO = { maxWorkers: 2, runtime: 'worker_threads' } as const

const anyCosts = fc
  .record({
    itemCount: fc.integer({ min: 1, max: 100_000 }),
    workerItemTimeMs: fc.double({ min: 1e-4, max: 1000, noNaN: true }),
    coefficientOfVariation: fc.double({ min: 0, max: 5, noNaN: true }),
    usableCores: fc.double({ min: 0.25, max: 128, noNaN: true }),
    contention: fc.double({ min: 0, max: 1, noNaN: true }),
    trend: fc.double({ min: -1, max: 1, noNaN: true }),
    warmWorkers: fc.integer({ min: 0, max: 128 }),
  })
  .map(({ warmWorkers, ...rest }) =>
    costs({
      ...rest,
      mainItemTimeMs: rest.workerItemTimeMs,
      dispatch: { ...DISPATCH, warmWorkers },
    }),
  )

describe('the predicted makespan of a pool', () => {
  it('balances nothing where every chunk is dealt out at the beginning', () => {
    const uneven = costs({ itemCount: 400, coefficientOfVariation: 2, usableCores: 2 })
    const overEven = (chunkSize: number): number => poolMakespanMs(uneven, 2, chunkSize) / 200

    // Two chunks for each of two workers drift as one does; of ten the last ones make up for it.
    expect(overEven(100)).toBeGreaterThan(1.1)
    expect(overEven(20)).toBeLessThan(1.1)
    expect(choosePlan(uneven, LIMITS_OF_TWO).best.chunkSize).toBeLessThan(100)
  })

  it('prefers one chunk a worker for items that are alike and chunks that cost much', () => {
    const alike = costs({
      itemCount: 40,
      usableCores: 2,
      dispatch: { ...DISPATCH, dispatchMs: 1 },
    })

    expect(choosePlan(alike, LIMITS_OF_TWO).best).toMatchObject({ nJobs: 2, chunkSize: 20 })
  })

  it('is never below what perfect sharing of the work, of the cores and of the caller gives', () => {
    fc.assert(
      fc.property(
        anyCosts,
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 1, max: 10_000 }),
        (known, workers, chunkSize) => {
          const workMs = known.itemCount * known.workerItemTimeMs
          const makespanMs = poolMakespanMs(known, workers, chunkSize)

          expect(makespanMs).toBeGreaterThanOrEqual((workMs / workers) * (1 - 1e-9))
          expect(makespanMs).toBeGreaterThanOrEqual((workMs / known.usableCores) * (1 - 1e-9))
          expect(makespanMs).toBeGreaterThanOrEqual(known.itemCount * DISPATCH.cloneMs * (1 - 1e-9))
        },
      ),
    )
  })

  it('counts whole chunks: 5 chunks on 4 workers take two rounds', () => {
    const known = costs({
      itemCount: 500,
      dispatch: { ...DISPATCH, cloneMs: 0, dispatchMs: 0, mainDispatchMs: 0 },
    })

    expect(poolMakespanMs(known, 4, 100)).toBeGreaterThanOrEqual(200)
    expect(poolMakespanMs(known, 5, 100)).toBeLessThan(200)
  })

  it('is the time of the caller’s thread where items are quick, whatever the workers', () => {
    const known = costs({ itemCount: 1_000_000, workerItemTimeMs: 0.0001, mainItemTimeMs: 0.0001 })

    expect(poolMakespanMs(known, 2, 10_000)).toBeGreaterThan(serialMakespanMs(known))
    expect(poolMakespanMs(known, 64, 10_000)).toBeGreaterThan(serialMakespanMs(known))
  })

  it('is a number also where nothing seems to cost anything', () => {
    const free = { dispatchMs: 0, mainDispatchMs: 0, cloneMs: 0 }
    fc.assert(
      fc.property(anyCosts, fc.integer({ min: 1, max: 64 }), (known, workers) => {
        const dispatch = { ...DISPATCH, ...free, warmWorkers: known.dispatch!.warmWorkers }
        const nothing = { ...known, workerItemTimeMs: 0, dispatch }

        expect(poolMakespanMs(nothing, workers, 5)).toBeGreaterThanOrEqual(0)
        expect(Number.isFinite(poolMakespanMs(nothing, workers, 5))).toBe(true)
      }),
    )
  })

  it('names what a plan waits for longest', () => {
    const termOf = (known: Costs, workers: number): string =>
      poolMakespan(known, workers, 10).bindingTerm

    expect(termOf(costs(), 4)).toBe('workers')
    expect(termOf(costs({ usableCores: 2 }), 4)).toBe('cores')
    expect(termOf(costs({ dispatch: { ...DISPATCH, cloneMs: 1 } }), 4)).toBe('caller')
    const cold = { ...DISPATCH, warmWorkers: 0, startUpMs: 5000 }
    expect(termOf(costs({ dispatch: cold }), 4)).toBe('start-up')
  })

  it('grows with contention, by what each further busy worker costs the others', () => {
    const alone = poolMakespanMs(costs(), 1, 10)

    expect(poolMakespanMs(costs({ contention: 0.5 }), 1, 10)).toBeCloseTo(alone, 9)
    expect(poolMakespanMs(costs({ contention: 1 }), 4, 10)).toBeGreaterThan(alone * 0.99)
  })

  it('counts the largest items at the end of data that grow, but not of data that shrink', () => {
    const sorted = costs({ coefficientOfVariation: 0.57 })
    const growing = poolMakespanMs({ ...sorted, trend: 1 }, 4, 50)
    const shrinking = poolMakespanMs({ ...sorted, trend: -1 }, 4, 50)

    expect(growing).toBeGreaterThan(shrinking + 25)
  })

  it('counts what the first worker is given at the beginning of data that shrink', () => {
    // Down to nothing; of four quarters the first and the third are 7/16 and 3/16 of all.
    const sorted = costs({ coefficientOfVariation: 1 / Math.sqrt(3), trend: -1 })
    const workMs = sorted.itemCount * sorted.workerItemTimeMs
    const ofQuarters = poolMakespanMs(sorted, 2, sorted.itemCount / 4, 0)
    const ofEighths = poolMakespanMs(sorted, 2, sorted.itemCount / 8, 0)

    expect(ofQuarters / workMs).toBeCloseTo(10 / 16, 1)
    expect(ofEighths / workMs).toBeCloseTo(1 / 2, 1)
  })

  it('makes chunks smaller, and promises no less, the later the last worker may be', () => {
    const known = costs({ itemCount: 200, usableCores: 2 })
    const bestAt = (disturbedShare: number): PricedPlan =>
      choosePlan(known, { ...LIMITS_OF_TWO, disturbedShare }).best
    const doubted = bestAt(0.35)

    expect(doubted.chunkSize).toBeLessThan(bestAt(0.05).chunkSize)
    expect(bestAt(0.05).chunkSize).toBeLessThan(bestAt(0).chunkSize)
    expect(doubted.makespanMs).toBe(poolMakespanMs(known, 2, doubted.chunkSize))
    // Two items leave nothing to make smaller, and are twice as quick on two workers all the same.
    const two = { itemCount: 2, mainItemTimeMs: 100, workerItemTimeMs: 100, contention: 0.35 }
    const limits = { ...LIMITS_OF_TWO, disturbedShare: 0.35 }
    expect(choosePlan(costs({ ...two, usableCores: 2 }), limits).best.nJobs).toBe(2)
  })

  it('sends no more than 3 MB in one chunk, but for an item that is larger', () => {
    const anyItems = fc.record({
      itemCount: fc.integer({ min: 2, max: 2000 }),
      inputBytes: fc.integer({ min: 0, max: 5_000_000 }),
      resultBytes: fc.integer({ min: 0, max: 5_000_000 }),
    })
    fc.assert(
      fc.property(anyItems, ({ itemCount, inputBytes, resultBytes }) => {
        const memory = { availableBytes: 1e12, workerBytes: 1e6, inputBytes, resultBytes }
        const dispatch = { ...DISPATCH, dispatchMs: 5, cloneMs: 1 }
        const times = { mainItemTimeMs: 200, workerItemTimeMs: 200, usableCores: 2 }
        const { best } = choosePlan(costs({ ...times, itemCount, memory, dispatch }), LIMITS_OF_TWO)

        expect(best.nJobs).toBe(2)
        expect(
          best.chunkSize === 1 || best.chunkSize * (inputBytes + resultBytes) <= 3_000_000,
        ).toBe(true)
      }),
    )
  })

  it('counts what crossing takes a worker apart from what it takes the caller', () => {
    const dispatch = { ...DISPATCH, cloneMs: 0.4 }
    const limited = { usableCores: 2, contention: 0 }
    const cloned = poolMakespanMs(costs({ ...limited, dispatch }), 2, 20)
    const handedOver = { ...dispatch, workerCloneMs: 0 }

    expect(poolMakespanMs(costs({ ...limited, dispatch: handedOver }), 2, 20)).toBeLessThan(cloned)
    expect(poolMakespanMs(costs({ dispatch: handedOver }), 64, 1)).toBeGreaterThanOrEqual(400)
  })

  it('does not count what all items share, which takes too little time to cross with each', () => {
    const memory = { availableBytes: 1e12, workerBytes: 1e6, inputBytes: 8e6, resultBytes: 0 }
    const shared = costs({ usableCores: 2, memory, dispatch: { ...DISPATCH, dispatchMs: 1 } })

    const { memory: _, ...unweighed } = shared
    const { best } = choosePlan(unweighed, LIMITS_OF_TWO)
    const dispatch = { ...shared.dispatch!, cloneMs: 1, workerCloneMs: 0 }

    expect(choosePlan({ ...shared, dispatch }, LIMITS_OF_TWO).best.chunkSize).toBeGreaterThan(10)
    expect(choosePlan(shared, LIMITS_OF_TWO).best.chunkSize).toBe(best.chunkSize)
  })

  it('counts a short last chunk and a cold start of data that shrink as they are', () => {
    const shrinking = { coefficientOfVariation: 0.001, trend: -1 }
    const even = poolMakespanMs(costs({ itemCount: 201 }), 2, 100, 0)
    const sorted = poolMakespanMs(costs({ ...shrinking, itemCount: 201 }), 2, 100, 0)
    const halves = { coefficientOfVariation: 1 / Math.sqrt(3), trend: -1, itemCount: 400 }
    const cold = { ...DISPATCH, warmWorkers: 0, startUpMs: 60 }

    expect(sorted).toBeCloseTo(even, 0)
    expect(poolMakespanMs(costs({ ...halves, dispatch: cold }), 2, 100, 0)).toBeGreaterThan(
      poolMakespanMs(costs(halves), 2, 100, 0) + 59,
    )
  })
})

describe('the predicted makespan of items in flight', () => {
  it('overlaps waits, and never computing', () => {
    const waiting = costs({ waitShare: 0.9, mainItemTimeMs: 10 })

    expect(asyncMakespanMs(waiting, 1)).toBe(10_000)
    expect(asyncMakespanMs(waiting, 4)).toBe(2500)
    expect(asyncMakespanMs(waiting, 1000)).toBeCloseTo(1000, 9)
  })
})

describe('the chosen plan', () => {
  const limits = (maxWorkers: number): Parameters<typeof choosePlan>[1] => ({
    maxWorkers,
    runtime: 'worker_threads',
  })

  it('keeps to the limits and is never predicted slower than the plain loop', () => {
    fc.assert(
      fc.property(anyCosts, fc.integer({ min: 0, max: 128 }), (known, maxWorkers) => {
        const { best, serial } = choosePlan(known, limits(maxWorkers))

        expect(best.makespanMs).toBeLessThanOrEqual(serial.makespanMs)
        expect(best.nJobs).toBeGreaterThanOrEqual(1)
        expect(best.nJobs).toBeLessThanOrEqual(Math.max(1, maxWorkers))
        expect(Number.isInteger(best.chunkSize)).toBe(true)
        expect(best.chunkSize).toBeGreaterThanOrEqual(1)
        expect(best.chunkSize).toBeLessThanOrEqual(known.itemCount)
      }),
    )
  })

  it('is never dearer than the usual default, four chunks a worker', () => {
    fc.assert(
      fc.property(
        anyCosts,
        fc.integer({ min: 1, max: 64 }),
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        (known, maxWorkers, dispatchMs) => {
          const dispatch = { ...known.dispatch!, dispatchMs }
          const search = choosePlan({ ...known, dispatch }, limits(maxWorkers))

          expect(search.parallel!.makespanMs).toBeLessThanOrEqual(search.default!.makespanMs)
        },
      ),
    )
  })

  it('is the same for the same costs', () => {
    fc.assert(
      fc.property(anyCosts, (known) => {
        expect(choosePlan(known, limits(16))).toEqual(choosePlan(known, limits(16)))
      }),
    )
  })

  it('is neither all cores nor none on 64 cores with a slow start and a short job', () => {
    const known = costs({
      itemCount: 10_000,
      dispatch: { ...DISPATCH, startUpMs: 1500, warmWorkers: 0 },
    })

    const { best } = choosePlan(known, limits(64))

    expect(best.executor).toBe('worker_threads')
    expect(best.nJobs).toBeGreaterThan(1)
    expect(best.makespanMs).toBeLessThan(10_000 / 2)
  })

  it('gives every worker a chunk: 400 items on 64 workers', () => {
    const { best } = choosePlan(
      costs({ itemCount: 400, workerItemTimeMs: 10, mainItemTimeMs: 10 }),
      limits(64),
    )

    expect(best.nJobs).toBeGreaterThan(56)
    expect(Math.ceil(400 / best.chunkSize)).toBeGreaterThanOrEqual(best.nJobs)
  })

  it('is the plain loop for trivial work, and where no worker may be used', () => {
    const trivial = costs({ workerItemTimeMs: 0.0001, mainItemTimeMs: 0.0001 })

    expect(choosePlan(trivial, limits(8)).best.executor).toBe('serial')
    expect(choosePlan(costs(), limits(0)).best.executor).toBe('serial')
    expect(choosePlan(costs({ dispatch: undefined }), limits(8)).best.executor).toBe('serial')
  })

  it('uses a worker where the calling thread may not be used', () => {
    const { best } = choosePlan(
      costs({ mainItemTimeMs: undefined, workerItemTimeMs: 0.001 }),
      limits(4),
    )

    expect(best.executor).toBe('worker_threads')
  })

  it('keeps off the calling thread also where nothing is left to run', () => {
    const { best } = choosePlan(costs({ mainItemTimeMs: undefined, itemCount: 0 }), limits(4))

    expect(best).toMatchObject({ executor: 'worker_threads', nJobs: 1, chunkSize: 1 })
  })

  it('runs waiting items many at once in one thread', () => {
    const { best } = choosePlan(
      costs({ waitShare: 0.99, workerItemTimeMs: 50, mainItemTimeMs: 50, usableCores: 2 }),
      limits(2),
    )

    expect(best.executor).toBe('async')
    expect(best.nJobs).toBeGreaterThan(10)
  })

  it('has no more items in flight than usual limits on open files allow', () => {
    const short = costs({ waitShare: 0.75, itemCount: 5000, mainItemTimeMs: 1, usableCores: 1 })

    const { best } = choosePlan(short, limits(1))

    expect(best).toMatchObject({ executor: 'async', nJobs: 128 })
  })

  it('gains nothing from a second worker under a quota of one core', () => {
    const { best } = choosePlan(costs({ usableCores: 1 }), limits(8))

    expect(best.executor).toBe('serial')
  })

  it('uses a part of a core: 1.5 cores gain at most half as much again', () => {
    const { best, serial } = choosePlan(costs({ usableCores: 1.5 }), limits(2))

    expect(best).toMatchObject({ executor: 'worker_threads', nJobs: 2 })
    expect(serial.makespanMs / best.makespanMs).toBeLessThanOrEqual(1.5)
  })

  it('uses fewer workers where they get in each other’s way', () => {
    const crowded = choosePlan(costs({ contention: 0.2, itemCount: 20_000 }), limits(64))

    // 1 + 0.2 (P - 1) over P has no more to give beyond a few dozen workers, and 5 at most.
    expect(crowded.serial.makespanMs / crowded.best.makespanMs).toBeLessThanOrEqual(5)
    expect(crowded.serial.makespanMs / crowded.best.makespanMs).toBeGreaterThan(4)
  })

  describe('with more workers than cores', () => {
    const free = { ...limits(2), mayOversubscribe: true }
    const long = { workerItemTimeMs: 100, mainItemTimeMs: 100, usableCores: 2 }

    it('shares three long items out over two cores, where that is for the search to say', () => {
      expect(choosePlan(costs({ ...long, itemCount: 3 }), free).best.nJobs).toBe(3)
      expect(choosePlan(costs({ ...long, itemCount: 3 }), limits(2)).best.nJobs).toBe(2)
      expect(choosePlan(costs({ ...long, itemCount: 4 }), free).best.nJobs).toBe(2)
    })

    it('keeps the cores busy while items wait', () => {
      const waiting = { ...long, waitShare: 0.5, mainItemTimeMs: undefined }

      expect(choosePlan(costs({ ...waiting, itemCount: 100 }), free).best.nJobs).toBe(4)
      expect(choosePlan(costs({ ...waiting, itemCount: 100 }), limits(2)).best.nJobs).toBe(2)
    })

    it('never has more than twice as many, and none more of items that compute and are many', () => {
      fc.assert(
        fc.property(anyCosts, fc.integer({ min: 1, max: 32 }), (known, maxWorkers) => {
          const { best } = choosePlan(known, { ...limits(maxWorkers), mayOversubscribe: true })
          const isFew = known.itemCount <= 2 * maxWorkers
          const most = Math.max(maxWorkers, isFew ? known.itemCount : 0)

          if (best.executor !== 'serial') expect(best.nJobs).toBeLessThanOrEqual(most)
        }),
      )
    })
  })

  it('is the best number of workers for a 10 s job on 64 cores that start slowly', () => {
    const known = costs({
      itemCount: 10_000,
      dispatch: { ...DISPATCH, startUpMs: 1500, warmWorkers: 0 },
    })

    const { best } = choosePlan(known, limits(64))

    for (let workers = 1; workers <= 64; workers++) {
      for (const chunkSize of [1, 5, 10, 20, 50, 100]) {
        expect(best.makespanMs).toBeLessThanOrEqual(
          poolMakespanMs(known, workers, chunkSize) * 1.02,
        )
      }
    }
  })
})

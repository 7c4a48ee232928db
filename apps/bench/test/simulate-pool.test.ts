import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CompletionHeap } from '../src/simulation/completion-heap.ts'
import { simulatePool } from '../src/simulation/simulate-pool.ts'
import type { SimulatedRun } from '../src/simulation/simulate-pool.ts'
import { stepPool } from './reference/step-pool.ts'

const FREE = { dispatchMs: 0, mainDispatchMs: 0, cloneMs: 0, startUpMs: 0, warmWorkers: 128 }

function equalItems(count: number, timeMs: number): number[] {
  return Array.from({ length: count }, () => timeMs)
}

function run(overrides: Partial<SimulatedRun> = {}): SimulatedRun {
  return {
    itemTimesMs: equalItems(100, 1),
    workers: 4,
    chunkSize: 5,
    dispatch: FREE,
    cores: 64,
    ...overrides,
  }
}

const anyRun = fc
  .record({
    itemTimesMs: fc.array(fc.double({ min: 0.1, max: 20, noNaN: true }), {
      minLength: 1,
      maxLength: 60,
    }),
    workers: fc.integer({ min: 1, max: 8 }),
    chunkSize: fc.integer({ min: 1, max: 20 }),
    cores: fc.double({ min: 0.5, max: 8, noNaN: true }),
    contention: fc.constantFrom(0, 0.1, 0.5),
    waitShare: fc.constantFrom(0, 0.3, 0.9, 1),
    dispatch: fc.record({
      dispatchMs: fc.double({ min: 0.5, max: 2, noNaN: true }),
      mainDispatchMs: fc.double({ min: 0, max: 0.5, noNaN: true }),
      cloneMs: fc.double({ min: 0, max: 1, noNaN: true }),
      startUpMs: fc.double({ min: 0.5, max: 50, noNaN: true }),
      warmWorkers: fc.integer({ min: 0, max: 8 }),
      mainStartUpMs: fc.constantFrom(0, 3),
    }),
  })
  .map((record): SimulatedRun => record)

describe('the simulated pool', () => {
  it('agrees with a simulation by tiny steps', () => {
    const stepMs = 0.005

    fc.assert(
      fc.property(anyRun, (any) => {
        const slow = stepPool(any, stepMs)
        const { makespanMs, chunkCount } = simulatePool(any)

        // A step may end sending, running and receiving late; where two nearly coincide their order may change.
        expect(Math.abs(makespanMs - slow)).toBeLessThan(3 * stepMs * chunkCount + 0.02 * slow)
      }),
      { numRuns: 150 },
    )
  })

  it('never beats perfect sharing of the work, of the cores and of the caller’s thread', () => {
    fc.assert(
      fc.property(anyRun, (any) => {
        const { itemTimesMs, workers, cores, waitShare = 0, dispatch } = any
        const workMs = Array.from(itemTimesMs).reduce((sum, timeMs) => sum + timeMs, 0)
        const outcome = simulatePool(any)

        const least = 1 - 1e-9
        expect(outcome.makespanMs).toBeGreaterThanOrEqual((workMs / workers) * least)
        expect(outcome.makespanMs).toBeGreaterThanOrEqual(
          ((workMs * (1 - waitShare)) / cores) * least,
        )
        expect(outcome.makespanMs).toBeGreaterThanOrEqual(
          itemTimesMs.length * dispatch.cloneMs * least,
        )
        expect(outcome.callerBusyMs).toBeLessThanOrEqual(outcome.makespanMs * (1 + 1e-9))
        expect(outcome.workersBusyMs).toBeLessThanOrEqual(outcome.makespanMs * workers * (1 + 1e-9))
      }),
    )
  })

  it('is the same for the same run', () => {
    fc.assert(
      fc.property(anyRun, (any) => {
        expect(simulatePool(any)).toEqual(simulatePool(any))
      }),
    )
  })

  it('counts whole chunks: 5 chunks on 4 workers take two rounds', () => {
    expect(simulatePool(run({ chunkSize: 20 })).makespanMs).toBeCloseTo(40, 9)
    expect(simulatePool(run({ chunkSize: 20, workers: 5 })).makespanMs).toBeCloseTo(20, 9)
  })

  it('is as quick as the caller’s thread can serve, however many workers there are', () => {
    const dispatch = { ...FREE, mainDispatchMs: 0.2, dispatchMs: 0.2, cloneMs: 1 }

    const { makespanMs, callerBusyMs } = simulatePool(run({ workers: 64, chunkSize: 1, dispatch }))

    expect(callerBusyMs).toBeCloseTo(120, 9)
    expect(makespanMs).toBeGreaterThan(119)
    expect(makespanMs).toBeLessThan(125)
  })

  it('lets cold workers join when they have started, and their starts take cores', () => {
    const dispatch = { ...FREE, startUpMs: 50, warmWorkers: 0 }
    const itemTimesMs = equalItems(100, 10)
    const cold = run({ itemTimesMs, dispatch, chunkSize: 1 })

    expect(simulatePool(cold).makespanMs).toBeCloseTo(50 + 250, 9)
    expect(simulatePool({ ...cold, cores: 2 }).makespanMs).toBeCloseTo(100 + 500, 9)
    expect(simulatePool({ ...cold, cores: 1 }).makespanMs).toBeCloseTo(200 + 1000, 9)
  })

  it('starts workers one after the other on the caller’s thread', () => {
    const dispatch = { ...FREE, startUpMs: 50, mainStartUpMs: 10, warmWorkers: 0 }
    const one = run({ itemTimesMs: equalItems(4, 10), dispatch, chunkSize: 1 })

    expect(simulatePool(one).makespanMs).toBeCloseTo(40 + 50 + 10, 9)
  })

  it('starts no worker that gets no chunk', () => {
    const { busyWorkers, chunkCount } = simulatePool(run({ workers: 64, chunkSize: 50 }))

    expect(busyWorkers).toBe(2)
    expect(chunkCount).toBe(2)
  })

  it('uses a part of a core under a quota', () => {
    expect(simulatePool(run({ workers: 2, cores: 1.5 })).makespanMs).toBeCloseTo(100 / 1.5, 9)
  })

  it('slows items by contention with the workers busy beside them', () => {
    expect(simulatePool(run({ contention: 0.1 })).makespanMs).toBeCloseTo(25 * 1.3, 9)
  })

  it('overlaps the waits of sleeping items on a single core', () => {
    expect(simulatePool(run({ waitShare: 1, cores: 1 })).makespanMs).toBeCloseTo(25, 9)
  })

  it('waits for the worker that got the longest item last', () => {
    const itemTimesMs = [...equalItems(99, 1), 100]

    expect(simulatePool(run({ itemTimesMs, chunkSize: 1 })).makespanMs).toBeCloseTo(124, 9)
  })

  it('takes chunk sizes from a rule, such as half of an even share of what is left', () => {
    const sizes: number[] = []
    const taper = (itemsLeft: number): number => {
      const size = Math.max(1, Math.floor(itemsLeft / 8))
      sizes.push(size)
      return size
    }

    const { makespanMs } = simulatePool(run({ chunkSize: taper }))

    expect(sizes[0]).toBe(12)
    expect(sizes.at(-1)).toBe(1)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(100)
    expect(makespanMs).toBeLessThanOrEqual(27)
  })

  it.each([{ workers: 0 }, { chunkSize: 0 }, { cores: 0 }, { waitShare: 2 }, { contention: -1 }])(
    'refuses %o',
    (fault) => {
      expect(() => simulatePool(run(fault))).toThrow(RangeError)
    },
  )
})

describe('the heap of completions', () => {
  it('gives what was put in, the earliest first', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { maxLength: 50 }), (times) => {
        const heap = new CompletionHeap(50)
        for (const [worker, time] of times.entries()) heap.push(time, worker)
        const popped: number[] = []
        while (heap.size > 0) {
          const endsAt = heap.nextEndsAt
          expect(times[heap.pop()]).toBe(endsAt)
          popped.push(endsAt)
        }

        expect(popped).toEqual(times.toSorted((a, b) => a - b))
        expect(heap.nextEndsAt).toBe(Infinity)
      }),
    )
  })
})

/** What a run says of its function: of its items alone and beside others, of the machine, of itself. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Decision } from '../src/decide/source.ts'
import { measureRun } from '../src/learning/measured-run.ts'
import type { ForeignLoad, MeasuredRun, RunFigures } from '../src/learning/measured-run.ts'
import type { Plan } from '../src/search.ts'
import { runOf } from './example-runs.ts'

const ON_TWO: Plan = { executor: 'worker_threads', nJobs: 2, chunkSize: 10 }
const LOOP: Plan = { executor: 'serial', nJobs: 1, chunkSize: 1000 }
const CALM: ForeignLoad = { share: 0, logicalCores: 4, usableCores: 4 }

/** Items of 1 ms alone, 1.5 ms beside another. */
const FIGURES: RunFigures = {
  makespanMs: 750,
  itemCount: 1000,
  speedup: 1000 / 750,
  itemTimeMs: 1.5,
  coefficientOfVariation: 0.3,
  computingMs: 1500,
}

function decisionOf(changes: Partial<Decision<unknown>> = {}): Decision<unknown> {
  return {
    source: 'prediction',
    plan: ON_TWO,
    estimatedTimeMs: 500,
    estimatedSpeedup: 2,
    reason: '',
    warnings: [],
    features: { ...runOf(0).features, itemTimeMs: 1 },
    ...changes,
  }
}

function measure(
  changes: Partial<Decision<unknown>> = {},
  figures: Partial<RunFigures> = {},
  load: Partial<ForeignLoad> = {},
): MeasuredRun {
  return measureRun(decisionOf(changes), { ...FIGURES, ...figures }, { ...CALM, ...load })
}

describe('of its items', () => {
  it('a run tells the contention where a dry run has just timed them alone', () => {
    const { itemTimeMs, costs } = measure({ source: 'dry-run' })

    expect(itemTimeMs).toBeCloseTo(1)
    expect(costs.contention).toBeCloseTo(0.5)
    expect(costs.besideMs).toBeUndefined()
  })

  it('workers that share a part of a core take longer for that, which is no contention', () => {
    const usableCores = 1.25
    // 2 workers on 1.25 cores: 1.6 times as long.
    const shared = { itemTimeMs: 1.6, makespanMs: 800, speedup: 1000 / 800 }
    const { costs } = measure({ source: 'dry-run' }, shared, { usableCores })

    expect(costs.contention).toBeCloseTo(0)
  })

  it('a short run tells no contention: workers that are cold take longer as well', () => {
    const short = { makespanMs: 75, itemCount: 100, speedup: 100 / 75 }

    expect(measure({ source: 'dry-run' }, short).costs).not.toHaveProperty('contention')
  })

  it('a dry run tells in which order the items are that take long', () => {
    const costs = {
      itemCount: 1000,
      mainItemTimeMs: 1,
      workerItemTimeMs: 1,
      coefficientOfVariation: 0.5,
      trend: -0.9,
      waitShare: 0,
      dispatch: undefined,
      usableCores: 4,
      contention: 0,
    }

    expect(measure({ source: 'dry-run', costs }).costs.trend).toBe(-0.9)
    expect(measure({ source: 'cache', costs }).costs).not.toHaveProperty('trend')
  })

  it.each(['cache', 'prediction'] as const)(
    'a run by a %s tells what they take beside others, and nothing new of them alone',
    (source) => {
      const { itemTimeMs, speedup, costs } = measure({ source })

      expect(itemTimeMs).toBe(1)
      expect(costs).toMatchObject({ besideMs: 1.5, waitShare: 0 })
      expect(costs).not.toHaveProperty('contention')
      expect(speedup).toBeCloseTo(1000 / 750)
    },
  )

  it('a run tells that alone they take no longer than beside others', () => {
    const { itemTimeMs, costs } = measure({}, { itemTimeMs: 0.5, makespanMs: 250 })

    expect(itemTimeMs).toBe(0.5)
    expect(costs.besideMs).toBeUndefined()
  })

  it('the loop and one worker alone tell what they take alone', () => {
    const loop = measure({ plan: LOOP }, { itemTimeMs: 3, makespanMs: 3000 })
    const worker = measure({ plan: { ...ON_TWO, nJobs: 1 } }, { itemTimeMs: 3, makespanMs: 3100 })

    expect([loop.itemTimeMs, loop.speedup]).toEqual([3, 1])
    expect(worker.itemTimeMs).toBe(3)
    for (const { costs } of [loop, worker]) expect(costs.besideMs).toBeUndefined()
  })

  it('many at once on a busy thread took no more alone than was known, on an idle one what they took', () => {
    const plan: Plan = { executor: 'async', nJobs: 100, chunkSize: 1 }
    const busy = measure({ plan }, { itemTimeMs: 80, makespanMs: 1000, computingMs: 950 })
    const idle = measure({ plan }, { itemTimeMs: 80, makespanMs: 1000, computingMs: 100 })

    expect([busy.itemTimeMs, idle.itemTimeMs]).toEqual([1, 80])
  })
})

describe('the speedup of a run', () => {
  it('is what it would have been on the cores that others used', () => {
    const alone = measure({ source: 'dry-run' }, {}, { usableCores: 2, logicalCores: 2 })
    const beside = measure(
      { source: 'dry-run' },
      {},
      { usableCores: 2, logicalCores: 2, share: 0.2 },
    )

    // 0.4 of the two cores were used by others.
    expect(beside.speedup / alone.speedup).toBeCloseTo(2 / 1.6)
  })

  it('is what it was where others were busy on cores that it could not have used', () => {
    const load = { usableCores: 2, logicalCores: 64 }
    const alone = measure({ source: 'dry-run' }, {}, load)
    const beside = measure({ source: 'dry-run' }, {}, { ...load, share: 0.3 })

    expect(beside).toEqual(alone)
    expect(measure({}, {}, { ...load, share: 0.99 }).isTainted).toBe(true)
  })

  it('is corrected to twice the measured one at most', () => {
    const plan = { ...ON_TWO, nJobs: 4 }
    const alone = measure({ source: 'dry-run', plan })
    const crowded = measure({ source: 'dry-run', plan }, {}, { share: 0.95 })

    expect(crowded.speedup / alone.speedup).toBeCloseTo(2)
  })

  it('is never more than its workers, and the cores they compute on, could come to', () => {
    const positive = fc.double({ min: 1e-3, max: 1e4, noNaN: true })
    fc.assert(
      fc.property(
        fc.record({ makespanMs: positive, itemTimeMs: positive, speedup: positive }),
        fc.integer({ min: 2, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('cache', 'prediction', 'dry-run'),
        (figures, nJobs, usableCores, share, source) => {
          const { speedup } = measure(
            { source, plan: { ...ON_TWO, nJobs } },
            { ...figures, computingMs: figures.itemTimeMs * FIGURES.itemCount },
            { share, usableCores, logicalCores: usableCores },
          )

          expect(speedup).toBeGreaterThan(0)
          expect(speedup).toBeLessThanOrEqual(Math.min(nJobs, usableCores))
        },
      ),
    )
  })
})

describe('a run that says little of another', () => {
  it('is marked: beside busy processes, after a busy dry run, its plan changed or a worker lost', () => {
    const tainted = [
      measure({}, {}, { share: 0.3 }),
      measure({ isTainted: true }),
      measure({}, { replans: [{}] }),
      measure({}, { lostWorkers: 1 }),
    ]

    expect(tainted.map(({ isTainted }) => isTainted)).toEqual([true, true, true, true])
    expect(measure({}, {}, { share: 0.2 }).isTainted).toBe(false)
  })
})

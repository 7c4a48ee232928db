import { expect, test } from 'vitest'

import { EXECUTE, EXECUTE_UNCACHED, LOOP } from '../src/regret/grid.ts'
import type { RegretMeasurement } from '../src/regret/measure.ts'
import { rowOf, summarise } from '../src/regret/summary.ts'

const REPETITIONS = 7

function measured(
  name: string,
  timesMs: Record<string, number>,
  turnsMs: readonly number[] = [],
): RegretMeasurement {
  const decided = {
    plan: '2 x 10',
    source: 'cache',
    decisionTimeMs: 0.1,
    makespanMs: 1,
    estimatedTimeMs: 1,
    itemTimeMs: 1,
    isTurn: false,
  }
  const runs = Object.entries(timesMs).map(([contender, timeMs]) => {
    const observation = { timeMs, foreignCpuShare: 0, ownCpuMs: timeMs, decided }
    return [contender, Array.from({ length: REPETITIONS }, () => observation)] as const
  })
  return {
    name,
    itemCount: 100,
    cores: 2,
    grid: [
      { plan: '2 x 10', timeMs: 1 },
      { plan: '2 x 13', timeMs: 1 },
    ],
    bounded: [],
    turnsMs,
    runs: Object.fromEntries(runs),
    quarterPlan: '2 x 13',
    eighthPlan: '2 x 7',
  }
}

const parallel = measured(
  'parallel',
  {
    [LOOP]: 100,
    [EXECUTE]: 55,
    [EXECUTE_UNCACHED]: 60,
    '2 x 10': 50,
    '2 x 13': 75,
    '2 x 7': 45,
  },
  [100, 50],
)
const serial = measured('serial', {
  [LOOP]: 10,
  [EXECUTE]: 10.7,
  [EXECUTE_UNCACHED]: 12,
  '2 x 10': 30,
  '2 x 13': 30,
  '2 x 7': 30,
})

test('regret is the time of execute() over that of the best plan of the grid', () => {
  const row = rowOf(parallel)

  expect(row.bestPlan).toBe('2 x 10')
  expect(row.regret).toBeCloseTo(1.1)
  expect(row.uncachedRegret).toBeCloseTo(1.2)
  expect(row.cpuRatio).toBeCloseTo(1.1)
})

test('luck in one half of the repetitions does not count in the other', () => {
  const lucky = (half: number): RegretMeasurement['runs'][string] => {
    const [even, odd] = [half === 0 ? 40 : 60, half === 0 ? 60 : 40]
    const [run] = parallel.runs['2 x 10']!
    return Array.from({ length: REPETITIONS }, (_, repetition) =>
      Object.assign({}, run, { timeMs: repetition % 2 === 0 ? even : odd }),
    )
  }
  const noisy = {
    ...parallel,
    runs: { ...parallel.runs, '2 x 10': lucky(0), '2 x 13': lucky(1) },
  }

  const row = rowOf(noisy)

  expect(row.regret).toBeGreaterThan(1.3)
  expect(row.crossRegret).toBeCloseTo(55 / 60)
})

test('the gap closed is the share of what N/(4P) loses to the best', () => {
  const row = rowOf(parallel)

  expect(row.gapClosed).toBeCloseTo((75 - 55) / (75 - 50))
  expect(row.uncachedGapClosed).toBeCloseTo((75 - 60) / (75 - 50))
})

test('a default that is as good as the best leaves no gap to close', () => {
  const even = measured('even', {
    [LOOP]: 100,
    [EXECUTE]: 51,
    [EXECUTE_UNCACHED]: 51,
    '2 x 10': 50,
    '2 x 13': 51,
    '2 x 7': 50,
  })

  expect(rowOf(even).gapClosed).toBeUndefined()
})

test('time over the loop counts only where the loop wins', () => {
  expect(rowOf(parallel).overLoopMs).toBeUndefined()
  expect(rowOf(serial).overLoopMs).toBeCloseTo(10.7 - 1.05 * 10 - 0.3)
  expect(rowOf(serial).uncachedOverLoopMs).toBeCloseTo(12 - 1.05 * 10 - 0.3)
})

test('the summary names the workloads that break the promise of the loop', () => {
  const rows = [rowOf(parallel), rowOf(serial)]

  const cached = summarise(rows, true)
  const uncached = summarise(rows, false)

  expect(cached.loopWins).toBe(1)
  expect(cached.loopViolations).toEqual([])
  expect(uncached.loopViolations).toEqual(['serial'])
  expect(cached.worst).toBeCloseTo(1.1)
  expect(cached.median).toBeCloseTo((1.1 + 1.07) / 2)
})

test('turns are held against the best plan', () => {
  expect(rowOf(parallel).turnRatio).toBeCloseTo(1.5)
  expect(rowOf(serial).turnRatio).toBeUndefined()
})

test('who had searched the grid has the luck of one half as regret in the other', () => {
  const measurement = measured('luck', {
    [LOOP]: 100,
    [EXECUTE]: 50,
    [EXECUTE_UNCACHED]: 50,
    '2 x 10': 50,
    '2 x 13': 60,
    '2 x 7': 70,
  })
  // Best by far in the even repetitions, and half as slow again in the odd ones.
  const lucky = measurement.runs['2 x 13']!.map((observation, repetition) =>
    Object.assign({}, observation, { timeMs: repetition % 2 === 0 ? 40 : 75 }),
  )
  const runs = { ...measurement.runs, '2 x 13': lucky }

  expect(rowOf(measurement).searchedRegret).toBe(1)
  expect(rowOf({ ...measurement, runs }).searchedRegret).toBeCloseTo(Math.sqrt(1.5 * 1.25))
})

import { expect, test } from 'vitest'

import { bestTimeOf, noiseOf, plansToTime, regretOf, timeOf } from '../src/observed/plan-times.ts'

const pool = (nJobs: number, chunkSize: number, timeMs: number) => ({
  plan: { executor: 'worker_threads', nJobs, chunkSize } as const,
  timeMs,
})
const TIMED = [
  { plan: { executor: 'serial', nJobs: 1, chunkSize: 100 } as const, timeMs: 90 },
  pool(2, 50, 64),
  pool(2, 5, 16),
  pool(1, 100, 100),
]

test('a plan that was timed takes what it took', () => {
  expect(timeOf(TIMED[2]!.plan, TIMED)).toBeCloseTo(16)
  expect(timeOf({ executor: 'serial', nJobs: 1, chunkSize: 1 }, TIMED)).toBeCloseTo(90)
})

test('a chunk size between two that were timed takes a time between theirs', () => {
  const chunkSize = Math.sqrt(5 * 50)

  expect(timeOf({ executor: 'worker_threads', nJobs: 2, chunkSize }, TIMED)).toBeCloseTo(32)
})

test('a chunk size beyond those that were timed takes as long as the last', () => {
  expect(timeOf({ executor: 'worker_threads', nJobs: 2, chunkSize: 1 }, TIMED)).toBeCloseTo(16)
})

test('a function that is not asynchronous takes as long as in the loop, however many are in flight', () => {
  expect(timeOf({ executor: 'async', nJobs: 64, chunkSize: 1 }, TIMED)).toBeCloseTo(90)
})

test('a number of workers that was not timed takes as long as the nearest that was', () => {
  const sixOf5 = { executor: 'worker_threads', nJobs: 6, chunkSize: 5 } as const
  const loopOnly = TIMED.slice(0, 1)

  expect(timeOf(sixOf5, TIMED)).toBeCloseTo(16)
  expect(() => timeOf(sixOf5, loopOnly)).toThrow(/No plan like/)
  expect(bestTimeOf(TIMED)).toBe(16)
})

test('the best is picked by other rounds than those that time it', () => {
  const [loop, twoOf50, twoOf5, alone] = TIMED.map(({ plan }) => plan)
  const repeated = [
    { plan: loop!, timesMs: [100, 100, 100, 100] },
    // As good as the next, and each is lucky in one half of the rounds.
    { plan: twoOf50!, timesMs: [40, 60, 40, 60] },
    { plan: twoOf5!, timesMs: [60, 40, 60, 40] },
    { plan: alone!, timesMs: [200] },
  ]

  expect(regretOf(loop!, repeated)).toBeCloseTo(100 / 60)
  expect(regretOf(twoOf50!, repeated)).toBeCloseTo(Math.sqrt((40 / 60) * 1))
  expect(regretOf(alone!, repeated)).toBeCloseTo(Math.sqrt((200 / 60) * (200 / 40)))
  expect(noiseOf(repeated)).toBeCloseTo(1.5)
})

test('a plan that was given up is held against the best of the same rounds', () => {
  const [loop, twoOf50, twoOf5] = TIMED.map(({ plan }) => plan)
  const repeated = [
    { plan: loop!, timesMs: [100, 100, 100, 100, 50, 50, 50, 50] },
    { plan: twoOf50!, timesMs: [150, 150] },
    { plan: twoOf5!, timesMs: [80, 80, 80, 80, 40, 40, 40, 40] },
  ]

  expect(regretOf(twoOf50!, repeated)).toBeCloseTo(150 / 80)
  expect(regretOf(loop!, repeated)).toBeCloseTo(100 / 80)
})

test('no plan has more items in a chunk than there are, and none comes twice', () => {
  const plans = plansToTime(10, 2, true)

  expect(plans.some(({ executor, nJobs }) => executor === 'pool' && nJobs === 4)).toBe(true)
  expect(plans.every(({ chunkSize }) => chunkSize >= 1 && chunkSize <= 10)).toBe(true)
  expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(plans.length)
})

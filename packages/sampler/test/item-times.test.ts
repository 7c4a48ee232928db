import { describe, expect, it } from 'vitest'

import { itemTimesOf } from '../src/item-times.ts'
import { SteadyState } from '../src/steady-state.ts'

/** What a worker measured, batch by batch. */
function measured(...batches: number[][]): SteadyState {
  const steadyState = new SteadyState()
  for (const batch of batches) steadyState.addBatch(batch)
  return steadyState
}

const even = (count: number, timeMs: number): number[] =>
  Array.from({ length: count }, (_, place) => timeMs * (place % 2 === 0 ? 0.99 : 1.01))

describe("item times of a worker and of the loop on the caller's thread", () => {
  const loop = { itemCount: 1000, itemTimeMs: 0.5 }

  it('are two where a warm worker is seen to differ', () => {
    const worker = measured(even(20, 3), even(20, 3))

    const { itemTimeMs, mainItemTimeMs } = itemTimesOf(worker, true, loop)

    expect(itemTimeMs).toBeCloseTo(3)
    expect(mainItemTimeMs).toBe(0.5)
  })

  it.each([
    ['ran a single item, cold', [[40]]],
    [
      'ran items that differ by chance',
      [
        [20, 1, 1, 50],
        [3, 1, 30, 1],
      ],
    ],
    ['is cold yet, however evenly', [even(4, 3), even(4, 3)]],
    ['becomes quicker still', [even(2, 9), even(4, 3), even(8, 1.5)]],
  ])('are that of the loop where a worker %s', (_what, batches) => {
    expect(itemTimesOf(measured(...batches), true, loop)).toEqual({
      itemTimeMs: 0.5,
      mainItemTimeMs: 0.5,
    })
  })

  it.each([1.1, 2.5])('are that of a settled worker that takes %d times as long', (ratio) => {
    const timeMs = ratio * loop.itemTimeMs
    const worker = measured(even(60, timeMs), even(60, timeMs))

    const { itemTimeMs, mainItemTimeMs } = itemTimesOf(worker, true, loop)

    expect(itemTimeMs).toBeCloseTo(timeMs)
    expect(mainItemTimeMs).toBe(itemTimeMs)
  })

  it('are those of a worker that has run many items, though more ran on a thread of another pace', () => {
    const worker = measured(even(8, 0.3), even(32, 0.3))

    expect(worker.isSettled).toBe(false)
    expect(itemTimesOf(worker, true, loop).itemTimeMs).toBeCloseTo(0.3)
  })

  it("of a worker alone say nothing of the caller's thread", () => {
    const idle = { itemCount: 0, itemTimeMs: Number.NaN }

    expect(itemTimesOf(measured([2]), true, idle)).toEqual({
      itemTimeMs: 2,
      mainItemTimeMs: undefined,
    })
  })
})

import { PartialResults } from '@amorsize/sampler'
import { describe, expect, it } from 'vitest'

import { BatchLoop } from '../src/batch-loop.ts'
import { LONGEST_HOLD_MS } from '../src/longest-hold.ts'

const QUICK_ITEMS = 20_000
const LONG_ITEM_MS = 5
const items = Array.from({ length: QUICK_ITEMS + 120 }, (_, index) => index)

const longAfterQuick = (item: number): number => {
  const endMs = performance.now() + LONG_ITEM_MS
  if (item >= QUICK_ITEMS) while (performance.now() < endMs);
  return -item
}

describe('a plain loop over items that turn long', () => {
  /** Long items that were run when others had their turn. */
  async function watch(run: (item: number) => number | Promise<number>): Promise<number[]> {
    const results = new PartialResults<number>(items.length)
    const longAtTurn = [0]
    const loop = new BatchLoop({
      run,
      items,
      results,
      signal: undefined,
      batchMs: 1,
      onBatch: () => false,
      onTurn: () => {
        longAtTurn.push(Math.max(0, results.doneCount - QUICK_ITEMS))
        return false
      },
      onItemError: (error) => {
        throw error
      },
    })
    await loop.complete()
    expect(results.values).toEqual(items.map((item) => -item))
    return longAtTurn
  }
  const mostPerTurn = (longAtTurn: number[]): number =>
    Math.max(...longAtTurn.slice(1).map((count, nth) => count - longAtTurn[nth]!))

  it('gives others their turn after some dozen of them', async () => {
    const perHold = LONGEST_HOLD_MS / LONG_ITEM_MS

    expect(mostPerTurn(await watch(longAfterQuick))).toBeLessThanOrEqual(64 + perHold)
    expect(mostPerTurn(await watch(async (item) => longAfterQuick(item)))).toBeLessThanOrEqual(
      perHold + 1,
    )
  })
})

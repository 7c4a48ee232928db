import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { PartialResults } from '../src/partial-results.ts'

const ITEM_COUNT = 40

/** Single results, and ranges of them, in any order. */
const anyDone = fc.array(
  fc.record({
    from: fc.nat({ max: ITEM_COUNT - 1 }),
    length: fc.integer({ min: 1, max: 8 }),
    isRange: fc.boolean(),
  }),
  { maxLength: 12 },
)

/** Keeps the results, and says in the plainest way which positions have one. */
function keep(
  results: PartialResults<number>,
  done: readonly { from: number; length: number; isRange: boolean }[],
): boolean[] {
  const isDone = Array.from({ length: ITEM_COUNT }, () => false)
  for (const { from, length, isRange } of done) {
    const to = isRange ? Math.min(ITEM_COUNT, from + length) : from + 1
    const gap = results.nextGap(from, to)
    // A range is noted where it had no result, as a loop does.
    if (isRange && gap?.from === from && gap.to === to) results.markDone(from, to)
    else for (let index = from; index < to; index++) results.set(index, index)
    isDone.fill(true, from, to)
  }
  return isDone
}

describe('PartialResults', () => {
  it('finds what is missing, whatever was done in whatever order', () => {
    fc.assert(
      fc.property(
        anyDone,
        fc.nat({ max: ITEM_COUNT }),
        fc.nat({ max: ITEM_COUNT }),
        (done, one, other) => {
          const results = new PartialResults<number>(ITEM_COUNT)
          const isDone = keep(results, done)
          const [from, to] = [Math.min(one, other), Math.max(one, other)]
          const missing = [...isDone.keys()].filter((index) => !isDone[index])
          const within = missing.filter((index) => index >= from && index < to)
          const end = isDone.findIndex((is, index) => is && index > (within[0] ?? to))

          expect([...results.rest()]).toEqual(missing)
          expect(results.restCount).toBe(missing.length)
          expect(results.nextMissing(from, to)).toBe(within[0] ?? to)
          expect(results.nextGap(from, to)).toEqual(
            within.length === 0
              ? undefined
              : { from: within[0], to: end === -1 ? to : Math.min(to, end) },
          )
        },
      ),
    )
  })
})

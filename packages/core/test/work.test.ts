/** The items of an array as they are handed out to workers. */
import { PartialResults } from '@amorsize/sampler'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'

import { throwItemError } from '../src/executors/executor.ts'
import { ArrayWork } from '../src/executors/work.ts'
import { ItemFeed } from '../src/stream/item-feed.ts'
import { Outputs } from '../src/stream/outputs.ts'
import { StreamWork } from '../src/stream/stream-work.ts'

it('of a stream no more is read ahead than 16,384 items, however large the chunks that are wanted', () => {
  let readCount = 0
  function* endless(): Generator<number> {
    for (;;) yield readCount++
  }
  const work = new StreamWork<number, number>(new ItemFeed(endless()), new Outputs(true), {
    window: undefined,
    endsOnFailure: true,
    onOutcome: () => {},
  })
  work.start(2)

  const taken = [
    work.take(1_000_000),
    work.take(1_000_000),
    work.take(1_000_000),
    work.take(1_000_000),
  ]
  void work.take(1_000_000)

  expect(taken.map((chunk) => chunk instanceof Promise)).toEqual([false, false, false, false])
  expect(readCount).toBe(16_384)
})

it('hands out each item that has no result, once and in order, whatever was done before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      (isDone, count, isTyped) => {
        const items = isTyped ? Float64Array.from(isDone.keys()) : [...isDone.keys()]
        const results = new PartialResults<number>(items.length)
        for (const [index, is] of isDone.entries()) if (is) results.set(index, index)
        const work = new ArrayWork<number, number>(items, results, throwItemError)
        const missing = [...results.rest()]
        const taken: number[] = []

        for (let chunk = work.take(count); chunk; chunk = work.take(count)) {
          expect(chunk.items).toEqual(chunk.positions.map((position) => items[position]))
          expect(chunk.positions.length).toBeLessThanOrEqual(count)
          taken.push(...chunk.positions)
          expect(work.remaining).toBe(missing.length - taken.length)
        }

        expect(taken).toEqual(missing)
      },
    ),
  )
})

it('looks no farther for a chunk than the chunk is long', () => {
  const itemCount = 100_000
  const results = new PartialResults<number>(itemCount)
  results.set(itemCount - 1, 0)
  const nextGap = vi.spyOn(results, 'nextGap')
  const work = new ArrayWork<undefined, number>({ length: itemCount }, results, throwItemError)

  work.take(10)
  work.take(10)

  expect(nextGap.mock.calls).toEqual([
    [0, 10],
    [10, 20],
  ])
})

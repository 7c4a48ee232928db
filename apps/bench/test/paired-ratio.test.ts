import { expect, test } from 'vitest'

import { intervalOfMedian, measureRatio } from '../src/harness/paired-ratio.ts'
import { createRandom, shuffled } from '../src/harness/random.ts'

test('the interval of equal values is that value', () => {
  expect(intervalOfMedian([3, 3, 3, 3])).toEqual([3, 3])
})

test('the interval holds the median and lies within the values', () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9]

  const [low, high] = intervalOfMedian(values)

  expect(low).toBeGreaterThanOrEqual(1)
  expect(low).toBeLessThan(5)
  expect(high).toBeGreaterThan(5)
  expect(high).toBeLessThanOrEqual(9)
})

test('a ratio is of the pairs, in whatever order a pair was run', async () => {
  const order: string[] = []

  const { value, subject, baseline } = await measureRatio(
    () => {
      order.push('subject')
      return 6
    },
    () => {
      order.push('baseline')
      return 3
    },
    4,
  )

  expect({ value, subject, baseline }).toEqual({ value: 2, subject: 6, baseline: 3 })
  expect(order.slice(2, 6)).toEqual(['subject', 'baseline', 'baseline', 'subject'])
})

test('the same seed shuffles in the same way, and loses nothing', () => {
  const values = Array.from({ length: 20 }, (_, index) => index)

  const first = shuffled(values, createRandom(7))
  const second = shuffled(values, createRandom(7))

  expect(first).toEqual(second)
  expect(first).not.toEqual(values)
  expect(first.toSorted((a, b) => a - b)).toEqual(values)
})

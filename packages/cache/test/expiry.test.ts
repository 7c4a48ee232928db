import { expect, test } from 'vitest'

import { ageOf, isExpired } from '../src/expiry.ts'

test('an entry expires once it is older than its time to live, not before', () => {
  expect(isExpired(1000, 1100, 100)).toBe(false)
  expect(isExpired(1000, 1101, 100)).toBe(true)
})

test('an entry from the future counts as just made', () => {
  expect(ageOf(2000, 1000)).toBe(0)
  expect(isExpired(2000, 1000, 1)).toBe(false)
})

test('nothing is older than for ever', () => {
  expect(isExpired(0, Number.MAX_SAFE_INTEGER, Infinity)).toBe(false)
})

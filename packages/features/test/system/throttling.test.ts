import { expect, test } from 'vitest'

import { throttledIn } from '../../src/system/throttling.ts'

const directories = ['/g/own', '/g']

test('either version tells it, in its own unit', () => {
  const newer = { '/g/own/cpu.stat': 'usage_usec 9\nnr_throttled 3\nthrottled_usec 2500\n' }
  const older = { '/g/own/cpu.stat': 'nr_periods 9\nnr_throttled 3\nthrottled_time 2500000\n' }

  expect(throttledBy(2, newer)).toBe(2.5)
  expect(throttledBy(1, older)).toBe(2.5)
})

test('an ancestor that was held back longer counts', () => {
  const files = {
    '/g/own/cpu.stat': 'throttled_usec 1000\n',
    '/g/cpu.stat': 'throttled_usec 7000\n',
  }

  expect(throttledBy(2, files)).toBe(7)
})

test('groups that do not tell give nothing', () => {
  expect(throttledBy(2, {})).toBeUndefined()
  expect(throttledBy(2, { '/g/cpu.stat': 'throttled_usec lots\n' })).toBeUndefined()
})

function throttledBy(version: 1 | 2, files: Record<string, string>): number | undefined {
  return throttledIn({ version, directories, isOwnGroupVisible: true }, (path) => files[path])
}

import { expect, test } from 'vitest'

import { throttledIn, throttledMs } from '../../src/system/throttling.ts'
import { hostOf } from '../recorded-host.ts'

const directories = ['/g/own', '/g']

test('either version tells it, in its own unit', () => {
  const newer = { '/g/own/cpu.stat': 'usage_usec 9\nnr_throttled 3\nthrottled_usec 2500\n' }
  const older = { '/g/own/cpu.stat': 'nr_periods 9\nnr_throttled 3\nthrottled_time 2500000\n' }

  expect(throttledBy(2, newer)).toBe(2.5)
  expect(throttledBy(1, older)).toBe(2.5)
})

test('each group counts for itself, and they are added up', () => {
  const files = {
    '/g/own/cpu.stat': 'throttled_usec 1000\n',
    '/g/cpu.stat': 'throttled_usec 7000\n',
  }

  expect(throttledBy(2, files)).toBe(8)
})

test('whichever group holds the process back, the time grows', () => {
  const parts = new Map([
    ['/proc/self/cgroup', '0::/parent/child\n'],
    ['/proc/self/mountinfo', '36 35 0:31 / /g rw shared:9 - cgroup2 cgroup rw\n'],
    ['/g/parent/cpu.stat', 'throttled_usec 3600000000\n'],
    ['/g/parent/child/cpu.stat', 'throttled_usec 0\n'],
  ])
  const host = hostOf(parts)

  expect(throttledMs(host)).toBe(3_600_000)
  parts.set('/g/parent/child/cpu.stat', 'throttled_usec 5000000\n')
  expect(throttledMs(host)).toBe(3_605_000)
  parts.set('/g/parent/cpu.stat', 'throttled_usec 3601000000\n')
  expect(throttledMs(host)).toBe(3_606_000)
})

test('groups that do not tell give nothing', () => {
  expect(throttledBy(2, {})).toBeUndefined()
  expect(throttledBy(2, { '/g/cpu.stat': 'throttled_usec lots\n' })).toBeUndefined()
})

function throttledBy(version: 1 | 2, files: Record<string, string>): number | undefined {
  return throttledIn({ version, directories, isOwnGroupVisible: true }, (path) => files[path])
}

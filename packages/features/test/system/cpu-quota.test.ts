import { expect, test } from 'vitest'

import { cpuQuota } from '../../src/system/cpu-quota.ts'

const directories = ['/g/own', '/g']

function quotaOf(
  version: 1 | 2,
  files: Record<string, string>,
): { cores: number | undefined; malformed: string[] } {
  const malformed: string[] = []
  const path = { version, directories, isOwnGroupVisible: true }
  const cores = cpuQuota(
    path,
    (file) => files[file],
    (directory) => malformed.push(directory),
  )
  return { cores, malformed }
}

test('the smallest quota binds, of the own group or of an ancestor', () => {
  const small = '25000 100000\n'
  const large = '300000 200000\n'

  for (const files of [
    { '/g/own/cpu.max': small, '/g/cpu.max': large },
    { '/g/own/cpu.max': large, '/g/cpu.max': small },
  ]) {
    expect(quotaOf(2, files)).toEqual({ cores: 0.25, malformed: [] })
  }
})

test('no quota is none, in the words of either version', () => {
  const none = { cores: undefined, malformed: [] }

  expect(quotaOf(2, { '/g/own/cpu.max': 'max 100000\n' })).toEqual(none)
  expect(quotaOf(2, {})).toEqual(none)
  expect(quotaOf(1, { '/g/cpu.cfs_quota_us': '-1\n', '/g/cpu.cfs_period_us': '100000\n' })).toEqual(
    none,
  )
})

test.each(['0 100000', '5000', '5000 0', 'a b', '-5 100000', '1e999 1'])(
  'the quota %j is malformed, and the others still bind',
  (text) => {
    const files = { '/g/own/cpu.max': text, '/g/cpu.max': '125000 100000\n' }

    expect(quotaOf(2, files)).toEqual({ cores: 1.25, malformed: ['/g/own'] })
  },
)

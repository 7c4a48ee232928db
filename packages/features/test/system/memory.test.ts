import { expect, test } from 'vitest'

import { cgroupMemory, parseMeminfo } from '../../src/system/memory.ts'
import { recording } from '../recorded-host.ts'

const GIB = 1024 ** 3
const directories = ['/g/own', '/g']

function memoryOf(version: 1 | 2, files: Record<string, string>): unknown {
  const path = { version, directories, isOwnGroupVisible: true }
  return cgroupMemory(path, 16 * GIB, (file) => files[file])
}

test('meminfo is read in bytes', () => {
  const { totalBytes, availableBytes } = parseMeminfo(recording('linux-smt').get('/proc/meminfo')!)

  expect(totalBytes).toBe(2_025_572 * 1024)
  expect(availableBytes).toBeLessThan(totalBytes!)
})

test('a kernel without MemAvailable tells at least what is free', () => {
  expect(parseMeminfo('MemTotal: 8 kB\nMemFree: 3 kB\n')).toEqual({
    totalBytes: 8192,
    availableBytes: 3072,
  })
  expect(parseMeminfo('MemTotal: lots\n')).toEqual({})
})

test('the least that any group leaves is left, whichever has the least limit', () => {
  const files = {
    '/g/own/memory.max': `${2 * GIB}`,
    '/g/own/memory.current': `${1.5 * GIB}`,
    '/g/memory.max': `${4 * GIB}`,
    '/g/memory.current': `${3.75 * GIB}`,
  }

  expect(memoryOf(2, files)).toEqual({ limitBytes: 2 * GIB, availableBytes: GIB / 4 })
  expect(memoryOf(2, { ...files, '/g/memory.current': `${2 * GIB}` })).toEqual({
    limitBytes: 2 * GIB,
    availableBytes: GIB / 2,
  })
})

test('the mark from which a group is throttled is a limit', () => {
  const files = { '/g/own/memory.max': 'max\n', '/g/own/memory.high': `${GIB}\n` }

  expect(memoryOf(2, files)).toEqual({ limitBytes: GIB, availableBytes: GIB })
})

test('no limit, and one above what the machine has, limit nothing', () => {
  expect(memoryOf(2, { '/g/memory.max': 'max\n' })).toBe(undefined)
  expect(memoryOf(1, { '/g/memory.limit_in_bytes': '9223372036854771712\n' })).toBe(undefined)
  expect(memoryOf(1, { '/g/memory.limit_in_bytes': `${16 * GIB}\n` })).toBe(undefined)
  expect(memoryOf(1, { '/g/memory.limit_in_bytes': 'nonsense\n' })).toBe(undefined)
})

test('more file pages than use, which are counted at another moment, are not less than no use', () => {
  const files = {
    '/g/memory.limit_in_bytes': `${GIB}`,
    '/g/memory.usage_in_bytes': '4096',
    '/g/memory.stat': 'cache 1\ntotal_inactive_file 8192\n',
  }

  expect(memoryOf(1, files)).toEqual({ limitBytes: GIB, availableBytes: GIB })
})

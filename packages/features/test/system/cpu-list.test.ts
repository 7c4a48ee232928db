import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseCpuList } from '../../src/system/cpu-list.ts'

test('ranges and single numbers are read', () => {
  expect(parseCpuList('0-3,8,10-11\n')).toEqual(new Set([0, 1, 2, 3, 8, 10, 11]))
  expect(parseCpuList('5')).toEqual(new Set([5]))
})

test('any set of processors survives being written in the kernel notation', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(300), { minLength: 1 }), (cpus) => {
      const sorted = cpus.toSorted((a, b) => a - b)
      const starts = sorted.filter((cpu) => !sorted.includes(cpu - 1))
      const ends = sorted.filter((cpu) => !sorted.includes(cpu + 1))
      const text = starts.map((start, i) =>
        start === ends[i] ? `${start}` : `${start}-${ends[i]}`,
      )

      expect(parseCpuList(text.join(','))).toEqual(new Set(sorted))
    }),
  )
})

test.each(['', '\n', 'a', '3-1', '0-', '-1', '0,,1', '1.5', '0-99999999999', '0x1'])(
  'the text %j is no list',
  (text) => {
    expect(parseCpuList(text)).toBe(undefined)
  },
)

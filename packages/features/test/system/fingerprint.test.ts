import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { fingerprintOf, fittedMemoryGib } from '../../src/system/fingerprint.ts'

const GIB = 1024 ** 3
const machine = {
  platform: 'linux',
  arch: 'x64',
  cpuModel: 'A processor',
  logicalCores: 8,
  totalMemoryBytes: 31.2 * GIB,
}

test('a little more or less memory after an update is the same machine', () => {
  const updated = { ...machine, totalMemoryBytes: 31.4 * GIB }

  expect(fingerprintOf(machine)).toMatch(/^[0-9a-f]{16}$/)
  expect(fingerprintOf(updated)).toBe(fingerprintOf(machine))
})

test('another platform, architecture, processor, number of cores or memory is another machine', () => {
  const others = [
    { ...machine, platform: 'darwin' },
    { ...machine, arch: 'arm64' },
    { ...machine, cpuModel: 'B processor' },
    { ...machine, logicalCores: 16 },
    { ...machine, totalMemoryBytes: 62.5 * GIB },
  ]

  const fingerprints = [machine, ...others].map(fingerprintOf)

  expect(new Set(fingerprints).size).toBe(others.length + 1)
})

test.each([
  [23.54, 24],
  [24, 24],
  [15.5, 16],
  [16, 16],
  [0.45, 0.5],
  [7.6, 8],
  [503, 512],
  [0, 0],
  [Number.NaN, 0],
])('%d GiB told are %d GiB fitted', (told, fitted) => {
  expect(fittedMemoryGib(told * GIB)).toBe(fitted)
})

test('what is fitted is never less than what is told, nor much more', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), (gibibytes) => {
      const fitted = fittedMemoryGib(gibibytes * GIB)

      expect(fitted).toBeGreaterThanOrEqual(gibibytes)
      expect(fitted).toBeLessThanOrEqual(gibibytes * 1.5)
    }),
  )
})

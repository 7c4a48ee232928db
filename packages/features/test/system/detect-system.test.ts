import { existsSync } from 'node:fs'
import os from 'node:os'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { detectSystem } from '../../src/system/detect-system.ts'
import { localHost } from '../../src/system/host.ts'
import { hostOf, recordedHost, recording } from '../recorded-host.ts'

const MIB = 1024 ** 2

test('two threads of one core are one physical core', () => {
  const system = detectSystem({ host: recordedHost('linux-smt') })

  expect(system).toMatchObject({ logicalCores: 8, physicalCores: 4, usableCores: 8, fallbacks: [] })
  expect(system.cpuModel).toBe('Intel Core Processor (Skylake)')
})

test('cores of two sockets are counted apart although their ids repeat', () => {
  const system = detectSystem({ host: recordedHost('linux-two-sockets') })

  expect(system).toMatchObject({ logicalCores: 8, physicalCores: 4, fallbacks: [] })
})

test('an Arm machine without core ids has its cores from the topology, its name from the part', () => {
  const system = detectSystem({ host: recordedHost('linux-arm64', { arch: 'arm64' }) })

  expect(system).toMatchObject({ logicalCores: 4, physicalCores: 4, fallbacks: [] })
  expect(system.cpuModel).toBe('arm 0x41 0xd08')
})

test.each([
  ['linux-cgroup2-quota-0.25', 0.25, 8],
  ['linux-cgroup2-quota-1.25', 1.25, 8],
  ['linux-cgroup1-quota-0.25', 0.25, 4],
  ['linux-cgroup1-quota-1.25', 1.25, 4],
])('%s keeps its fractional quota', (name, quota, affinityCores) => {
  const system = detectSystem({ host: recordedHost(name) })

  expect(system).toMatchObject({
    cpuQuota: quota,
    usableCores: quota,
    affinityCores,
    fallbacks: [],
  })
})

test.each([
  ['linux-cgroup2-quota-0.25', 512 * MIB, 43_044_864],
  ['linux-cgroup1-quota-0.25', 256 * MIB, 42_954_752],
])('%s has the memory of its limit minus its use', (name, limit, used) => {
  const system = detectSystem({ host: recordedHost(name) })

  expect(system.memoryLimitBytes).toBe(limit)
  expect(system.availableMemoryBytes).toBe(limit - used)
  expect(system.totalMemoryBytes).toBeGreaterThan(limit)
})

test('a limit of the parent binds where it is the tighter one, in either version', () => {
  const second = detectSystem({ host: recordedHost('linux-cgroup2-ancestor') })
  const first = detectSystem({ host: recordedHost('linux-cgroup1-ancestor') })

  expect([second.fallbacks, first.fallbacks]).toEqual([[], []])
  expect(second).toMatchObject({ cpuQuota: 1.5, affinityCores: 2, usableCores: 1.5 })
  expect(second.memoryLimitBytes).toBe(256 * MIB)
  expect(second.availableMemoryBytes).toBe(256 * MIB - 85_639_168)
  expect(first).toMatchObject({ cpuQuota: 1.5, memoryLimitBytes: 384 * MIB })
  expect(first.availableMemoryBytes).toBe(384 * MIB - 954_368)
})

test('file pages that the kernel would drop are not use', () => {
  const parts = recording('linux-cgroup2-quota-0.25')
  const before = detectSystem({ host: hostOf(parts) })
  const stat = parts.get('/sys/fs/cgroup/memory.stat')!
  parts.set('/sys/fs/cgroup/memory.stat', stat.replace(/^inactive_file 0$/m, 'inactive_file 4096'))

  const after = detectSystem({ host: hostOf(parts) })

  expect(after.availableMemoryBytes - before.availableMemoryBytes).toBe(4096)
})

test('a group over its limit has no memory left rather than less than none', () => {
  const parts = recording('linux-cgroup1-quota-0.25')
  parts.set('/sys/fs/cgroup/memory/memory.usage_in_bytes', `${300 * MIB}\n`)

  expect(detectSystem({ host: hostOf(parts) }).availableMemoryBytes).toBe(0)
})

test('a namespace that hides the group of the process is said, and no quota is assumed', () => {
  const system = detectSystem({ host: recordedHost('linux-cgroup2-not-visible') })

  expect(system).toMatchObject({ cpuQuota: undefined, usableCores: 8 })
  expect(system.fallbacks.join('\n')).toContain('cpuQuota: the control group')
})

test('the limits of a group that this process is not in do not bind it', () => {
  const parts = recording('linux-cgroup2-quota-0.25')
  parts.set('/proc/self/cgroup', '0::/../sibling\n')

  const system = detectSystem({ host: hostOf(parts) })

  expect(system).toMatchObject({ cpuQuota: undefined, usableCores: 8, memoryLimitBytes: undefined })
  expect(system.fallbacks.join('\n')).toContain('cpuQuota: the control group')
})

test('a malformed quota is passed over and said', () => {
  const parts = recording('linux-cgroup2-quota-0.25')
  parts.set('/sys/fs/cgroup/cpu.max', 'banana 100000\n')

  const system = detectSystem({ host: hostOf(parts) })

  expect(system.usableCores).toBe(8)
  expect(system.fallbacks).toEqual(['cpuQuota: malformed in /sys/fs/cgroup, passed over'])
})

test('without the topology the cores come from cpuinfo, then from lscpu, then from nowhere', () => {
  const withoutTopology = new Map(
    [...recording('linux-two-sockets')].filter(([path]) => !path.startsWith('/sys/devices')),
  )
  const fact = { cpus: () => recordedCpus(8) }
  const fromCpuinfo = detectSystem({ host: hostOf(withoutTopology, fact) })
  withoutTopology.delete('/proc/cpuinfo')
  const fromLscpu = detectSystem({ host: hostOf(withoutTopology, fact) })
  withoutTopology.delete('lscpu -p=CPU,CORE,SOCKET')
  const fromNowhere = detectSystem({ host: hostOf(withoutTopology, fact) })

  expect(fromCpuinfo.physicalCores).toBe(4)
  expect(fromLscpu.physicalCores).toBe(4)
  expect(fromNowhere.physicalCores).toBe(8)
  expect(fromNowhere.fallbacks).toContain('physicalCores: not told, the logical cores instead')
})

test('macOS tells its cores by sysctl, and counts inactive pages as available', () => {
  const host = recordedHost('macos', {
    platform: 'darwin',
    arch: 'arm64',
    cpus: () => recordedCpus(10),
    availableParallelism: () => 10,
    totalMemoryBytes: () => 32 * 1024 * MIB,
    freeMemoryBytes: () => 35_210 * 16_384,
  })

  const system = detectSystem({ host })

  expect(system).toMatchObject({ physicalCores: 10, usableCores: 10, fallbacks: [] })
  expect(system.availableMemoryBytes).toBe((35_210 + 702_981 + 19_433) * 16_384)
})

test.each([
  ['windows-wmic', 24, 48],
  ['windows-powershell', 8, 16],
])('%s tells the cores of every socket', (name, physicalCores, logicalCores) => {
  const host = recordedHost(name, {
    platform: 'win32',
    cpus: () => recordedCpus(logicalCores),
    availableParallelism: () => logicalCores,
    totalMemoryBytes: () => 8 * 1024 * MIB,
    freeMemoryBytes: () => 3 * 1024 * MIB,
  })

  const system = detectSystem({ host })

  expect(system).toMatchObject({ physicalCores, logicalCores, fallbacks: [] })
  expect(system.availableMemoryBytes).toBe(3 * 1024 * MIB)
})

test('a process pinned to processors that are not online counts the online ones only', () => {
  const parts = recording('linux-smt')
  const status = parts.get('/proc/self/status')!
  parts.set('/proc/self/status', status.replace(/^(Cpus_allowed_list:\t).*$/m, '$16-127'))

  expect(detectSystem({ host: hostOf(parts) }).affinityCores).toBe(2)
})

test('what can change is read afresh, what cannot is read once', () => {
  const parts = recording('linux-cgroup2-quota-0.25')
  const reads: string[] = []
  const readFile = (path: string): string | undefined => {
    reads.push(path)
    return parts.get(path)
  }
  const host = hostOf(parts, { readFile })
  detectSystem({ host })
  reads.length = 0
  parts.set('/sys/fs/cgroup/cpu.max', '300000 100000\n')

  const system = detectSystem({ host })

  expect(system.usableCores).toBe(3)
  expect(reads.filter((path) => /cpuinfo|topology|mountinfo/.test(path))).toEqual([])
  expect(new Set(reads).size).toBe(reads.length)
})

test('a process that is moved to another group has the quota of that group', () => {
  const parts = recording('linux-cgroup1-ancestor')
  const host = hostOf(parts)
  const before = detectSystem({ host })
  parts.set('/proc/self/cgroup', '2:memory:/\n1:cpu,cpuacct:/\n')

  const after = detectSystem({ host })

  expect([before.cpuQuota, after.cpuQuota]).toEqual([1.5, undefined])
})

test('a reading is given again while it is young enough', () => {
  let nowMs = 0
  const host = recordedHost('linux-smt', { nowMs: () => nowMs })
  const first = detectSystem({ host })

  nowMs = 99
  expect(detectSystem({ host, maxAgeMs: 100 })).toBe(first)
  expect(detectSystem({ host })).not.toBe(first)
  nowMs = 300
  expect(detectSystem({ host, maxAgeMs: 100 })).not.toBe(first)
  expect(Object.isFrozen(first)).toBe(true)
})

test('an age that is none is refused', () => {
  for (const maxAgeMs of [-1, Number.NaN]) {
    expect(() => detectSystem({ maxAgeMs })).toThrow('Expected `maxAgeMs`')
  }
})

test('the commands of this system answer by name, others are absent', () => {
  expect(localHost.run('amorsize-no-such-command', [])).toBe(undefined)
  if (process.platform === 'linux' && existsSync('/usr/bin/lscpu')) {
    expect(localHost.run('lscpu', ['-p=CPU,CORE,SOCKET'])).toContain('0,0,')
  }
})

test('a host that tells nothing gets one core and every fallback named', () => {
  const system = detectSystem({ host: hostOf(new Map()) })

  expect(system).toMatchObject({ logicalCores: 1, physicalCores: 1, usableCores: 1 })
  expect(system.cpuModel).toBe('unknown')
  for (const fact of ['logicalCores', 'physicalCores', 'affinityCores', 'availableMemoryBytes']) {
    expect(system.fallbacks.some((fallback) => fallback.startsWith(fact))).toBe(true)
  }
})

const LINUX_RECORDINGS = [
  'linux-smt',
  'linux-two-sockets',
  'linux-arm64',
  'linux-cgroup2-ancestor',
  'linux-cgroup2-not-visible',
  'linux-cgroup1-ancestor',
  'linux-cgroup1-quota-1.25',
]

test('a damaged file never makes it throw, nor say what cannot be', () => {
  const damage = fc.record({
    name: fc.constantFrom(...LINUX_RECORDINGS),
    file: fc.nat(),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    inserted: fc.oneof(
      fc.string(),
      fc.constantFrom('', '\0', '-1', '9'.repeat(30), 'max max', '0-', ','),
    ),
    isTruncated: fc.boolean(),
  })
  fc.assert(
    fc.property(damage, ({ name, file, at, inserted, isTruncated }) => {
      const parts = recording(name)
      const path = [...parts.keys()][file % parts.size]!
      const text = parts.get(path)!
      const cut = Math.floor(at * text.length)
      parts.set(path, text.slice(0, cut) + inserted + (isTruncated ? '' : text.slice(cut)))

      const system = detectSystem({ host: hostOf(parts) })

      expect(system.logicalCores).toBeGreaterThanOrEqual(system.physicalCores)
      expect(system.physicalCores).toBeGreaterThanOrEqual(1)
      expect(system.usableCores).toBeGreaterThan(0)
      expect(system.usableCores).toBeLessThanOrEqual(system.affinityCores)
      expect(system.affinityCores).toBeLessThanOrEqual(system.logicalCores)
      expect(system.availableMemoryBytes).toBeGreaterThanOrEqual(0)
      expect(system.availableMemoryBytes).toBeLessThanOrEqual(system.totalMemoryBytes)
      expect(system.fingerprint).toMatch(/^[0-9a-f]{16}$/)
    }),
    { numRuns: 500 },
  )
})

test('this machine is read in agreement with what Node says of it', () => {
  const system = detectSystem()

  expect(system.platform).toBe(process.platform)
  expect(system.runtime).toEqual({ name: 'node', version: process.versions.node })
  expect(system.logicalCores).toBe(os.cpus().length)
  expect(system.usableCores).toBeLessThanOrEqual(system.logicalCores)
  expect(Math.abs(system.totalMemoryBytes - os.totalmem())).toBeLessThan(MIB)
  expect(system.fingerprint).toBe(detectSystem({ host: { ...localHost } }).fingerprint)
})

function recordedCpus(count: number): ReturnType<typeof localHost.cpus> {
  const times = { user: 1, nice: 0, sys: 1, idle: 2, irq: 0 }
  return Array.from({ length: count }, () => ({ model: 'A processor', times }))
}

import { readFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cpuSnapshot, foreignCpuShare, takenCoreShare } from '../../src/system/cpu-load.ts'
import { hostOf, recordedHost, recording } from '../recorded-host.ts'

const idle = { capacityMs: 1000, busyMs: 100, ownMs: 50, stepMs: 20 }

test('the share is what ran and was not ours, over all processors', () => {
  const after = { ...idle, capacityMs: 3000, busyMs: 1300, ownMs: 450 }

  expect(foreignCpuShare(idle, after)).toBe((1200 - 400) / 2000)
})

test('the use of child processes is ours if it is given', () => {
  const after = { ...idle, capacityMs: 3000, busyMs: 1300, ownMs: 450 }

  expect(foreignCpuShare(idle, after, { childrenCpuMs: 800 })).toBe(0)
})

test('no share is known while the counters stand still', () => {
  expect(foreignCpuShare(idle, idle)).toBe(undefined)
})

test('no share is known from fewer than four steps of each processor', () => {
  const oneTickMore = { capacityMs: idle.capacityMs + 70, busyMs: idle.busyMs + 40, ownMs: 70 }

  expect(foreignCpuShare(idle, { ...idle, ...oneTickMore })).toBe(undefined)
  expect(foreignCpuShare(idle, { ...idle, ...oneTickMore, capacityMs: 1080 })).toBe(20 / 80)
})

test('counters that are no numbers are refused by name', () => {
  const broken = { ...idle, busyMs: Number.NaN }

  expect(() => foreignCpuShare(idle, broken)).toThrow('Expected `after.busyMs`')
  // @ts-expect-error: what JavaScript callers may pass
  expect(() => foreignCpuShare(undefined, idle)).toThrow('Expected `before.capacityMs`')
  for (const childrenCpuMs of [-1, Number.NaN, Infinity]) {
    expect(() => foreignCpuShare(idle, idle, { childrenCpuMs })).toThrow('`childrenCpuMs`')
  }
})

test('the share stays within [0, 1] although the counters are coarse', () => {
  const counter = fc.nat()
  const snapshot = fc.record({
    capacityMs: counter,
    busyMs: counter,
    ownMs: counter,
    stepMs: fc.nat(1280),
  })
  fc.assert(
    fc.property(snapshot, snapshot, (before, after) => {
      const share = foreignCpuShare(before, after)

      const capacityMs = after.capacityMs - before.capacityMs
      if (capacityMs <= 0 || capacityMs < 4 * after.stepMs) expect(share).toBe(undefined)
      else expect(share).toSatisfy((value: number) => value >= 0 && value <= 1)
    }),
  )
})

test('Linux is read from its first line, time taken by the host of a guest included', () => {
  const parts = new Map([
    ['/proc/stat', 'cpu  10 20 30 400 50 6 7 8 10 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n'],
  ])

  const snapshot = cpuSnapshot(hostOf(parts, { ownCpuMs: () => 12.5 }))

  expect(snapshot).toEqual({ busyMs: 810, capacityMs: 5310, ownMs: 12.5, stepMs: 10 })
})

test.each(['linux-smt', 'linux-two-sockets', 'linux-arm64'])(
  '%s has been busy and idle',
  (name) => {
    const { busyMs, capacityMs } = cpuSnapshot(recordedHost(name))

    expect(recording(name).has('/proc/stat')).toBe(true)
    expect(busyMs).toBeGreaterThan(0)
    expect(capacityMs).toBeGreaterThan(busyMs)
  },
)

test('other systems are read from the times of their processors', () => {
  const times = { user: 100, nice: 10, sys: 50, idle: 800, irq: 5 }
  const cpus = (): { model: string; times: typeof times }[] => [
    { model: 'x', times },
    { model: 'x', times },
  ]

  const snapshot = cpuSnapshot(hostOf(new Map([['/proc/stat', 'nonsense']]), { cpus }))

  expect(snapshot).toEqual({ busyMs: 330, capacityMs: 1930, ownMs: 0, stepMs: 20 })
})

test('on this machine the counters go forward, and our own work is counted as ours', () => {
  const before = cpuSnapshot()
  let after = before
  // Until the kernel has counted at least two ticks on each processor; work, not a wait.
  while (after.capacityMs - before.capacityMs < 100) {
    readFileSync(new URL(import.meta.url))
    after = cpuSnapshot()
  }

  expect(after.ownMs).toBeGreaterThan(before.ownMs)
  expect(after.busyMs).toBeGreaterThanOrEqual(before.busyMs)
  expect(foreignCpuShare(before, after)).toBeLessThanOrEqual(1)
})

test('of a large machine others may use what the process may not', () => {
  expect(takenCoreShare(0.3, { logicalCores: 64, usableCores: 2 })).toBe(0)
  expect(takenCoreShare(0.5, { logicalCores: 4, usableCores: 4 })).toBe(0.5)
  expect(takenCoreShare(1, { logicalCores: 64, usableCores: 0.5 })).toBe(1)
  expect(() => takenCoreShare(2, { logicalCores: 2, usableCores: 2 })).toThrow(/from 0 to 1, got/)
})

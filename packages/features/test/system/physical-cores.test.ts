import { expect, test } from 'vitest'

import {
  coresFromCpuinfo,
  coresFromLscpu,
  coresFromSiblings,
  coresFromSysctl,
  coresFromWindows,
} from '../../src/system/physical-cores.ts'
import { recording } from '../recorded-host.ts'

const LSCPU = 'lscpu -p=CPU,CORE,SOCKET'

test.each(['linux-smt', 'linux-two-sockets'])('every source of %s says the same', (name) => {
  const parts = recording(name)
  const siblingsOf = (cpu: number): string | undefined =>
    parts.get(`/sys/devices/system/cpu/cpu${cpu}/topology/core_cpus_list`)

  expect(coresFromSiblings(new Set([0, 1, 2, 3, 4, 5, 6, 7]), siblingsOf)).toBe(4)
  expect(coresFromCpuinfo(parts.get('/proc/cpuinfo')!)).toBe(4)
  expect(coresFromLscpu(parts.get(LSCPU)!)).toBe(4)
})

test('a core of which one thread is offline is still a core', () => {
  const siblings = new Map([
    [0, '0-1'],
    [2, '2-3'],
    [3, '2-3'],
  ])

  expect(coresFromSiblings(new Set([0, 2, 3]), (cpu) => siblings.get(cpu))).toBe(2)
})

test('a topology that misses a processor, or leaves it out of its own core, says nothing', () => {
  expect(coresFromSiblings(new Set([0, 1]), (cpu) => (cpu === 0 ? '0' : undefined))).toBe(undefined)
  expect(coresFromSiblings(new Set([0, 1]), () => '0')).toBe(undefined)
  expect(coresFromSiblings(new Set(), () => '0')).toBe(undefined)
})

test('cpuinfo without core ids says nothing', () => {
  expect(coresFromCpuinfo(recording('linux-arm64').get('/proc/cpuinfo')!)).toBe(undefined)
  expect(coresFromCpuinfo('')).toBe(undefined)
  expect(coresFromCpuinfo('processor\t: 0\ncore id\t\t: x\n')).toBe(undefined)
})

test('lscpu may number the cores of each socket anew', () => {
  expect(coresFromLscpu('0,0,0\n1,1,0\n2,0,1\n3,1,1\n')).toBe(4)
})

test('lscpu without a socket counts cores, and a malformed line spoils it', () => {
  expect(coresFromLscpu('# CPU,Core,Socket\n0,0,\n1,1,\n')).toBe(2)
  expect(coresFromLscpu('0,0,0\n1,-,0\n')).toBe(undefined)
  expect(coresFromLscpu('# nothing\n')).toBe(undefined)
})

test('sysctl and Windows say a number or nothing', () => {
  expect(coresFromSysctl('10\n')).toBe(10)
  for (const text of ['', '0', 'unknown oid']) expect(coresFromSysctl(text)).toBe(undefined)
  expect(coresFromWindows('NumberOfCores=0\r\r\n')).toBe(undefined)
  expect(coresFromWindows('Node - HOST\r\nERROR:\r\n')).toBe(undefined)
})

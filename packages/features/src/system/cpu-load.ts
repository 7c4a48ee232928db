/** How much of the machine's CPU time other processes take over an interval. */
import { InvalidArgumentError } from '../errors.ts'
import { type Host, localHost } from './host.ts'
import type { SystemProfile } from './system-profile.ts'

/** `/proc/stat` counts in ticks of this length (USER_HZ is 100 on every common architecture). */
const TICK_MS = 10

/**
 * Between two snapshots each processor's counter may be a tick ahead or behind: after as many ticks a
 * machine at rest seems to be no more than a quarter in other hands.
 */
const FEWEST_TICKS = 4

const COUNTERS = ['capacityMs', 'busyMs', 'ownMs', 'stepMs'] as const

/** CPU time counters at one moment; only differences of two snapshots mean anything. @public */
export interface CpuSnapshot {
  /** CPU time the machine has had since boot, over all processors, milliseconds. */
  readonly capacityMs: number
  /** The part of it in which something ran, milliseconds; on a guest, time the host took too. */
  readonly busyMs: number
  /** The part of it that this process used, milliseconds. */
  readonly ownMs: number
  /** By how much the machine's counters advance at a time, over all processors, milliseconds. */
  readonly stepMs: number
}

/**
 * Reads the CPU time counters of the machine and of this process.
 *
 * @param host - The machine to read; the local one by default.
 * @returns Counters for {@link foreignCpuShare}.
 * @public
 */
export function cpuSnapshot(host: Host = localHost): CpuSnapshot {
  const machine = fromProcStat(host.readFile('/proc/stat') ?? '') ?? fromCpus(host)
  return { ...machine, ownMs: host.ownCpuMs() }
}

/**
 * Share of the machine's CPU capacity that other processes used between two snapshots.
 *
 * @remarks
 * The counters advance in steps of about 10 ms a processor: an interval of 100 ms is known to
 * within about a tenth, one of less than 40 ms not at all. Child processes count as foreign unless
 * their own use is given.
 * @param before - The earlier snapshot.
 * @param after - The later one.
 * @param options - `childrenCpuMs`: CPU time that child processes of this one used in between,
 * milliseconds, 0 by default.
 * @returns A number in [0, 1]; `undefined` if too few steps lie in between to tell.
 * @throws `InvalidArgumentError` with `AMORSIZE_FEATURES_INVALID_ARGUMENT` if a counter is not a
 * finite number, or `childrenCpuMs` is negative.
 * @public
 */
export function foreignCpuShare(
  before: CpuSnapshot,
  after: CpuSnapshot,
  options: { readonly childrenCpuMs?: number } = {},
): number | undefined {
  const { childrenCpuMs = 0 } = options
  assertSnapshot('before', before)
  assertSnapshot('after', after)
  if (!(Number.isFinite(childrenCpuMs) && childrenCpuMs >= 0)) {
    const remedy = 'Give the CPU time of child processes in milliseconds, or leave it out.'
    throw new InvalidArgumentError('childrenCpuMs', 'a number, 0 or more', childrenCpuMs, remedy)
  }
  const capacityMs = after.capacityMs - before.capacityMs
  if (capacityMs <= 0 || capacityMs < FEWEST_TICKS * after.stepMs) return undefined
  const ownMs = after.ownMs - before.ownMs + childrenCpuMs
  const foreignMs = after.busyMs - before.busyMs - ownMs
  return Math.min(1, Math.max(0, foreignMs / capacityMs))
}

/**
 * Share of the cores that this process may use which others took from it. Of a large machine a process
 * may use few, and others the rest: only what is not left over counts.
 *
 * @param foreignShare - Share of the whole machine that others used, 0..1.
 * @param system - The cores of the machine, and those that the process may use, above 0.
 * @returns 0..1.
 * @public
 */
export function takenCoreShare(
  foreignShare: number,
  { logicalCores, usableCores }: Pick<SystemProfile, 'logicalCores' | 'usableCores'>,
): number {
  if (!(foreignShare >= 0 && foreignShare <= 1)) {
    const remedy = 'Give what foreignCpuShare() returns.'
    throw new InvalidArgumentError('foreignShare', 'a number from 0 to 1', foreignShare, remedy)
  }
  return Math.min(1, Math.max(0, 1 - ((1 - foreignShare) * logicalCores) / usableCores))
}

function assertSnapshot(argument: string, snapshot: CpuSnapshot): void {
  for (const counter of COUNTERS) {
    const value: unknown = snapshot?.[counter]
    if (Number.isFinite(value)) continue
    const remedy = 'Take both snapshots with `cpuSnapshot`.'
    throw new InvalidArgumentError(`${argument}.${counter}`, 'a finite number', value, remedy)
  }
}

/**
 * The first line of `/proc/stat`: `cpu user nice system idle iowait irq softirq steal guest …`.
 * Time of guests is within `user` and `nice` already.
 */
function fromProcStat(text: string): Omit<CpuSnapshot, 'ownMs'> | undefined {
  const line = /^cpu +(\d+(?: \d+){3,})/m.exec(text)?.[1]
  if (line === undefined) return undefined
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    line.split(' ').map(Number)
  const busyMs = (user + nice + system + irq + softirq + steal) * TICK_MS
  const processors = text.match(/^cpu\d/gm)?.length ?? 1
  return {
    busyMs,
    capacityMs: busyMs + (idle + iowait) * TICK_MS,
    stepMs: processors * TICK_MS,
  }
}

function fromCpus(host: Host): Omit<CpuSnapshot, 'ownMs'> {
  let busyMs = 0
  let idleMs = 0
  const cpus = host.cpus()
  for (const { times } of cpus) {
    busyMs += times.user + times.nice + times.sys + times.irq
    idleMs += times.idle
  }
  return { busyMs, capacityMs: busyMs + idleMs, stepMs: cpus.length * TICK_MS }
}

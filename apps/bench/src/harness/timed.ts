/** One measurement: how long, and how much of the machine others had meanwhile. */
import { cpuSnapshot, foreignCpuShare } from '@amorsize/features/system'

/** A duration and what the machine was doing. */
export interface Measurement {
  readonly timeMs: number
  /** Share of the machine that other processes used; the kernel counts in steps of 10 ms. */
  readonly foreignCpuShare: number
  /** CPU time of all threads of this process: what others do meanwhile hardly shows in it. */
  readonly ownCpuMs: number
}

/** Runs the work and times it. */
export async function timed<T>(work: () => T): Promise<Measurement & { value: Awaited<T> }> {
  const before = cpuSnapshot()
  const startMs = performance.now()
  const value = await work()
  const timeMs = performance.now() - startMs
  const after = cpuSnapshot()
  const ownCpuMs = after.ownMs - before.ownMs
  return { timeMs, foreignCpuShare: foreignCpuShare(before, after) ?? 0, ownCpuMs, value }
}

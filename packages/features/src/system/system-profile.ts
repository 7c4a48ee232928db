/** What is told of the machine, and of the share of it that this process may use. */
import type { Runtime } from './host.ts'

/** The machine, and the share of it that this process may use. @public */
export interface SystemProfile {
  /** Operating system, as `process.platform`. */
  readonly platform: string
  /** Architecture, as `process.arch`. */
  readonly arch: string
  /** Name of the processor; `unknown` where the system gives none. */
  readonly cpuModel: string
  /** What executes the program. */
  readonly runtime: Runtime
  /** Online logical processors of the machine, an integer from 1. */
  readonly logicalCores: number
  /** Cores of the machine, simultaneous threads of one core counted once, an integer from 1. */
  readonly physicalCores: number
  /** Processors that this process may be scheduled on, an integer from 1. */
  readonly affinityCores: number
  /** CPU time that control groups grant, in cores, not rounded; `undefined` where there is no quota. */
  readonly cpuQuota: number | undefined
  /** The smaller of `affinityCores` and `cpuQuota`, greater than 0: 0.25 is a quarter of a core. */
  readonly usableCores: number
  /** Memory of the machine, bytes. */
  readonly totalMemoryBytes: number
  /** The smallest memory limit of the control groups, bytes; `undefined` where there is none. */
  readonly memoryLimitBytes: number | undefined
  /** Memory that could still be taken, under the machine and every control group, bytes. */
  readonly availableMemoryBytes: number
  /** Runnable processes of the machine, averaged over the last minute; 0 on Windows. */
  readonly loadAverage: number
  /** Sixteen hexadecimal digits, the same in every run on this machine. */
  readonly fingerprint: string
  /** What the system did not tell, and what stands in its place; empty as a rule. */
  readonly fallbacks: readonly string[]
}

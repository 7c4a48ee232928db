/**
 * What the machine offers this process now. What cannot change while a process lives is read once
 * for each host, the rest at each call; what a strange host does not tell is replaced by the next
 * best source and named in `fallbacks`.
 */
import { cgroupPath } from './cgroup.ts'
import { parseCpuList } from './cpu-list.ts'
import { cpuQuota } from './cpu-quota.ts'
import { fingerprintOf } from './fingerprint.ts'
import { type Host, type Runtime, localHost } from './host.ts'
import { type Machine, machineOf } from './machine.ts'
import { cgroupMemory, parseMeminfo } from './memory.ts'
import { availableFromVmStat } from './vm-stat.ts'

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

/** Options of {@link detectSystem}. @public */
export interface DetectSystemOptions {
  /** The machine to read. Defaults to the local one. */
  readonly host?: Host
}

/**
 * Reads the machine and the share of it that this process may use.
 *
 * @remarks
 * Never throws because of the machine. Linux is read from files. On macOS `sysctl` (once) and
 * `vm_stat` (each time) are run, on Windows `wmic` or PowerShell (once, up to a second): who must
 * not start a process passes `{ host: { ...localHost, run: () => undefined } }`, and keeps it,
 * because what is read once is kept for each host object.
 * @param options - The host to read.
 * @returns The machine now. CPU quota, affinity, memory and load are read afresh at each call.
 * @public
 */
export function detectSystem(options: DetectSystemOptions = {}): SystemProfile {
  const host = options.host ?? localHost
  const machine = machineOf(host)
  const cpu = readCpuSupply(host, machine)
  const memory = readMemorySupply(host, machine)
  const { cpuModel, logicalCores, physicalCores, totalMemoryBytes } = machine
  const { platform, arch, runtime } = host
  return {
    platform,
    arch,
    cpuModel,
    runtime,
    logicalCores,
    physicalCores,
    ...cpu,
    totalMemoryBytes,
    ...memory,
    loadAverage: host.loadAverage(),
    fingerprint: fingerprintOf({ platform, arch, cpuModel, logicalCores, totalMemoryBytes }),
    fallbacks: machine.fallbacks,
  }
}

type CpuSupply = Pick<SystemProfile, 'affinityCores' | 'cpuQuota' | 'usableCores'>

function readCpuSupply(host: Host, machine: Machine): CpuSupply {
  const affinityCores = countAffinity(host, machine)
  const groups = groupsOf('cpu', host, machine)
  const quota = groups && cpuQuota(groups, (path) => host.readFile(path))
  return { affinityCores, cpuQuota: quota, usableCores: Math.min(affinityCores, quota ?? Infinity) }
}

/** A process may be allowed on processors that are offline or do not exist yet. */
function countAffinity(host: Host, { onlineCpus, logicalCores }: Machine): number {
  const status = host.platform === 'linux' ? host.readFile('/proc/self/status') : undefined
  const list = /^Cpus_allowed_list:\s*(\S+)\s*$/m.exec(status ?? '')?.[1]
  const allowed = parseCpuList(list ?? '')
  if (allowed === undefined || onlineCpus === undefined) {
    return Math.max(1, Math.min(host.availableParallelism(), logicalCores))
  }
  const usable = [...allowed].filter((cpu) => onlineCpus.has(cpu))
  return Math.max(1, usable.length)
}

type MemorySupply = Pick<SystemProfile, 'memoryLimitBytes' | 'availableMemoryBytes'>

function readMemorySupply(host: Host, machine: Machine): MemorySupply {
  const { totalMemoryBytes } = machine
  const groups = groupsOf('memory', host, machine)
  const limited = groups && cgroupMemory(groups, totalMemoryBytes, (path) => host.readFile(path))
  const free = freeMemoryBytes(host)
  return {
    memoryLimitBytes: limited?.limitBytes,
    availableMemoryBytes: Math.min(free, limited?.availableBytes ?? free),
  }
}

function freeMemoryBytes(host: Host): number {
  const told =
    host.platform === 'linux'
      ? parseMeminfo(host.readFile('/proc/meminfo') ?? '').availableBytes
      : host.platform === 'darwin'
        ? availableFromVmStat(host.run('vm_stat', []) ?? '')
        : undefined
  return told ?? host.freeMemoryBytes()
}

function groupsOf(
  controller: 'cpu' | 'memory',
  host: Host,
  { mountinfo }: Machine,
): ReturnType<typeof cgroupPath> {
  if (host.platform !== 'linux') return undefined
  return cgroupPath(controller, host.readFile('/proc/self/cgroup') ?? '', mountinfo)
}

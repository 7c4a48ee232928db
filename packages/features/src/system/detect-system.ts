/**
 * What the machine offers this process now. What cannot change while a process lives is read once
 * for each host, the rest at each call; what a strange host does not tell is replaced by the next
 * best source and named in `fallbacks`.
 */
import { type CgroupPath, cgroupPath } from './cgroup.ts'
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
  const fallbacks = [...machine.fallbacks]
  const groups = groupsOf(host, machine)
  const cpu = readCpuSupply(host, machine, groups.cpu, fallbacks)
  const memory = readMemorySupply(host, machine, groups.memory, fallbacks)
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
    fallbacks,
  }
}

function groupsOf(
  { platform, readFile }: Host,
  { mountinfo }: Machine,
): Record<'cpu' | 'memory', CgroupPath | undefined> {
  const membership = platform === 'linux' ? (readFile('/proc/self/cgroup') ?? '') : ''
  return {
    cpu: cgroupPath('cpu', membership, mountinfo),
    memory: cgroupPath('memory', membership, mountinfo),
  }
}

type CpuSupply = Pick<SystemProfile, 'affinityCores' | 'cpuQuota' | 'usableCores'>

function readCpuSupply(
  host: Host,
  machine: Machine,
  groups: CgroupPath | undefined,
  fallbacks: string[],
): CpuSupply {
  const affinityCores = countAffinity(host, machine, fallbacks)
  const quota =
    groups &&
    cpuQuota(groups, host.readFile, (directory) => {
      fallbacks.push(`cpuQuota: malformed in ${directory}, passed over`)
    })
  if (groups?.isOwnGroupVisible === false) {
    fallbacks.push('cpuQuota: the control group of this process is not visible, none assumed')
  }
  return { affinityCores, cpuQuota: quota, usableCores: Math.min(affinityCores, quota ?? Infinity) }
}

/** A process may be allowed on processors that are offline or do not exist yet. */
function countAffinity(host: Host, machine: Machine, fallbacks: string[]): number {
  const { onlineCpus, logicalCores } = machine
  const status = host.platform === 'linux' ? (host.readFile('/proc/self/status') ?? '') : ''
  const list = /^Cpus_allowed_list:\s*(\S+)\s*$/m.exec(status)?.[1]
  const allowed = parseCpuList(list ?? '')
  if (allowed !== undefined && onlineCpus !== undefined) {
    return Math.max(1, [...allowed].filter((cpu) => onlineCpus.has(cpu)).length)
  }
  if (host.platform === 'linux') {
    fallbacks.push('affinityCores: not told, the available parallelism instead')
  }
  return Math.max(1, Math.min(host.availableParallelism(), logicalCores))
}

type MemorySupply = Pick<SystemProfile, 'memoryLimitBytes' | 'availableMemoryBytes'>

function readMemorySupply(
  host: Host,
  machine: Machine,
  groups: CgroupPath | undefined,
  fallbacks: string[],
): MemorySupply {
  const { totalMemoryBytes } = machine
  const limited = groups && cgroupMemory(groups, totalMemoryBytes, host.readFile)
  if (groups?.isOwnGroupVisible === false) {
    fallbacks.push('memoryLimitBytes: the control group of this process is not visible')
  }
  const free = Math.min(totalMemoryBytes, freeMemoryBytes(host, fallbacks))
  return {
    memoryLimitBytes: limited?.limitBytes,
    availableMemoryBytes: Math.min(free, limited?.availableBytes ?? free),
  }
}

function freeMemoryBytes(host: Host, fallbacks: string[]): number {
  const told = toldFreeMemoryBytes(host)
  if (told === undefined && host.platform !== 'win32') {
    fallbacks.push('availableMemoryBytes: not told, the free memory instead')
  }
  return told ?? host.freeMemoryBytes()
}

function toldFreeMemoryBytes({ platform, readFile, run }: Host): number | undefined {
  if (platform === 'linux') return parseMeminfo(readFile('/proc/meminfo') ?? '').availableBytes
  if (platform === 'darwin') return availableFromVmStat(run('vm_stat', []) ?? '')
  return undefined
}

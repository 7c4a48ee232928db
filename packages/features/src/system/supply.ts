/** The share of a machine that this process may use now: affinity, control groups, free memory. */
import { type CgroupPath, cgroupPath } from './cgroup.ts'
import { parseCpuList } from './cpu-list.ts'
import { cpuQuota } from './cpu-quota.ts'
import type { Host } from './host.ts'
import type { Machine } from './machine.ts'
import { cgroupMemory, parseMeminfo } from './memory.ts'
import type { SystemProfile } from './system-profile.ts'
import { availableFromVmStat } from './vm-stat.ts'

type CpuSupply = Pick<SystemProfile, 'affinityCores' | 'cpuQuota' | 'usableCores'>
type MemorySupply = Pick<SystemProfile, 'memoryLimitBytes' | 'availableMemoryBytes'>
type Groups = Readonly<Record<'cpu' | 'memory', CgroupPath | undefined>>

/**
 * Reads the share of a machine that this process may use now.
 *
 * @param fallbacks - Told what could not be read, and what stands in its place.
 */
export function readSupply(
  host: Host,
  machine: Machine,
  fallbacks: string[],
): CpuSupply & MemorySupply {
  const groups = groupsOf(host, machine)
  return {
    ...readCpuSupply(host, machine, groups.cpu, fallbacks),
    ...readMemorySupply(host, machine, groups.memory, fallbacks),
  }
}

/** A process is seldom moved to other groups: the paths are worked out again only if it was. */
const lastGroups = new WeakMap<Machine, { readonly membership: string; readonly groups: Groups }>()

/** The control groups that bind this process. */
export function groupsOf({ platform, readFile }: Host, machine: Machine): Groups {
  const membership = platform === 'linux' ? (readFile('/proc/self/cgroup') ?? '') : ''
  const last = lastGroups.get(machine)
  if (last?.membership === membership) return last.groups
  const groups = {
    cpu: cgroupPath('cpu', membership, machine.mountinfo),
    memory: cgroupPath('memory', membership, machine.mountinfo),
  }
  lastGroups.set(machine, { membership, groups })
  return groups
}

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

/** What does not change while a process lives: read once for each host, at the first question. */
import { parseCpuList } from './cpu-list.ts'
import { cpuModelFromCpuinfo } from './cpu-model.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Host } from './host.ts'
import { parseMeminfo } from './memory.ts'
import {
  coresFromCpuinfo,
  coresFromLscpu,
  coresFromSiblings,
  coresFromSysctl,
  coresFromWindows,
} from './physical-cores.ts'

/** The machine itself, whatever share of it this process has. */
export interface Machine {
  readonly cpuModel: string
  readonly onlineCpus: ReadonlySet<number> | undefined
  readonly logicalCores: number
  readonly physicalCores: number
  readonly totalMemoryBytes: number
  readonly mountinfo: string
  readonly fingerprint: string
  /** What could not be read, and what stands in its place. */
  readonly fallbacks: readonly string[]
}

const TOPOLOGY = '/sys/devices/system/cpu'

const known = new WeakMap<Host, Machine>()

/** The machine behind a host, read at the first call for it. */
export function machineOf(host: Host): Machine {
  const machine = known.get(host) ?? readMachine(host)
  known.set(host, machine)
  return machine
}

function readMachine(host: Host): Machine {
  const fallbacks: string[] = []
  const isLinux = host.platform === 'linux'
  const cpuinfo = isLinux ? (host.readFile('/proc/cpuinfo') ?? '') : ''
  const onlineCpus = isLinux ? parseCpuList(host.readFile(`${TOPOLOGY}/online`) ?? '') : undefined
  const logicalCores = onlineCpus?.size ?? countLogicalCores(host, fallbacks)
  const cores = isLinux ? linuxPhysicalCores(host, cpuinfo, onlineCpus) : commandPhysicalCores(host)
  if (cores === undefined) fallbacks.push('physicalCores: not told, the logical cores instead')
  const total = isLinux ? parseMeminfo(host.readFile('/proc/meminfo') ?? '').totalBytes : undefined
  const totalMemoryBytes = total ?? host.totalMemoryBytes()
  const cpuModel = (cpuModelFromCpuinfo(cpuinfo) ?? host.cpus()[0]?.model.trim()) || 'unknown'
  const { platform, arch } = host
  return {
    cpuModel,
    onlineCpus,
    logicalCores,
    physicalCores: Math.min(cores ?? logicalCores, logicalCores),
    totalMemoryBytes,
    mountinfo: isLinux ? (host.readFile('/proc/self/mountinfo') ?? '') : '',
    fingerprint: fingerprintOf({ platform, arch, cpuModel, logicalCores, totalMemoryBytes }),
    fallbacks,
  }
}

/** `os.cpus()` is empty where /proc is not mounted or hidden. */
function countLogicalCores(host: Host, fallbacks: string[]): number {
  const count = host.cpus().length
  if (count > 0) return count
  fallbacks.push('logicalCores: not told, the available parallelism instead')
  return Math.max(1, host.availableParallelism())
}

function linuxPhysicalCores(
  host: Host,
  cpuinfo: string,
  onlineCpus: ReadonlySet<number> | undefined,
): number | undefined {
  return (
    (onlineCpus && coresFromSiblings(onlineCpus, (cpu) => siblingsOf(host, cpu))) ??
    coresFromCpuinfo(cpuinfo) ??
    coresFromLscpu(host.run('lscpu', ['-p=CPU,CORE,SOCKET']) ?? '')
  )
}

/** `core_cpus_list` is the name since Linux 5.3, `thread_siblings_list` the one before. */
function siblingsOf(host: Host, cpu: number): string | undefined {
  const topology = `${TOPOLOGY}/cpu${cpu}/topology`
  return (
    host.readFile(`${topology}/core_cpus_list`) ?? host.readFile(`${topology}/thread_siblings_list`)
  )
}

/** macOS and Windows tell it only through a command; `wmic` is the faster where it still exists. */
function commandPhysicalCores(host: Host): number | undefined {
  if (host.platform === 'darwin') {
    return coresFromSysctl(host.run('sysctl', ['-n', 'hw.physicalcpu']) ?? '')
  }
  if (host.platform !== 'win32') return undefined
  const query = 'Get-CimInstance Win32_Processor | Format-List NumberOfCores'
  return (
    coresFromWindows(host.run('wmic', ['cpu', 'get', 'NumberOfCores', '/value']) ?? '') ??
    coresFromWindows(
      host.run('powershell', ['-NoProfile', '-NonInteractive', '-Command', query]) ?? '',
    )
  )
}

/** How much memory a process could still take, under the machine and every control group. */
import type { CgroupPath } from './cgroup.ts'

type ReadFile = (path: string) => string | undefined

const BYTES_PER_KIB = 1024

/** Names of the files of one control group, which differ between the versions. */
const FILES = {
  1: {
    limits: ['memory.limit_in_bytes'],
    usage: 'memory.usage_in_bytes',
    reclaimable: 'total_inactive_file',
  },
  2: {
    // Above `memory.high` a group is throttled and reclaimed from, which no map should run into.
    limits: ['memory.max', 'memory.high'],
    usage: 'memory.current',
    reclaimable: 'inactive_file',
  },
} as const

/** What the control groups leave. */
export interface CgroupMemory {
  /** The smallest limit of a group and its ancestors, bytes. */
  readonly limitBytes: number
  /** The smallest of limit minus use, bytes, 0 or more. */
  readonly availableBytes: number
}

/** `MemTotal` and `MemAvailable` of `/proc/meminfo`, bytes. */
export function parseMeminfo(text: string): { totalBytes?: number; availableBytes?: number } {
  const bytes = (name: string): number | undefined => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB\\s*$`, 'm').exec(text)?.[1]
    return kibibytes === undefined ? undefined : Number(kibibytes) * BYTES_PER_KIB
  }
  const totalBytes = bytes('MemTotal')
  // Kernels before 3.14 have no MemAvailable: what they can free without harm is a lower bound.
  const availableBytes = bytes('MemAvailable') ?? bytes('MemFree')
  return {
    ...(totalBytes !== undefined && { totalBytes }),
    ...(availableBytes !== undefined && { availableBytes }),
  }
}

/**
 * Limit minus use of a group and its ancestors, whichever is smallest. File pages that the kernel
 * would drop first are not counted as use, as in `MemAvailable`.
 *
 * @param totalBytes - Memory of the machine: a limit above it limits nothing.
 * @returns `undefined` where no group has a limit.
 */
export function cgroupMemory(
  { version, directories }: CgroupPath,
  totalBytes: number,
  read: ReadFile,
): CgroupMemory | undefined {
  let smallest: CgroupMemory | undefined
  for (const directory of directories) {
    const limits = FILES[version].limits.map((file) => numberIn(read(`${directory}/${file}`)))
    const limit = Math.min(...limits.map((bytes) => bytes ?? Number.POSITIVE_INFINITY))
    if (limit >= totalBytes) continue
    const available = Math.max(0, limit - usedBytes(version, directory, read))
    smallest = {
      limitBytes: Math.min(limit, smallest?.limitBytes ?? limit),
      availableBytes: Math.min(available, smallest?.availableBytes ?? available),
    }
  }
  return smallest
}

function usedBytes(version: 1 | 2, directory: string, read: ReadFile): number {
  const { usage, reclaimable } = FILES[version]
  const used = numberIn(read(`${directory}/${usage}`)) ?? 0
  const stat = read(`${directory}/memory.stat`) ?? ''
  const cached = new RegExp(`^${reclaimable} (\\d+)$`, 'm').exec(stat)?.[1]
  return Math.max(0, used - Number(cached ?? 0))
}

/** A file that holds one number; `max` and anything else hold none. */
function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined
}

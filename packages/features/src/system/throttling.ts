/** How long control groups held this process back because its CPU quota was used up. */
import type { CgroupPath } from './cgroup.ts'
import { type Host, localHost } from './host.ts'
import { machineOf } from './machine.ts'
import { groupsOf } from './supply.ts'

/** The line of `cpu.stat` that counts it, and how many of its units are a millisecond. */
const COUNTERS = {
  1: { line: /^throttled_time (\d+)$/m, perMs: 1e6 },
  2: { line: /^throttled_usec (\d+)$/m, perMs: 1e3 },
} as const

/**
 * Time that threads of this process's control groups were held back, since the groups were made.
 *
 * @param host - The machine to read; the local one by default.
 * @returns Milliseconds, added up over groups and processors; `undefined` where no group tells it.
 * Only differences of two readings mean anything.
 * @public
 */
export function throttledMs(host: Host = localHost): number | undefined {
  const { cpu } = groupsOf(host, machineOf(host))
  return cpu && throttledIn(cpu, host.readFile)
}

/**
 * The sum over the groups. Each counts only what its own quota did, and an ancestor may have been
 * held back for hours before the process began: the largest count alone would hide what the others
 * add from then on.
 */
export function throttledIn(
  { version, directories }: CgroupPath,
  read: (path: string) => string | undefined,
): number | undefined {
  const { line, perMs } = COUNTERS[version]
  const counts = directories.flatMap((directory) => {
    const count = line.exec(read(`${directory}/cpu.stat`) ?? '')?.[1]
    return count === undefined ? [] : [Number(count) / perMs]
  })
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count)
}

/** The share of CPU time that control groups grant, in cores: 0.25 is a quarter of one. */
import type { CgroupPath } from './cgroup.ts'

type ReadFile = (path: string) => string | undefined

/** The files of microseconds that a group has, of each version. */
const FILES = {
  // Two files; a quota of -1 is none.
  1: ['cpu.cfs_quota_us', 'cpu.cfs_period_us'],
  // One file: `<quota> <period>`, or `max <period>`.
  2: ['cpu.max'],
} as const

/**
 * The smallest quota of a group and its ancestors.
 *
 * @param onMalformed - Told the directory of a group whose quota makes no sense and is passed over.
 * @returns Cores, greater than 0, as measured and not rounded; `undefined` where there is no quota.
 */
export function cpuQuota(
  { version, directories }: CgroupPath,
  read: ReadFile,
  onMalformed: (directory: string) => void,
): number | undefined {
  let smallest: number | undefined
  for (const directory of directories) {
    const text = FILES[version].map((file) => read(`${directory}/${file}`) ?? '').join(' ')
    const [quota, period] = text.trim().split(/\s+/)
    if (quota === '' || quota === 'max' || quota === '-1') continue
    const cores = Number(quota) / Number(period)
    if (Number.isFinite(cores) && cores > 0) smallest = Math.min(cores, smallest ?? cores)
    else onMalformed(directory)
  }
  return smallest
}

/** The share of CPU time that control groups grant, in cores: 0.25 is a quarter of one. */
import type { CgroupPath } from './cgroup.ts'

type ReadFile = (path: string) => string | undefined

/**
 * The smallest quota of a group and its ancestors.
 *
 * @returns Cores, greater than 0, as measured and not rounded; `undefined` where there is no quota.
 */
export function cpuQuota({ version, directories }: CgroupPath, read: ReadFile): number | undefined {
  let smallest: number | undefined
  for (const directory of directories) {
    const quota = version === 2 ? quotaOfV2(directory, read) : quotaOfV1(directory, read)
    if (quota !== undefined) smallest = Math.min(quota, smallest ?? quota)
  }
  return smallest
}

/** `cpu.max` holds `<quota> <period>` in microseconds, or `max <period>`. */
function quotaOfV2(directory: string, read: ReadFile): number | undefined {
  const [quota, period] = read(`${directory}/cpu.max`)?.trim().split(/\s+/) ?? []
  return quotient(quota, period)
}

/** Two files of microseconds; a quota of -1 is none. */
function quotaOfV1(directory: string, read: ReadFile): number | undefined {
  const quota = read(`${directory}/cpu.cfs_quota_us`)?.trim()
  if (quota === undefined || quota === '-1') return undefined
  return quotient(quota, read(`${directory}/cpu.cfs_period_us`)?.trim())
}

function quotient(quota: string | undefined, period: string | undefined): number | undefined {
  const cores = Number(quota) / Number(period)
  return Number.isFinite(cores) && cores > 0 ? cores : undefined
}

/** Records as they are on disk, in the names and units of the file format (`schema/*.json`). */

/** Any JSON object. */
export type DiskRecord = Record<string, unknown>

/** Format version of the decisions that this version writes. */
export const CACHE_VERSION = 2

/** Features of a workload: times in seconds, sizes in bytes. */
export interface DiskFeatures {
  readonly data_size: number
  readonly estimated_item_time: number
  readonly physical_cores: number
  readonly available_memory: number
  readonly start_method: string
  readonly pickle_size?: number | null
  readonly coefficient_of_variation?: number | null
  readonly function_complexity?: number | null
}

/** A training sample: its time in seconds since 1970. */
export interface DiskSample {
  readonly features: DiskFeatures
  readonly n_jobs: number
  readonly chunksize: number
  readonly speedup: number
  readonly timestamp: number
  readonly function_signature: string
  readonly machine?: string | null
  readonly executor?: string | null
}

/** A decision of the current version: its time in seconds since 1970. */
export interface DiskDecision {
  readonly cache_version: typeof CACHE_VERSION
  readonly key?: string
  readonly n_jobs: number
  readonly chunksize: number
  readonly executor: 'serial' | 'async' | 'worker_threads' | 'child_process'
  readonly estimated_speedup: number
  readonly estimated_time?: number | null
  readonly reason: string
  readonly warnings: readonly string[]
  readonly features: DiskFeatures
  readonly timestamp: number
  readonly machine: string
}

/** True for objects that are neither `null` nor arrays. */
export function isRecord(value: unknown): value is DiskRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

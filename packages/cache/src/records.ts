/** What a store keeps: decisions and training samples, in the names and units of the API. */
import type { WorkloadFeatures } from '@amorsize/features'

/** How a run is carried out. @public */
export type ExecutorKind = 'serial' | 'async' | 'worker_threads' | 'child_process'

/**
 * A decision that was made before.
 *
 * @remarks
 * Fields that this version does not know are kept as they are, on the object and on disk. Such a
 * field may not bear the name that a known field has on disk (`n_jobs`, `chunksize` and so on).
 * @public
 */
export interface DecisionEntry {
  /** Workers, an integer in 1..8192. */
  readonly nJobs: number
  /** Items per chunk, an integer from 1. */
  readonly chunkSize: number
  /** How the run is carried out. */
  readonly executor: ExecutorKind
  /** Expected speedup over the plain loop, 0 or more. */
  readonly estimatedSpeedup: number
  /** Expected time of the run, milliseconds, 0 or more. */
  readonly estimatedTimeMs?: number | undefined
  /** Why this was decided, for people. */
  readonly reason: string
  /** What the caller should know, for people. */
  readonly warnings: readonly string[]
  /** The workload that it was decided for. */
  readonly features: WorkloadFeatures
  /** When it was decided, milliseconds since 1970. Kept to the microsecond. */
  readonly createdAtMs: number
  /** Fingerprint of the machine that it was decided on, at most 256 characters. */
  readonly machine: string
  /** Fields of other versions and implementations, kept as they are. */
  readonly [unknownField: string]: unknown
}

/**
 * What one measured run teaches.
 *
 * @remarks
 * Fields that this version does not know are kept as they are, on the object and on disk. Such a
 * field may not bear the name that a known field has on disk (`n_jobs`, `chunksize` and so on).
 * @public
 */
export interface TrainingSample {
  /** The workload of the run. */
  readonly features: WorkloadFeatures
  /** Workers of the run, an integer in 1..8192. */
  readonly nJobs: number
  /** Items per chunk, an integer from 1. */
  readonly chunkSize: number
  /** Measured speedup over the plain loop, above 0; never an estimate. */
  readonly speedup: number
  /** When it was measured, milliseconds since 1970. Kept to the microsecond. */
  readonly timestampMs: number
  /** What names the function, 16 lower-case hex digits. */
  readonly functionSignature: string
  /** Fingerprint of the machine of the run, at most 256 characters. */
  readonly machine?: string | undefined
  /** How the run was carried out: an {@link ExecutorKind}, or another writer's word for it. */
  readonly executor?: string | undefined
  /** Fields of other versions and implementations, kept as they are. */
  readonly [unknownField: string]: unknown
}

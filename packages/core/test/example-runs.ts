/** Training samples that tests vary: runs of a function on a machine of four cores. */
import type { TrainingSample } from '@amorsize/cache'

import type { Query } from '../src/learning/query.ts'
import type { SearchLimits } from '../src/search.ts'

export const SIGNATURE = 'c69a21cfc7c62124'
export const STRANGER = '0123456789abcdef'
export const MACHINE = 'a806d4eda06b495e'
export const LIMITS: SearchLimits = { maxWorkers: 4, runtime: 'worker_threads' }

const GIB = 1024 ** 3
const MS_PER_MINUTE = 60_000
/** Yesterday: a store forgets what is older than a week. */
const START_MS = Date.now() - 86_400_000

/** The nth run, a minute after the one before; its makespan is the model's within some per cent. */
export function runOf(nth: number, changes: Partial<TrainingSample> = {}): TrainingSample {
  const { features, ...others } = changes
  return {
    features: {
      dataSize: 2000,
      itemTimeMs: 1,
      physicalCores: 4,
      availableMemoryBytes: 8 * GIB,
      startMethod: 'worker_threads',
      serializedBytes: 100,
      coefficientOfVariation: 0.1,
      functionComplexity: 400,
      ...features,
    },
    nJobs: 4,
    chunkSize: 5,
    speedup: 3.7,
    timestampMs: START_MS + nth * MS_PER_MINUTE,
    functionSignature: SIGNATURE,
    machine: MACHINE,
    executor: 'worker_threads',
    itemSize: 1,
    usableCores: 4,
    warmWorkers: 4,
    mayWait: 0,
    waitShare: 0,
    contention: 0,
    cloneMs: 0.003,
    dispatchMs: 0.05,
    mainDispatchMs: 0.02,
    startUpMs: 50,
    ...others,
  }
}

/** So many runs, a minute after each other. */
export function runs(
  count: number,
  changes: (nth: number) => Partial<TrainingSample>,
): TrainingSample[] {
  return Array.from({ length: count }, (_, nth) => runOf(nth, changes(nth)))
}

/** The nth run, of items that take so long. */
export function timed(
  nth: number,
  itemTimeMs: number,
  more: Partial<TrainingSample> = {},
): TrainingSample {
  return runOf(nth, { ...more, features: { ...runOf(0).features, itemTimeMs } })
}

/** What is asked of the function. */
export function queryOf(changes: Partial<Query> = {}): Query {
  const { features, ...others } = changes
  return {
    signature: SIGNATURE,
    features: {
      dataSize: 2000,
      physicalCores: 4,
      availableMemoryBytes: 8 * GIB,
      startMethod: 'worker_threads',
      functionComplexity: 400,
      ...features,
    },
    itemSize: 1,
    mayWait: false,
    machine: MACHINE,
    usableCores: 4,
    warmWorkers: 4,
    allowMainThread: true,
    ...others,
  }
}

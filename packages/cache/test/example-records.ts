/** Records that tests vary. */
import type { WorkloadFeatures } from '@amorsize/features'

import type { DecisionEntry, TrainingSample } from '../src/index.ts'

/** The sample of DESIGN section 6, as it is on disk. */
export const EXAMPLE_ON_DISK = {
  features: {
    data_size: 10_000,
    estimated_item_time: 0.001,
    physical_cores: 4,
    available_memory: 8_589_934_592,
    start_method: 'worker_threads',
    pickle_size: 512,
    coefficient_of_variation: 0.15,
    function_complexity: 45,
  },
  n_jobs: 4,
  chunksize: 250,
  speedup: 3.5,
  timestamp: 1_768_113_829.854,
  function_signature: 'c69a21cfc7c62124',
}

export const FEATURES: WorkloadFeatures = {
  dataSize: 10_000,
  itemTimeMs: 1,
  physicalCores: 4,
  availableMemoryBytes: 8_589_934_592,
  startMethod: 'worker_threads',
  serializedBytes: 512,
  coefficientOfVariation: 0.15,
  functionComplexity: 45,
}

export function sampleOf(changes: Partial<TrainingSample> = {}): TrainingSample {
  return {
    features: FEATURES,
    nJobs: 4,
    chunkSize: 250,
    speedup: 3.5,
    timestampMs: Date.now(),
    functionSignature: 'c69a21cfc7c62124',
    ...changes,
  }
}

export function decisionOf(changes: Partial<DecisionEntry> = {}): DecisionEntry {
  return {
    nJobs: 4,
    chunkSize: 250,
    executor: 'worker_threads',
    estimatedSpeedup: 3.5,
    estimatedTimeMs: 2500,
    reason: 'four workers are fastest',
    warnings: [],
    features: FEATURES,
    createdAtMs: Date.now(),
    machine: 'aabbccddeeff0011',
    ...changes,
  }
}

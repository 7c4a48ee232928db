/** Brings decisions of older format versions forward, one version at a time. */
import { CACHE_VERSION, isRecord } from './disk-format.ts'
import type { DiskRecord } from './disk-format.ts'

/** What turns a decision of the version it is listed under into one of the next. */
const STEPS: Readonly<Record<number, (record: DiskRecord) => DiskRecord>> = {
  1: nestFeatures,
}

/** Executors of version 1, where one worker meant a plain loop whatever the executor. */
const EXECUTORS_OF_VERSION_1: Readonly<Record<string, string>> = {
  process: 'child_process',
  thread: 'worker_threads',
}

const FEATURES_OF_VERSION_1 = [
  'data_size',
  'estimated_item_time',
  'physical_cores',
  'available_memory',
  'start_method',
  'pickle_size',
  'coefficient_of_variation',
  'function_complexity',
]

/**
 * A decision in the current version. One without a version counts as version 1. What an old entry
 * lacks is not made up: the schema then refuses it.
 */
export function migrateDecision(record: DiskRecord): DiskRecord {
  const { cache_version: version = 1 } = record
  if (typeof version !== 'number') return record
  let current = record
  for (let from = version; from < CACHE_VERSION; from++) {
    const step = STEPS[from]
    if (step === undefined) return record
    current = { ...step(current), cache_version: from + 1 }
  }
  return current
}

/**
 * Version 1 is what other Amorsize implementations write: the features lie flat in the record or in
 * `system_info`, and `executor_type` says process or thread.
 */
function nestFeatures(record: DiskRecord): DiskRecord {
  const { executor_type: executor, system_info: systemInfo, ...rest } = record
  const sources = [isRecord(rest['features']) ? rest['features'] : {}, rest, systemInfo]
  const features: DiskRecord = {}
  for (const source of sources) {
    if (!isRecord(source)) continue
    for (const name of FEATURES_OF_VERSION_1) features[name] ??= source[name]
  }
  const kept = Object.entries(rest).filter(([name]) => !FEATURES_OF_VERSION_1.includes(name))
  return {
    ...Object.fromEntries(kept),
    executor:
      rest['executor'] ??
      (rest['n_jobs'] === 1 ? 'serial' : EXECUTORS_OF_VERSION_1[String(executor)]),
    machine: rest['machine'] ?? '',
    features,
  }
}

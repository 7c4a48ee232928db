/**
 * What a past run says, read from a training sample. Samples come from disk, from other machines and
 * from other implementations: one that says the impossible says nothing.
 */
import type { ExecutorKind, TrainingSample } from '@amorsize/cache'
import { toVector } from '@amorsize/features'
import type { WorkloadFeatures } from '@amorsize/features'

import type { Plan } from '../search.ts'
import type { Trial } from './trial.ts'

/** Costs that a run measured beside its features; what it did not measure is missing. */
export interface MeasuredCosts {
  /** Share of the item time in which the thread was idle, 0..1. */
  readonly waitShare?: number
  /**
   * Share by which an item's time grew for each further worker beside it. As measured: a little below
   * 0 as often as above where there is none, so that the mean of many is right.
   */
  readonly contention?: number
  /** Time of the caller's thread for one item there and its result back, milliseconds. */
  readonly cloneMs?: number
  /** Round trip of an empty chunk, milliseconds. */
  readonly dispatchMs?: number
  /** The part of it that the caller's thread spends, milliseconds. */
  readonly mainDispatchMs?: number
  /** Time until a cold worker gives its first answer, milliseconds. */
  readonly startUpMs?: number
}

/** A past run. */
export interface Run {
  readonly signature: string
  /** Fingerprint of its machine; `undefined` where the sample names none. */
  readonly machine: string | undefined
  readonly timestampMs: number
  readonly features: WorkloadFeatures
  /** The features as a point of the unit cube. */
  readonly vector: Float64Array
  readonly plan: Plan
  readonly speedup: number
  /** Items that the run itself computed. */
  readonly itemCount: number
  /** Workers that were running when it began. */
  readonly warmWorkers: number
  /** Cores that the process might use, above 0. */
  readonly usableCores: number
  /** Middle size of an item, by the measure of the cache's key; `undefined` where not noted. */
  readonly itemSize: number | undefined
  /** Whether the function could wait for something; `undefined` where not noted. */
  readonly mayWait: boolean | undefined
  readonly costs: MeasuredCosts
  /** Whether other processes used so much of the machine that the times say little. */
  readonly isTainted: boolean
  /** How the runs before it would have predicted it. */
  readonly trial: Trial | undefined
}

/** The most workers that anything may claim; Node refuses far fewer threads. */
const MOST_WORKERS = 8192

/** Speedup a worker beyond which a measurement was not one: caches add up to some, not to this. */
const MOST_EFFICIENCY = 4

/** Each further worker makes the items so much slower: beyond it nobody would use a second. */
const MOST_CONTENTION = 10

/** A machine of more is not known, nor a quota of less. */
const MOST_CORES = 8192
const LEAST_CORES = 0.01

const MOST_ITEMS = 1e12
/** A day. */
const LONGEST_MS = 86_400_000
/** Items in flight of an asynchronous run. */
const MOST_IN_FLIGHT = 1e6

const EXECUTORS: ReadonlySet<unknown> = new Set<ExecutorKind>([
  'serial',
  'async',
  'worker_threads',
  'child_process',
])

/** The run of a sample, or `undefined` where it cannot be true. */
export function readRun(sample: TrainingSample): Run | undefined {
  const { features, functionSignature: signature, timestampMs, machine } = sample
  if (typeof signature !== 'string' || !Number.isFinite(timestampMs)) return undefined
  const plan = readPlan(sample)
  if (!plan || !isPlausible(features)) return undefined
  const vector = vectorOf(features)
  if (!vector || !isSpeedup(sample.speedup, plan)) return undefined
  const itemCount = numberIn(sample['itemCount'], 0, features.dataSize) ?? features.dataSize
  return {
    signature,
    machine: typeof machine === 'string' ? machine : undefined,
    timestampMs,
    features,
    vector,
    plan,
    speedup: sample.speedup,
    itemCount,
    warmWorkers: numberIn(sample['warmWorkers'], 0, MOST_WORKERS) ?? plan.nJobs,
    usableCores: numberIn(sample['usableCores'], LEAST_CORES, MOST_CORES) ?? features.physicalCores,
    itemSize: numberIn(sample['itemSize'], 0, Number.MAX_SAFE_INTEGER),
    mayWait: typeof sample['mayWait'] === 'boolean' ? sample['mayWait'] : undefined,
    costs: readCosts(sample['costs']),
    isTainted: sample['isTainted'] === true,
    trial: readTrial(sample['trial']),
  }
}

/** What names a run: no two are measured alike to nine digits. Times lose the last on disk. */
export function runKey({ signature, timestampMs, speedup, features }: Run): string {
  return `${signature} ${timestampMs} ${speedup} ${features.itemTimeMs.toPrecision(9)}`
}

/** Time that the run took, milliseconds: its speedup is that of its items alone over it. */
export function makespanOf({ itemCount, features, speedup }: Run): number {
  return (itemCount * features.itemTimeMs) / speedup
}

function readPlan({ nJobs, chunkSize, executor, features }: TrainingSample): Plan | undefined {
  // Other implementations tell nothing else: one worker is the plain loop there.
  const kind = EXECUTORS.has(executor) ? (executor as ExecutorKind) : kindOf(nJobs, features)
  const most = kind === 'async' ? MOST_IN_FLIGHT : MOST_WORKERS
  if (!isIntegerIn(nJobs, 1, most) || !isIntegerIn(chunkSize, 1, MOST_ITEMS)) return undefined
  return { executor: kind, nJobs, chunkSize }
}

function kindOf(nJobs: number, features: WorkloadFeatures): ExecutorKind {
  if (nJobs <= 1) return 'serial'
  return features?.startMethod === 'worker_threads' ? 'worker_threads' : 'child_process'
}

function isPlausible(features: unknown): features is WorkloadFeatures {
  if (typeof features !== 'object' || features === null) return false
  const { dataSize, itemTimeMs, physicalCores } = features as WorkloadFeatures
  return (
    isIntegerIn(dataSize, 1, MOST_ITEMS) &&
    isIn(itemTimeMs, Number.EPSILON, LONGEST_MS) &&
    isIn(physicalCores, 1, MOST_CORES)
  )
}

function vectorOf(features: WorkloadFeatures): Float64Array | undefined {
  try {
    return toVector(features)
  } catch {
    return undefined
  }
}

function isSpeedup(speedup: unknown, { nJobs }: Plan): boolean {
  return isIn(speedup, Number.EPSILON, MOST_EFFICIENCY * nJobs)
}

function readCosts(costs: unknown): MeasuredCosts {
  if (typeof costs !== 'object' || costs === null) return {}
  const read: Record<string, number> = {}
  for (const [name, most] of COST_LIMITS) {
    const value = numberIn(Reflect.get(costs, name), 0, most)
    if (value !== undefined) read[name] = value
  }
  const contention = numberIn(Reflect.get(costs, 'contention'), -1, MOST_CONTENTION)
  return contention === undefined ? read : { ...read, contention }
}

const COST_LIMITS: readonly (readonly [keyof MeasuredCosts, number])[] = [
  ['waitShare', 1],
  ['cloneMs', LONGEST_MS],
  ['dispatchMs', LONGEST_MS],
  ['mainDispatchMs', LONGEST_MS],
  ['startUpMs', LONGEST_MS],
]

function readTrial(trial: unknown): Trial | undefined {
  if (typeof trial !== 'object' || trial === null) return undefined
  const { model, own, stranger } = trial as Trial
  if (!Number.isInteger(model) || !isOutcome(own) || !isOutcome(stranger)) return undefined
  return {
    model,
    ...(own && { own }),
    ...(stranger && { stranger }),
  }
}

function isOutcome(outcome: unknown): boolean {
  if (outcome === undefined) return true
  if (!Array.isArray(outcome) || outcome.length !== 2) return false
  return outcome.every((share) => isIn(share, 0, 1))
}

function numberIn(value: unknown, least: number, most: number): number | undefined {
  return isIn(value, least, most) ? value : undefined
}

function isIn(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most
}

function isIntegerIn(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && isIn(value, least, most)
}

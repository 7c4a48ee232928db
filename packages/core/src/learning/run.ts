/**
 * What a past run says, read from a training sample. Samples come from disk, from other machines and
 * from other implementations: one that says the impossible says nothing.
 */
import type { ExecutorKind, TrainingSample } from '@amorsize/cache'
import { toVector } from '@amorsize/features'
import type { WorkloadFeatures } from '@amorsize/features'

import { UNLIKE_ANY_CONTEXT } from '../context-digest.ts'
import type { Plan } from '../search.ts'
import { withTimes } from './query.ts'
import type { Outcome, Trial } from './trial.ts'

/** Costs that a run measured beside its features; what it did not measure is missing. */
export interface MeasuredCosts {
  /** Share of the item time in which the thread was idle, 0..1. */
  readonly waitShare?: number
  /**
   * Share by which an item's time grew for each further worker beside it. As measured: a little below
   * 0 as often as above where there is none, so that the mean of many is right.
   */
  readonly contention?: number
  /**
   * Time of an item beside the other workers, milliseconds: of a run before which none was timed alone.
   * The item time of its features is only what was remembered.
   */
  readonly besideMs?: number
  /** Time of the caller's thread for one item there and its result back, milliseconds. */
  readonly cloneMs?: number
  /** Round trip of an empty chunk, milliseconds. */
  readonly dispatchMs?: number
  /** The part of it that the caller's thread spends, milliseconds. */
  readonly mainDispatchMs?: number
  /** Time until a cold worker gives its first answer, milliseconds. */
  readonly startUpMs?: number
  /** Correlation of the item time with the position in the data, -1..1. */
  readonly trend?: number
}

/** A past run. */
export interface Run {
  readonly signature: string
  /** Fingerprint of its machine; `undefined` where the sample names none. */
  readonly machine: string | undefined
  /** Major version of the runtime; `undefined` where not noted. */
  readonly runtimeMajor: number | undefined
  /** Digest of its context; 0 for none. */
  readonly contextDigest: number
  readonly timestampMs: number
  readonly features: WorkloadFeatures
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
  readonly costs: Readonly<Record<keyof MeasuredCosts, number | undefined>>
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
export const CONTENTION_RANGE: Range = { least: -1, most: 10 }

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

/** What a number of a sample may be. */
export interface Range {
  readonly least: number
  readonly most: number
  readonly isWhole?: boolean
  readonly isOptional?: boolean
}

/** A number among the features. */
export type NumericFeature = Exclude<keyof WorkloadFeatures, 'startMethod'>

/** What a run can have been asked to do. */
export const FEATURE_RANGES: readonly (readonly [NumericFeature, Range])[] = [
  ['dataSize', { least: 1, most: MOST_ITEMS, isWhole: true }],
  ['itemTimeMs', { least: Number.EPSILON, most: LONGEST_MS }],
  ['physicalCores', { least: 1, most: MOST_CORES }],
  ['availableMemoryBytes', { least: 0, most: Number.MAX_VALUE }],
  ['serializedBytes', { least: 0, most: Number.MAX_VALUE, isOptional: true }],
  ['coefficientOfVariation', { least: 0, most: Number.MAX_VALUE, isOptional: true }],
  ['functionComplexity', { least: 0, most: Number.MAX_VALUE, isOptional: true }],
]

/** Workers, or items in flight. */
export function jobsRange(isAsync: boolean): Range {
  return { least: 1, most: isAsync ? MOST_IN_FLIGHT : MOST_WORKERS, isWhole: true }
}
export const CHUNK_SIZE_RANGE: Range = { least: 1, most: MOST_ITEMS, isWhole: true }

/** Clocks of machines differ, by no more than a day. */
const MOST_AHEAD_MS = 86_400_000

/** What comes from later than that would outweigh whatever is measured until then. */
export function timestampRange(): Range {
  return { least: -Number.MAX_VALUE, most: Date.now() + MOST_AHEAD_MS }
}

/** Speedup of so many workers. */
export function speedupRange(nJobs: number): Range {
  return { least: Number.EPSILON, most: MOST_EFFICIENCY * nJobs }
}

function isCredible(sample: TrainingSample): boolean {
  const { functionSignature, timestampMs, features, nJobs, chunkSize, speedup } = sample
  return (
    typeof functionSignature === 'string' &&
    fits(timestampMs, timestampRange()) &&
    isPlausible(features) &&
    fits(nJobs, jobsRange(sample.executor === 'async')) &&
    fits(chunkSize, CHUNK_SIZE_RANGE) &&
    fits(speedup, speedupRange(nJobs))
  )
}

/** The run of a sample, or `undefined` where it cannot be true. */
export function readRun(sample: TrainingSample): Run | undefined {
  if (!isCredible(sample)) return undefined
  const { nJobs, chunkSize } = sample
  const plan: Plan = { executor: executorOf(sample), nJobs, chunkSize }
  const { features, functionSignature: signature, timestampMs, machine } = sample
  const itemCount = numberIn(sample['itemCount'], 1, features.dataSize) ?? features.dataSize
  return {
    signature,
    machine: typeof machine === 'string' ? machine : undefined,
    runtimeMajor: numberIn(sample['runtimeMajor'], 0, Number.MAX_SAFE_INTEGER),
    contextDigest:
      numberIn(sample['contextDigest'], UNLIKE_ANY_CONTEXT, Number.MAX_SAFE_INTEGER) ?? 0,
    timestampMs,
    features: withTimes(features, features.itemTimeMs, features.coefficientOfVariation),
    plan,
    speedup: sample.speedup,
    itemCount,
    warmWorkers: numberIn(sample['warmWorkers'], 0, MOST_WORKERS) ?? plan.nJobs,
    usableCores: numberIn(sample['usableCores'], LEAST_CORES, MOST_CORES) ?? features.physicalCores,
    itemSize: numberIn(sample['itemSize'], 0, Number.MAX_SAFE_INTEGER),
    mayWait: flagOf(sample['mayWait']),
    costs: readCosts(sample),
    isTainted: flagOf(sample['isTainted']) === true,
    trial: readTrial(sample),
  }
}

/** What names a run: no two are measured alike to seven digits. Times lose the last on disk. */
export function runKey({
  signature,
  timestampMs,
  speedup,
  features,
}: Pick<Run, 'signature' | 'timestampMs' | 'speedup'> & {
  readonly features: Pick<WorkloadFeatures, 'itemTimeMs'>
}): string {
  return `${signature} ${timestampMs} ${speedup} ${Math.fround(features.itemTimeMs)}`
}

const vectors = new WeakMap<Run, Float64Array>()

/** The features of a run as a point of the unit cube; few runs of a history are ever asked for it. */
export function vectorOf(run: Run): Float64Array {
  let vector = vectors.get(run)
  if (!vector) vectors.set(run, (vector = toVector(run.features)))
  return vector
}

/** Time that the run took, milliseconds: its speedup is that of its items alone over it. */
export function makespanOf({ itemCount, features, speedup }: Run): number {
  return (itemCount * features.itemTimeMs) / speedup
}

function executorOf({ executor, nJobs, features }: TrainingSample): ExecutorKind {
  if (EXECUTORS.has(executor)) return executor as ExecutorKind
  // Other implementations tell nothing else: one worker is the plain loop there.
  if (nJobs <= 1) return 'serial'
  return features.startMethod === 'worker_threads' ? 'worker_threads' : 'child_process'
}

function isPlausible(features: unknown): features is WorkloadFeatures {
  if (typeof features !== 'object' || features === null) return false
  const { startMethod } = features as WorkloadFeatures
  if (typeof startMethod !== 'string' || startMethod.length === 0) return false
  return FEATURE_RANGES.every(([name, range]) => fits(Reflect.get(features, name), range))
}

function fits(value: unknown, { least, most, isWhole, isOptional }: Range): boolean {
  if (value === undefined) return isOptional === true
  return isWhole ? isIntegerIn(value, least, most) : isIn(value, least, most)
}

function readCosts(sample: TrainingSample): Run['costs'] {
  return {
    waitShare: readCost(sample, 'waitShare'),
    contention: readCost(sample, 'contention'),
    besideMs: readCost(sample, 'besideMs'),
    cloneMs: readCost(sample, 'cloneMs'),
    dispatchMs: readCost(sample, 'dispatchMs'),
    mainDispatchMs: readCost(sample, 'mainDispatchMs'),
    startUpMs: readCost(sample, 'startUpMs'),
    trend: readCost(sample, 'trend'),
  }
}

function readCost(sample: TrainingSample, name: keyof MeasuredCosts): number | undefined {
  const value = sample[name]
  return isCost(name, value) ? value : undefined
}

/** Whether a run may have measured this. */
export function isCost(name: keyof MeasuredCosts, value: unknown): value is number {
  switch (name) {
    case 'waitShare':
      return isIn(value, 0, 1)
    case 'trend':
      return isIn(value, -1, 1)
    case 'contention':
      return isIn(value, CONTENTION_RANGE.least, CONTENTION_RANGE.most)
    default:
      return isIn(value, 0, LONGEST_MS)
  }
}

function readTrial(sample: TrainingSample): Trial | undefined {
  const { settingsDigest: model, ownConfidence, ownGood, strangerConfidence, strangerGood } = sample
  if (!isIntegerIn(model, 0, Number.MAX_SAFE_INTEGER)) return undefined
  const own = outcomeOf(ownConfidence, ownGood)
  const stranger = outcomeOf(strangerConfidence, strangerGood)
  return { model, ...(own && { own }), ...(stranger && { stranger }) }
}

/** An outcome as a sample keeps it; `undefined` where it keeps none. */
export function outcomeOf(confidence: unknown, isGood: unknown): Outcome | undefined {
  return isIn(confidence, 0, 1) && isIn(isGood, 0, 1) ? [confidence, isGood] : undefined
}

/** The fields of a sample that keep a trial: numbers, which a store loads quickest. */
export function fieldsOf({ model, own, stranger }: Trial): Readonly<Record<string, number>> {
  return {
    settingsDigest: model,
    ...(own && { ownConfidence: own[0], ownGood: own[1] }),
    ...(stranger && { strangerConfidence: stranger[0], strangerGood: stranger[1] }),
  }
}

/** Yes and no are kept as 1 and 0, like everything that is a number. */
function flagOf(value: unknown): boolean | undefined {
  return value === 1 ? true : value === 0 ? false : undefined
}

function numberIn(value: unknown, least: number, most: number): number | undefined {
  return isIn(value, least, most) ? value : undefined
}

function isIn(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most
}

function isIntegerIn(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && isIn(value, least, most)
}

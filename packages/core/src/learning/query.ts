/** A workload that is asked about, and the machine it would run on. */
import { FEATURE_DIMENSIONS, toVector } from '@amorsize/features'
import type { WorkloadFeatures } from '@amorsize/features'

import type { Run } from './run.ts'

/**
 * What is asked of past runs.
 * @public
 */
export interface Query {
  /** What names the function, 16 lower-case hex digits. */
  readonly signature: string
  /** What is known of the workload. */
  readonly features: Omit<WorkloadFeatures, 'itemTimeMs'> & {
    readonly itemTimeMs?: number | undefined
  }
  /** Middle size of an item; `undefined` where no items are at hand. */
  readonly itemSize: number | undefined
  /**
   * Time of the calling thread for an item there and its result back, milliseconds from 0; runs of the
   * function itself outrank it. @defaultValue as of past runs
   */
  readonly cloneMs?: number | undefined
  /** Whether the function could wait for something; `undefined` where its code does not tell. */
  readonly mayWait: boolean | undefined
  /** Fingerprint of the machine. */
  readonly machine: string
  /** Major version of the runtime. @defaultValue any */
  readonly runtimeMajor?: number | undefined
  /** Digest of the context as a sample keeps it. @defaultValue 0, none */
  readonly contextDigest?: number | undefined
  /** Cores that the process may use, above 0; fractional under a CPU quota. */
  readonly usableCores: number
  /** Workers that are running already. */
  readonly warmWorkers: number
  /** Whether the items may run on the calling thread. */
  readonly allowMainThread: boolean
}

/** How far a missing feature may be off: all the way where it matters most, else a quarter of it. */
const MISSING_ITEM_TIME = 1
const MISSING_FEATURE = 0.25

/** Places in the vector of what may be missing beside the item time. */
const OPTIONAL = FEATURE_DIMENSIONS.flatMap(({ field, isOptional }, place) =>
  isOptional ? [{ field, place }] : [],
)

/**
 * The query as a point, and the distance that what it lacks may add.
 *
 * @param usual - Where it is taken to be as far as it does not say.
 */
export function locate(
  features: Query['features'],
  usual?: Float64Array,
): { vector: Float64Array; missing: number } {
  const { itemTimeMs, coefficientOfVariation } = features
  const vector = toVector(withTimes(features, itemTimeMs ?? 0, coefficientOfVariation))
  let squares = itemTimeMs === undefined ? MISSING_ITEM_TIME ** 2 : 0
  for (const { field, place } of OPTIONAL) {
    if (features[field] !== undefined) continue
    squares += MISSING_FEATURE ** 2
    if (usual) vector[place] = usual[place]!
  }
  return { vector, missing: Math.sqrt(squares) }
}

/** The features with what is known of the item times, always as an object of one shape. */
export function withTimes<T extends number | undefined>(
  features: Query['features'],
  itemTimeMs: T,
  coefficientOfVariation: number | undefined,
): Omit<WorkloadFeatures, 'itemTimeMs'> & { readonly itemTimeMs: T } {
  const { dataSize, physicalCores, availableMemoryBytes, startMethod } = features
  const { serializedBytes, functionComplexity } = features
  return {
    dataSize,
    itemTimeMs,
    physicalCores,
    availableMemoryBytes,
    startMethod,
    serializedBytes,
    coefficientOfVariation,
    functionComplexity,
  }
}

/**
 * The question that a past run would have asked, had it been asked before it ran.
 *
 * @param itemTimeMs - What would have been known of its item time, milliseconds.
 */
export function queryOf(run: Run, itemTimeMs: number | undefined): Query {
  const { signature, features, itemSize, mayWait, machine = '', warmWorkers, usableCores } = run
  const { runtimeMajor, contextDigest } = run
  return {
    signature,
    features: withTimes(features, itemTimeMs, undefined),
    itemSize,
    mayWait,
    machine,
    runtimeMajor,
    contextDigest,
    usableCores,
    warmWorkers,
    allowMainThread: true,
  }
}

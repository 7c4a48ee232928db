/** A workload that is asked about, and the machine it would run on. */
import { toVector } from '@amorsize/features'
import type { WorkloadFeatures } from '@amorsize/features'

import type { Run } from './run.ts'

/** What is asked. */
export interface Query {
  readonly signature: string
  /** What is known of the workload. */
  readonly features: Omit<WorkloadFeatures, 'itemTimeMs'> & {
    readonly itemTimeMs?: number | undefined
  }
  /** Middle size of an item; `undefined` where no items are at hand. */
  readonly itemSize: number | undefined
  /** Whether the function could wait for something; `undefined` where its code does not tell. */
  readonly mayWait: boolean | undefined
  /** Fingerprint of the machine. */
  readonly machine: string
  readonly usableCores: number
  readonly warmWorkers: number
  readonly allowMainThread: boolean
}

/** How far a missing feature may be off: all the way where it matters most, else a quarter of it. */
const MISSING_ITEM_TIME = 1
const MISSING_FEATURE = 0.25

const OPTIONAL = ['serializedBytes', 'coefficientOfVariation', 'functionComplexity'] as const

/** The query as a point, and the distance that what it lacks may add. */
export function locate({ features }: Query): { vector: Float64Array; missing: number } {
  const { itemTimeMs } = features
  let squares = itemTimeMs === undefined ? MISSING_ITEM_TIME ** 2 : 0
  for (const field of OPTIONAL) if (features[field] === undefined) squares += MISSING_FEATURE ** 2
  return {
    vector: toVector({ ...features, itemTimeMs: itemTimeMs ?? 0 }),
    missing: Math.sqrt(squares),
  }
}

/** The question that a past run would have asked, had it been asked before it ran. */
export function queryOf(run: Run): Query {
  const { signature, features, itemSize, mayWait, machine = '', warmWorkers, usableCores } = run
  return {
    signature,
    features,
    itemSize,
    mayWait,
    machine,
    usableCores,
    warmWorkers,
    allowMainThread: true,
  }
}

/** A run that a model is asked about and then taught: of a simulated machine, or observed on this one. */
import type { Plan, PredictionQuery, SearchLimits, TrainingSample } from '@amorsize/core'

/** What might be told of a function beside the eight features. */
export interface Traits {
  /** Longest chain of calls from the function through functions of its own source, from 1. */
  readonly callDepth: number
  /** Names that it takes from other modules. */
  readonly importCount: number
  /** Size of an item, serialised. */
  readonly inputBytes: number
}

/** A run. */
export interface AskedRun {
  /** What it taught. */
  readonly sample: TrainingSample
  /** Which run of its function on its machine it is, from 0. */
  readonly nth: number
  /** The plan of the dry run before it. */
  readonly planned: Plan
  /** The item time as its caller would guess it, milliseconds. */
  readonly guessedItemTimeMs: number
  /** What an example would tell of sending an item and its result, milliseconds. @defaultValue nothing */
  readonly guessedCloneMs?: number | undefined
  /** What may be chosen from. */
  readonly limits: SearchLimits
  readonly traits: Traits
  /** The question that its caller would ask. */
  readonly query: (itemTimeMs: number | undefined) => PredictionQuery
  /** Time of a plan over that of the best. */
  readonly regretOf: (plan: Plan) => number
}

/** The plain loop. */
export const LOOP_PLAN: Plan = { executor: 'serial', nJobs: 1, chunkSize: 1 }

/** All cores, four chunks each. */
export function defaultPlanOf({ sample, limits }: AskedRun): Plan {
  const chunkSize = Math.ceil(sample.features.dataSize / (4 * limits.maxWorkers))
  return { executor: limits.runtime, nJobs: limits.maxWorkers, chunkSize }
}

/** A plan of so many workers, as far as the machine allows it; the plain loop for one. */
export function planWithin({ sample, limits }: AskedRun, nJobs: number, chunkSize: number): Plan {
  const workers = Math.min(Math.round(nJobs), limits.maxWorkers)
  if (workers <= 1) return LOOP_PLAN
  const largest = Math.ceil(sample.features.dataSize / workers)
  const size = Math.max(1, Math.min(Math.round(chunkSize), largest))
  return { executor: limits.runtime, nJobs: workers, chunkSize: size }
}

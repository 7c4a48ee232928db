/** Where decisions come from: a list of sources of one type, tried cheapest first. */
import type { DecisionEntry } from '@amorsize/cache'
import type { WorkloadFeatures } from '@amorsize/features'
import type { PartialResults } from '@amorsize/sampler'

import type { Costs } from '../cost-model.ts'
import type { Request } from '../request.ts'
import type { Plan, PricedPlan, SearchResult } from '../search.ts'

/** Which source a decision came from. @public */
export type SourceName = 'cache' | 'prediction' | 'dry-run'

/** A plan, where it came from and what supports it. */
export interface Decision<O> {
  readonly source: SourceName
  readonly plan: Plan
  readonly estimatedTimeMs: number
  readonly estimatedSpeedup: number
  readonly reason: string
  readonly warnings: readonly string[]
  readonly features: WorkloadFeatures
  /** Of a prediction, 0..1. */
  readonly confidence?: number
  /** Whether outcomes of earlier predictions stand behind it. */
  readonly confidenceSource?: 'raw' | 'calibrated'
  /** What the plan was computed from; a plan that was only remembered may lack it. */
  readonly costs?: Costs
  /** What the plan was held against. */
  readonly search?: SearchResult
  /** Whether the times say little: others used much of the machine, or the plan changed meanwhile. */
  readonly isTainted?: boolean | undefined
  /** Of one from the cache, how it is kept. */
  readonly cached?: { readonly key: string; readonly entry: DecisionEntry }
  /** The plan, where it is one of two that are weighed against each other. */
  readonly turn?: PricedPlan
  /** Results of the items that a dry run computed. */
  readonly results?: PartialResults<O>
}

/** Why a source has no decision. */
export interface Declined {
  readonly declined: string
}

/** One way to come to a decision. */
export type DecisionSource = <I, O>(request: Request<I, O>) => Promise<Decision<O> | Declined>

/** Tells a decision from a refusal. */
export function isDeclined<O>(outcome: Decision<O> | Declined): outcome is Declined {
  return 'declined' in outcome
}

/** What `optimize()` and `execute()` answer with. */
import type { ExecutorKind } from '@amorsize/cache'
import type { WorkloadFeatures } from '@amorsize/features'

import type { Decision, SourceName } from './decide/source.ts'
import type { Request } from './request.ts'
import { explainDecision } from './explain.ts'
import type { OnError, ResultOrOutcome } from './item-failures.ts'
import type { Replan } from './replan.ts'

/**
 * How a map should be run, and why.
 * @public
 */
export interface OptimizationResult<I> {
  /** Workers; for `async`, items in flight at once; 1 for `serial`. */
  readonly nJobs: number
  /** Items per chunk; 1 for `async`, all items for `serial`. */
  readonly chunkSize: number
  /** By what means. */
  readonly executor: ExecutorKind
  /** Expected time of the plain loop over expected time of this plan; infinite where the loop is not allowed. */
  readonly estimatedSpeedup: number
  /**
   * Expected time for the items to be run, milliseconds: of `optimize()` all of them, of `execute()`
   * those that the decision left.
   */
  readonly estimatedTimeMs: number
  /** Where the decision came from. */
  readonly source: SourceName
  /** Of a prediction, 0..1. */
  readonly confidence: number | undefined
  /**
   * Of a prediction: `calibrated` where the confidence is the probability, by the outcomes of earlier
   * predictions, that the plan runs within 20 % of the best; `raw` where it is a score still.
   */
  readonly confidenceSource: 'raw' | 'calibrated' | undefined
  /** Why, in one sentence. */
  readonly reason: string
  /** What the caller should know. */
  readonly warnings: readonly string[]
  /** The workload as it was measured or remembered. */
  readonly features: WorkloadFeatures
  /** Every item, sampled ones included. */
  readonly data: Iterable<I>
  /** Time it took to decide, milliseconds. */
  readonly decisionTimeMs: number
  /** What was measured, what the alternatives would cost, what was chosen: a text of several lines. */
  explain(): string
}

/**
 * What a run took.
 * @public
 */
export interface ExecutionReport {
  /** Time of the whole call, deciding included, milliseconds. */
  readonly totalTimeMs: number
  /** Makespan: time from the decision to the last result, milliseconds. */
  readonly makespanMs: number
  /** Items that the decision had not computed already. */
  readonly itemCount: number
  /** Chunks sent to workers. */
  readonly chunkCount: number
  /** Time that those items take alone, one after the other, as measured, over the makespan. */
  readonly speedup: number
  /** Mean time of an item as measured in the run, others beside it, milliseconds; 0 without items. */
  readonly itemTimeMs: number
  /**
   * Standard deviation of the item times over their mean: as it was known before, where the chunks of
   * the run do not show another; 0 where unknown.
   */
  readonly coefficientOfVariation: number
  /** Time for which threads were not idle while they had items, milliseconds; `undefined` where unknown. */
  readonly computingMs: number | undefined
  /** Changes of plan in the middle of the run, in their order. */
  readonly replans: readonly Replan[]
  /** Workers that died in the run. */
  readonly lostWorkers: number
  /** Items that failed; 0 with `onError: 'throw'`. */
  readonly failedCount: number
}

/**
 * Results with the decision and the measurements.
 * @public
 */
export interface ExecutionResult<I, O> {
  /** One result an item, in the order of the items. */
  readonly results: O[]
  /** What was decided and why. */
  readonly optimization: OptimizationResult<I>
  /** What the run took. */
  readonly execution: ExecutionReport
}

/**
 * What `execute()` gives, by what was asked for.
 * @public
 */
export type Executed<I, O, R extends boolean, E extends OnError> = R extends true
  ? ExecutionResult<I, ResultOrOutcome<O, E>>
  : ResultOrOutcome<O, E>[]

/** The decision as callers see it. */
export function toOptimizationResult<I, O>(
  decision: Decision<O>,
  { items, itemCount }: Pick<Request<I, O>, 'items' | 'itemCount'>,
  decisionTimeMs: number,
): OptimizationResult<I> {
  const { plan, source, confidence, confidenceSource, reason, warnings, features } = decision
  const { estimatedSpeedup, estimatedTimeMs } = decision
  return {
    nJobs: plan.nJobs,
    chunkSize: plan.chunkSize,
    executor: plan.executor,
    estimatedSpeedup,
    estimatedTimeMs,
    source,
    confidence,
    confidenceSource,
    reason,
    warnings,
    features,
    data: { [Symbol.iterator]: () => Array.prototype.values.call(items) as IterableIterator<I> },
    decisionTimeMs,
    explain: () => explainDecision(decision, itemCount, decisionTimeMs),
  }
}

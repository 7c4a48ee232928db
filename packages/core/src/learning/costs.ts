/** From what the past says to the costs of a run to come. */
import { asyncMakespanMs, poolMakespanMs, serialMakespanMs } from '../cost-model.ts'
import type { Costs, DispatchCosts } from '../cost-model.ts'
import type { Plan, SearchLimits } from '../search.ts'
import type { MachineCosts } from './machine-terms.ts'
import type { Query } from './query.ts'
import type { Run } from './run.ts'

/** What the past says of a function's items on a machine. */
export interface Terms {
  /** Time of one item alone, milliseconds. */
  readonly itemTimeMs: number
  readonly coefficientOfVariation: number
  /** Correlation of the item time with the position in the data, -1..1. */
  readonly trend: number
  readonly waitShare: number
  readonly contention: number
  /** Time of the caller's thread for one item there and its result back, milliseconds. */
  readonly cloneMs: number
}

/** The costs of a run to come. */
export function costsFor(
  terms: Terms,
  itemCount: number,
  machine: MachineCosts,
  { usableCores, warmWorkers, allowMainThread }: Query,
): Costs {
  const { itemTimeMs, coefficientOfVariation, trend, waitShare, cloneMs } = terms
  return {
    itemCount,
    mainItemTimeMs: allowMainThread ? itemTimeMs : undefined,
    workerItemTimeMs: itemTimeMs,
    coefficientOfVariation,
    trend,
    waitShare,
    contention: Math.max(0, terms.contention),
    usableCores,
    dispatch: dispatchOf(machine, cloneMs, warmWorkers),
  }
}

/**
 * The costs that a past run measured, the machine's where it did not, and a contention.
 *
 * @param warmWorkers - Workers that were running when it began.
 */
export function hindsightOf(
  run: Run,
  machine: MachineCosts,
  contention: number,
  warmWorkers: number = run.warmWorkers,
): Costs {
  const { features, costs, itemCount, usableCores } = run
  const {
    dispatchMs = machine.dispatchMs,
    mainDispatchMs = machine.mainDispatchMs,
    startUpMs = machine.startUpMs,
    cloneMs = machine.cloneMs,
  } = costs
  return {
    itemCount,
    mainItemTimeMs: features.itemTimeMs,
    workerItemTimeMs: features.itemTimeMs,
    coefficientOfVariation: features.coefficientOfVariation ?? 0,
    trend: costs.trend ?? 0,
    waitShare: costs.waitShare ?? 0,
    contention: Math.max(0, contention),
    usableCores,
    dispatch: dispatchOf({ dispatchMs, mainDispatchMs, startUpMs }, cloneMs, warmWorkers),
  }
}

/** What a past run might have chosen from. */
export function limitsOf({ usableCores, features }: Run): SearchLimits {
  const runtime = features.startMethod === 'child_process' ? 'child_process' : 'worker_threads'
  return { maxWorkers: Math.ceil(usableCores), runtime }
}

/** The model's time of a plan, milliseconds. */
export function makespanUnder(costs: Costs, { executor, nJobs, chunkSize }: Plan): number {
  switch (executor) {
    case 'serial':
      return serialMakespanMs(costs)
    case 'async':
      return asyncMakespanMs(costs, nJobs)
    default:
      return poolMakespanMs(costs, nJobs, chunkSize)
  }
}

type DispatchTerms = Pick<MachineCosts, 'dispatchMs' | 'mainDispatchMs' | 'startUpMs'>

function dispatchOf(
  { dispatchMs, mainDispatchMs, startUpMs }: DispatchTerms,
  cloneMs: number,
  warmWorkers: number,
): DispatchCosts {
  return {
    dispatchMs,
    mainDispatchMs: Math.min(mainDispatchMs, dispatchMs),
    cloneMs,
    startUpMs,
    warmWorkers,
  }
}

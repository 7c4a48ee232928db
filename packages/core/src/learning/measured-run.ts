/** What a run measured of its function: of its items, of its machine, of itself. */
import { takenCoreShare } from '@amorsize/features/system'

import type { Decision } from '../decide/source.ts'
import { usesWorkers } from '../search.ts'
import { sharingOf } from '../worker-pace.ts'
import type { Plan } from '../search.ts'
import type { MeasuredCosts } from './run.ts'

/** Figures of a run. Times are milliseconds. */
export interface RunFigures {
  readonly makespanMs: number
  /** Items that the run computed. */
  readonly itemCount: number
  /** Time that those items take alone, over the makespan, as far as the run knows. */
  readonly speedup: number
  /** Mean time of an item, others beside it; 0 or missing where it was not measured. */
  readonly itemTimeMs?: number
  /** Standard deviation of the item times over their mean; 0 or missing where it was not measured. */
  readonly coefficientOfVariation?: number
  /** Time for which threads were not idle while they had items; missing where it was not measured. */
  readonly computingMs?: number | undefined
  /** Changes of plan in the middle. */
  readonly replans?: readonly unknown[]
  readonly lostWorkers?: number
  /** Items that failed. */
  readonly failedCount?: number
}

/** What was measured. */
export interface MeasuredRun {
  /** Time of an item alone. */
  readonly itemTimeMs: number
  readonly coefficientOfVariation: number | undefined
  readonly speedup: number
  readonly costs: MeasuredCosts
  readonly isTainted: boolean
}

/** What a run says of its function, with what was known when it was decided. */
export function measureRun<O>(
  decision: Decision<O>,
  execution: RunFigures,
  load: ForeignLoad,
): MeasuredRun {
  const { plan, features } = decision
  const { makespanMs, itemCount } = execution
  const workers = usesWorkers(plan) ? plan.nJobs : 1
  const { aloneMs, ...beside } = itemTimesOf(decision, execution, workers, load)
  const waitShare = waitShareOf(execution, plan, aloneMs)
  const speedup = ((itemCount * aloneMs) / makespanMs) * lossTo(load, workers)
  return {
    itemTimeMs: aloneMs,
    coefficientOfVariation: execution.coefficientOfVariation || features.coefficientOfVariation,
    speedup: plan.executor === 'serial' ? 1 : Math.min(speedup, mostSpeedup(plan, load, waitShare)),
    costs: {
      ...measuredWhileDeciding(decision),
      ...(waitShare !== undefined && { waitShare }),
      ...beside,
    },
    isTainted:
      decision.isTainted === true ||
      takenCoreShare(load.share, load) > TAINTED_SHARE ||
      hasChangedPlan(execution),
  }
}

/** Time of an item alone, and what is told of it beside others. */
interface ItemTimes extends Pick<MeasuredCosts, 'contention' | 'besideMs'> {
  readonly aloneMs: number
}

/** Items that are quicker than this beside others are no longer what they were known to be alone. */
const QUICKER = 1 / 1.5

/** In a shorter run the other workers are cold for much of it, which would pass for contention. */
const LONG_ENOUGH_MS = 100

/**
 * Beside others an item takes longer than alone, and who has not just timed it alone cannot say by how
 * much: to take it from what was thought of the one would confirm what was thought of the other.
 */
function itemTimesOf<O>(
  { plan, features, source, costs }: Decision<O>,
  execution: RunFigures,
  workers: number,
  { usableCores }: ForeignLoad,
): ItemTimes {
  const others = workers - 1
  const { makespanMs, itemCount, speedup, itemTimeMs: besideMs = 0 } = execution
  const knownMs = features.itemTimeMs
  if (plan.executor === 'async') return { aloneMs: timeAmongManyMs(execution, knownMs) }
  const hasDryRun = source === 'dry-run' && plan.executor !== 'serial'
  if (hasDryRun || besideMs === 0) {
    const sharing = sharingOf(workers, { waitShare: costs?.waitShare ?? 0, usableCores })
    const isSeen = hasDryRun && others > 0 && besideMs > 0 && makespanMs >= LONG_ENOUGH_MS
    return {
      aloneMs: (speedup * makespanMs) / itemCount,
      ...(isSeen && { contention: (besideMs / (sharing * knownMs) - 1) / others }),
    }
  }
  const isRemembered = others > 0 && knownMs > 0 && besideMs > QUICKER * knownMs
  return isRemembered ? { aloneMs: knownMs, besideMs } : { aloneMs: besideMs }
}

/** More than that no plan can be quicker than the plain loop; what is idle takes no core. */
function mostSpeedup(
  { executor, nJobs }: Plan,
  { usableCores }: ForeignLoad,
  waitShare: number = 0,
): number {
  return executor === 'async' ? nJobs : Math.min(nJobs, Math.max(1, usableCores) / (1 - waitShare))
}

/** A thread that is idle for less of the time keeps its items waiting for one another. */
const MOSTLY_IDLE = 0.5

/**
 * Time alone of an item that ran among many on one thread. Where that was mostly idle, what the item took;
 * else it waited for others to compute as well, and took no more than was known of it alone.
 */
function timeAmongManyMs(
  { itemTimeMs = 0, computingMs = 0, makespanMs }: RunFigures,
  knownMs: number,
): number {
  if (itemTimeMs === 0) return knownMs
  const isIdle = computingMs <= (1 - MOSTLY_IDLE) * makespanMs
  return isIdle || !(knownMs > 0) ? itemTimeMs : Math.min(itemTimeMs, knownMs)
}

/** Share of an item's time alone in which its thread is idle; `undefined` where it was not measured. */
function waitShareOf(
  { itemCount, itemTimeMs = 0, computingMs }: RunFigures,
  { executor }: Plan,
  aloneMs: number,
): number | undefined {
  const totalMs = itemCount * (executor === 'async' ? aloneMs : itemTimeMs)
  return computingMs === undefined || !(totalMs > 0)
    ? undefined
    : Math.max(0, 1 - computingMs / totalMs)
}

/** The CPU that other processes used during a run. */
export interface ForeignLoad {
  /** Share of the machine, 0..1. */
  readonly share: number
  readonly logicalCores: number
  readonly usableCores: number
}

/** A run beside so much else says little of what it would have taken alone. */
const TAINTED_SHARE = 0.25

/** Cores that others left idle or to this process: it may use few of a large machine. */
function leftCores({ share, logicalCores }: ForeignLoad): number {
  return (1 - share) * logicalCores
}

/** How many times as fast the workers would have been on the cores that others used. */
function lossTo(load: ForeignLoad, workers: number): number {
  const wanted = Math.min(workers, load.usableCores)
  return wanted / Math.max(wanted / 2, Math.min(wanted, leftCores(load)))
}

/** What was measured then belongs to no one plan. */
function hasChangedPlan({ replans = [], lostWorkers = 0 }: RunFigures): boolean {
  return replans.length > 0 || lostWorkers > 0
}

/** Only a dry run measures what talking to workers costs; other decisions would teach it twice. */
function measuredWhileDeciding<O>({ source, costs }: Decision<O>): MeasuredCosts {
  if (source !== 'dry-run' || !costs) return {}
  const { waitShare, trend = 0, dispatch } = costs
  if (!dispatch) return { waitShare, trend }
  const { cloneMs, dispatchMs, mainDispatchMs, startUpMs } = dispatch
  return { waitShare, trend, cloneMs, dispatchMs, mainDispatchMs, startUpMs }
}

/**
 * A plan that proves wrong is changed while it is carried out: items that turn out tiny go back to
 * the plain loop, items that turn out long go to the workers, or to more of them. The cost model is asked again with what
 * the run has measured. A change costs something too, so it has to promise a good deal more than it
 * takes, and there are only so many of them in a run.
 */
import { ALIKE } from './batch-spread.ts'
import type { Costs } from './cost-model.ts'
import { poolMakespanMs, serialMakespanMs } from './cost-model.ts'
import type { MeasuredRun } from './executors/executor.ts'
import { countOf, describePlan, formatMs } from './explain.ts'
import { choosePlan, usesWorkers } from './search.ts'
import type { Plan, SearchLimits } from './search.ts'
import { usualDispatch } from './usual-dispatch.ts'

/**
 * A change of plan in the middle of a run.
 * @public
 */
export interface Replan {
  /** The plan until then. */
  readonly from: Plan
  /** The plan from then on. */
  readonly to: Plan
  /** Items that had not started. */
  readonly itemsLeft: number
  /** Item time that the first plan was made for, milliseconds. */
  readonly expectedItemTimeMs: number
  /** Item time that the run measured, less what others beside it add, milliseconds. */
  readonly measuredItemTimeMs: number
}

/** What a run starts out with. */
export interface ReplannerSettings {
  readonly plan: Plan
  readonly costs: Costs
  readonly limits: SearchLimits
  /** Workers that are running now. */
  readonly warmWorkers: () => number
  /** Whether the items may run on the calling thread. */
  readonly allowMainThread: boolean
  /** The time, milliseconds. */
  readonly now: () => number
}

/** Item times that differ by less than this factor call no plan into question. */
const SURPRISE = 1.5

/** So many times as many items as planned for are news too: a stream does not say how long it is. */
const MORE_ITEMS = 2

/** Another plan has to promise to end in this share of the time. */
const CHANGE_MARGIN = 0.75

/** And to save at least this much, milliseconds. */
const LEAST_SAVING_MS = 2

/** More changes than this are flapping: the last plan stays. */
const MOST_REPLANS = 4

/** Fewer items say too little, unless they took long. */
const FEWEST_ITEMS = 32
const LONG_ENOUGH_MS = 20

/** No item is shorter, whatever a clock of coarse ticks says: a nanosecond. */
const SHORTEST_ITEM_MS = 1e-6

/** Asking the cost model takes some tens of microseconds, a chunk some milliseconds. */
const ASK_INTERVAL_MS = 20

/** As an item runs in the loop, and on a worker. */
const LOOP: Plan = { executor: 'serial', nJobs: 1, chunkSize: 1 }
const WORKER: Plan = { executor: 'worker_threads', nJobs: 1, chunkSize: 1 }

/** Watches over the plan of one run. */
export class Replanner {
  /** The changes so far. */
  readonly replans: Replan[] = []
  readonly #settings: ReplannerSettings
  #plan: Plan
  #next: Replan | undefined
  #itemTimeMs: number
  #plannedItems: number
  #askedAtMs = -Infinity
  /** An item that ended a worker must not end the caller's process. */
  #isMainThreadSafe: boolean

  constructor(settings: ReplannerSettings) {
    this.#settings = settings
    this.#plan = settings.plan
    this.#itemTimeMs = this.#knownItemMs(settings.plan)
    this.#plannedItems = settings.costs.itemCount
    this.#isMainThreadSafe = settings.allowMainThread
  }

  /** What was known of an item; where whole runs told loop and workers apart, it depends on the plan. */
  #knownItemMs(plan: Plan): number {
    const { mainItemTimeMs, workerItemTimeMs, isWeighed } = this.#settings.costs
    const isInLoop = isWeighed && !usesWorkers(plan)
    return Math.max((isInLoop && mainItemTimeMs) || workerItemTimeMs, SHORTEST_ITEM_MS)
  }

  /** The plan that holds now. */
  get plan(): Plan {
    return this.#plan
  }

  /** Item time that it was made for, milliseconds. */
  get itemTimeMs(): number {
    return this.#itemTimeMs
  }

  /** Round trip of an empty chunk, milliseconds, where it was measured. */
  get dispatchMs(): number | undefined {
    return this.#settings.costs.dispatch?.dispatchMs
  }

  /** Standard deviation of the item times over their mean; 0 where it is not known. */
  get coefficientOfVariation(): number {
    return this.#settings.costs.coefficientOfVariation
  }

  /** Correlation of the item time with the position in the data, -1..1. */
  get trend(): number {
    return this.#settings.costs.trend ?? 0
  }

  /** Whether the run is to end so that another plan takes over; `takeOver` then gives it. */
  reconsider(run: MeasuredRun): boolean {
    const alone = { ...run, itemTimeMs: run.itemTimeMs / this.#slowdown }
    const measured = { ...alone, itemTimeMs: Math.max(this.#timeAheadMs(alone), SHORTEST_ITEM_MS) }
    if (measured.lostWorkers > 0) this.#isMainThreadSafe = false
    if (this.#next) return true
    if (this.#plan.executor === 'async' || this.replans.length >= MOST_REPLANS) return false
    if (!this.#isSurprising(measured) || !this.#isTimeToAsk()) return false
    const costs = this.#costsOf(measured)
    const { best } = choosePlan(costs, this.#settings.limits)
    if (best.executor === 'async' || isAsMany(best, this.#plan)) return false
    const stayingMs = this.#stayingMs(costs)
    const isWorthIt =
      best.makespanMs < CHANGE_MARGIN * stayingMs && best.makespanMs < stayingMs - LEAST_SAVING_MS
    if (isWorthIt) this.#change(best, measured)
    return isWorthIt
  }

  /** How much longer an item takes beside the others than alone. */
  get #slowdown(): number {
    const others = usesWorkers(this.#plan) ? this.#plan.nJobs - 1 : 0
    return 1 + this.#settings.costs.contention * others
  }

  /**
   * Time of an item to come. Where items are known to differ, quick ones at the beginning may only mean
   * that the long ones come later; the more of the map they are, the more they are believed.
   */
  #timeAheadMs({ itemTimeMs, itemCount, remaining }: MeasuredRun): number {
    const areAlike = this.#settings.costs.coefficientOfVariation <= ALIKE
    if (areAlike || itemTimeMs >= this.#itemTimeMs || !Number.isFinite(remaining)) return itemTimeMs
    const total = itemCount + remaining
    const leftMs = Math.max(0, this.#itemTimeMs * total - itemTimeMs * itemCount)
    const trust = Math.min(1, (2 * itemCount) / total)
    return trust * itemTimeMs + (1 - trust) * (leftMs / Math.max(1, remaining))
  }

  /**
   * The change to go on with, where there is one.
   *
   * @param lostWorkers - Workers that died until the run ended, also after it was to end: the loop that
   * was to take over does not.
   */
  takeOver(lostWorkers: number): Replan | undefined {
    if (lostWorkers > 0) this.#isMainThreadSafe = false
    const next = this.#next
    this.#next = undefined
    if (!next || (!this.#isMainThreadSafe && !usesWorkers(next.to))) return undefined
    this.#plan = next.to
    const { from, to, measuredItemTimeMs } = next
    this.#itemTimeMs = (measuredItemTimeMs * this.#knownItemMs(to)) / this.#knownItemMs(from)
    this.replans.push(next)
    return next
  }

  /** What is left would take so long under the plan that holds, its chunks as long as planned. */
  #stayingMs(costs: Costs): number {
    const { executor, nJobs, chunkSize } = this.#plan
    if (executor === 'serial') return serialMakespanMs(costs)
    const asLong = Math.round((chunkSize * this.#itemTimeMs) / costs.workerItemTimeMs)
    const largest = Math.ceil(costs.itemCount / nJobs)
    return poolMakespanMs(costs, nJobs, Math.max(1, Math.min(asLong, largest)))
  }

  #isTimeToAsk(): boolean {
    const nowMs = this.#settings.now()
    if (nowMs - this.#askedAtMs < ASK_INTERVAL_MS) return false
    this.#askedAtMs = nowMs
    return true
  }

  #isSurprising({ itemTimeMs, itemCount, remaining }: MeasuredRun): boolean {
    const isKnown = itemCount >= FEWEST_ITEMS || itemCount * itemTimeMs >= LONG_ENOUGH_MS
    if (!isKnown || remaining < 2) return false
    if (itemsAhead({ itemCount, remaining }) > MORE_ITEMS * this.#plannedItems) return true
    const ratio = itemTimeMs / Math.max(this.#itemTimeMs, Number.EPSILON)
    return ratio > SURPRISE || ratio < 1 / SURPRISE
  }

  #costsOf({ itemTimeMs, itemCount, remaining }: MeasuredRun): Costs {
    const { costs, limits, warmWorkers } = this.#settings
    const dispatch = {
      ...usualDispatch(limits.runtime),
      ...costs.dispatch,
      warmWorkers: warmWorkers(),
    }
    const pace = itemTimeMs / this.#knownItemMs(this.#plan)
    this.#plannedItems = itemsAhead({ itemCount, remaining })
    return {
      ...costs,
      itemCount: this.#plannedItems,
      mainItemTimeMs: this.#isMainThreadSafe ? pace * this.#knownItemMs(LOOP) : undefined,
      workerItemTimeMs: pace * this.#knownItemMs(WORKER),
      dispatch,
    }
  }

  #change(to: Plan, { itemTimeMs, remaining }: MeasuredRun): void {
    const { executor, nJobs, chunkSize } = to
    this.#next = {
      from: this.#plan,
      to: { executor, nJobs, chunkSize },
      itemsLeft: remaining,
      expectedItemTimeMs: this.#itemTimeMs,
      measuredItemTimeMs: itemTimeMs,
    }
  }
}

/** The size of the chunks follows the items anyway. */
function isAsMany(one: Plan, other: Plan): boolean {
  return one.executor === other.executor && one.nJobs === other.nJobs
}

/** Where nobody knows what is left of a stream, as much again is a fair guess. */
function itemsAhead({
  itemCount,
  remaining,
}: Pick<MeasuredRun, 'itemCount' | 'remaining'>): number {
  return Number.isFinite(remaining) ? remaining : itemCount
}

/** A change of plan in words. */
export function describeReplan(replan: Replan): string {
  const { from, to, itemsLeft, expectedItemTimeMs, measuredItemTimeMs } = replan
  const left = Number.isFinite(itemsLeft) ? ` for the ${countOf(itemsLeft, 'item')} left` : ''
  return `Items took ${formatMs(measuredItemTimeMs)} and not ${formatMs(expectedItemTimeMs)}: from ${describePlan(from)} to ${describePlan(to)}${left}`
}

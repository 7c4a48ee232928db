/** What the items of a run took, from the times of the chunks they were run in. */
import type { ExecutionCosts } from './executor.ts'

/** Weight of the chunks before when the time of the last items is told: about the last ten count. */
const MEMORY = 0.9

/** Mean and spread of item times, and what the last items took. */
export class ItemTimes {
  #itemCount = 0
  #groupCount = 0
  #busyMs = 0
  /** Sum over the groups of busy time squared over the number of items. */
  #squares = 0
  #recentItems = 0
  #recentMs = 0

  /** Notes items that took so long together, one after the other. */
  add(itemCount: number, busyMs: number): void {
    if (itemCount === 0) return
    this.#itemCount += itemCount
    this.#groupCount++
    this.#busyMs += busyMs
    this.#squares += (busyMs * busyMs) / itemCount
    this.#recentItems = this.#recentItems * MEMORY + itemCount
    this.#recentMs = this.#recentMs * MEMORY + busyMs
  }

  /** Number of items so far. */
  get itemCount(): number {
    return this.#itemCount
  }

  /** Time of all items, milliseconds. */
  get busyMs(): number {
    return this.#busyMs
  }

  /** Mean time of an item, milliseconds; 0 before the first. */
  get meanMs(): number {
    return this.#itemCount === 0 ? 0 : this.#busyMs / this.#itemCount
  }

  /** Mean time of the last items, milliseconds; 0 before the first. */
  get recentMs(): number {
    return this.#recentItems === 0 ? 0 : this.#recentMs / this.#recentItems
  }

  /**
   * Standard deviation of the item times over their mean; 0 where fewer than two groups were noted.
   * The sum of k independent items varies by k times the variance of one, so the groups tell it:
   * the sum over groups of (t - k m)^2 / k, over the number of groups less one.
   */
  get coefficientOfVariation(): number {
    return this.#variation(this.#groupCount - 1)
  }

  /** Standard deviation of the groups' means over the mean: what the items' own is at least. */
  get groupVariation(): number {
    return this.#variation(this.#itemCount)
  }

  #variation(degreesOfFreedom: number): number {
    if (this.#groupCount < 2 || this.#busyMs === 0) return 0
    const spread = this.#squares - this.#busyMs * this.meanMs
    return Math.sqrt(Math.max(0, spread) / degreesOfFreedom) / this.meanMs
  }

  /** As a run tells it. */
  toCosts(chunkCount = 0, lostWorkers = 0): ExecutionCosts {
    const { busyMs, itemCount, meanMs, coefficientOfVariation, groupVariation } = this
    return {
      busyMs,
      itemCount,
      chunkCount,
      itemTimeMs: meanMs,
      coefficientOfVariation,
      groupVariation,
      lostWorkers,
    }
  }
}

/**
 * The coefficient of variation of a run: what was sampled item by item, within what the groups leave
 * possible. They alone make it too large by the root of a group's size where items are sorted or the
 * machine's pace changes.
 *
 * @param known - As it was sampled; 0 where it was not, and then what the groups show at least.
 */
export function variationWithin(
  {
    coefficientOfVariation,
    groupVariation = 0,
  }: Pick<ExecutionCosts, 'coefficientOfVariation' | 'groupVariation'>,
  known: number = 0,
): number {
  return Math.max(groupVariation, Math.min(known, coefficientOfVariation))
}

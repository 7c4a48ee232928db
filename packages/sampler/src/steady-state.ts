/**
 * When an item time can be believed. The first calls of a function run cold, 10 to 20 times slower
 * than later ones, so a plain mean says little about the rest of the run. Items are measured in
 * batches of doubling size; cold batches are those before the mean stopped falling.
 */
import { RunningStatistics } from '@amorsize/features'

/** Means this close together are one steady state. */
const SETTLED_RATIO = 0.8

/** A standard error of the mean below this share of it is as good as a decision needs. */
const SETTLED_ERROR = 0.1

/** Fewer items say nothing about their spread. */
const FEWEST_ITEMS = 3

/** Item times, batch by batch. */
export class SteadyState {
  /** Statistics of each batch since the item time last fell markedly. */
  #warm = new RunningStatistics()
  #lastBatch = new RunningStatistics()

  /** Takes the item times of the next batch, milliseconds. */
  addBatch(itemTimesMs: Iterable<number>): void {
    const batch = new RunningStatistics()
    for (const timeMs of itemTimesMs) batch.add(timeMs)
    if (batch.count === 0) return
    const isStillWarmingUp = batch.mean < SETTLED_RATIO * this.#warm.mean
    if (isStillWarmingUp) this.#warm = new RunningStatistics()
    for (const timeMs of itemTimesMs) this.#warm.add(timeMs)
    this.#lastBatch = batch
  }

  /** Mean of the items since the function became warm, milliseconds; NaN before the first batch. */
  get itemTimeMs(): number {
    return this.#warm.mean
  }

  /** CV of the same items; 0 where there are too few of them to tell. */
  get coefficientOfVariation(): number {
    return this.#warm.count < FEWEST_ITEMS ? 0 : this.#warm.coefficientOfVariation
  }

  /** Standard error of the mean over the mean; infinite where there are too few items to tell. */
  get relativeError(): number {
    if (this.#warm.count < FEWEST_ITEMS) return Infinity
    return this.coefficientOfVariation / Math.sqrt(this.#warm.count)
  }

  /** Whether the mean has stopped falling and is known well enough. */
  get isSettled(): boolean {
    const isFlat = this.#lastBatch.count < this.#warm.count
    return isFlat && this.relativeError <= SETTLED_ERROR
  }
}

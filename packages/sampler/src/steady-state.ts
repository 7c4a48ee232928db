/**
 * When an item time can be believed, and which. The first calls of a function run cold, 10 to 20 times
 * slower than later ones, so a plain mean says little about the rest of the run; and while a thread is
 * young, its collector, its compiler and memory that is touched for the first time hold up an item now
 * and then for as long as a thousand others take. The time of an item is therefore the mean of the warm
 * slices without the slowest of them.
 */
import { RunningStatistics } from '@amorsize/features'

import { cutIntoSlices, warmSlices } from './slices.ts'
import type { Batch, Slice } from './slices.ts'

/**
 * Share of the warm items, in the slowest slices, that is left out. What holds items up falls on a few
 * slices, and on more of a sample than of a run. Chosen by bench/estimate-error.mjs, in which 0.1 to 0.25
 * differ little.
 */
const SLOWEST_SHARE = 0.15

/** Of fewer slices none can be told from the others. */
const FEWEST_SLICES = 5

/**
 * An item that takes longer was not held up: of some hundred dry runs of functions of microseconds the
 * longest pause was 5.3 ms.
 */
const LONGEST_PAUSE_MS = 6

/** A function that runs shorter than this may not have met the optimiser yet, however even it is. */
const SHORTEST_WARM_UP_MS = 25

/** A standard error of the mean below this share of it is as good as a decision needs. */
const SETTLED_ERROR = 0.05

/** Fewer items say nothing about their spread. */
const FEWEST_ITEMS = 3

interface Estimate {
  readonly itemTimeMs: number
  /** Of the times that count. */
  readonly statistics: RunningStatistics
  /** Of those that were left out as well. */
  readonly all: RunningStatistics
  readonly sliceCount: number
}

/** Item times, batch by batch. */
export class SteadyState {
  readonly #batches: Batch[] = []
  #busyMs = 0
  #estimate: Estimate | undefined

  /**
   * Takes the item times of the next batch.
   *
   * @param itemTimesMs - Milliseconds; of items that were timed together, their mean.
   * @param itemsPerTime - Number of items behind each time.
   */
  addBatch(itemTimesMs: Iterable<number>, itemsPerTime = 1): void {
    const timesMs = Float64Array.from(itemTimesMs)
    if (timesMs.length === 0) return
    this.#batches.push({ timesMs, itemsPerTime })
    for (const timeMs of timesMs) this.#busyMs += timeMs * itemsPerTime
    this.#estimate = undefined
  }

  /** Mean of the items since the function became warm, the slowest left out, milliseconds; NaN before the first batch. */
  get itemTimeMs(): number {
    return this.#estimated.itemTimeMs
  }

  /** Number of items since then; of items that were timed together, of their means. */
  get warmCount(): number {
    return this.#estimated.all.count
  }

  /** CV of the items that count; 0 where there are too few of them to tell. */
  get coefficientOfVariation(): number {
    const { statistics } = this.#estimated
    return statistics.count < FEWEST_ITEMS ? 0 : statistics.coefficientOfVariation
  }

  /**
   * Standard error of the mean of all warm items over that mean: what was left out may have been items and
   * no pauses. Infinite where there are too few items to tell.
   */
  get relativeError(): number {
    const { count, coefficientOfVariation } = this.#estimated.all
    return count < FEWEST_ITEMS ? Infinity : coefficientOfVariation / Math.sqrt(count)
  }

  /** Time spent in the function so far, milliseconds. */
  get busyMs(): number {
    return this.#busyMs
  }

  /** Whether the quick items have stopped becoming quicker. */
  get isWarmedUp(): boolean {
    return this.#estimated.sliceCount > 1 && this.#busyMs >= SHORTEST_WARM_UP_MS
  }

  /** Whether they have, and the mean is known well enough. */
  get isSettled(): boolean {
    return this.isWarmedUp && this.relativeError <= SETTLED_ERROR
  }

  get #estimated(): Estimate {
    return (this.#estimate ??= estimateBy(warmSlices(cutIntoSlices(this.#batches))))
  }
}

function estimateBy(slices: readonly Slice[]): Estimate {
  const statistics = new RunningStatistics()
  const all = new RunningStatistics()
  for (const { timesMs } of slices) for (const timeMs of timesMs) all.add(timeMs)
  const comparable = slices.filter(({ isShort }) => !isShort)
  const leftOut = comparable.length < FEWEST_SLICES ? 0 : SLOWEST_SHARE
  const itemCount = slices.reduce((sum, slice) => sum + slice.itemCount, 0)
  let toLeaveOut = leftOut * itemCount
  let items = 0
  let busyMs = 0
  for (const slice of slices.toSorted((a, b) => meanOf(b) - meanOf(a))) {
    const mayBeLeftOut =
      !slice.isShort && slice.timesMs.every((timeMs) => timeMs < LONGEST_PAUSE_MS)
    // Of the last one only a part is left out.
    const share = mayBeLeftOut ? Math.max(0, 1 - toLeaveOut / slice.itemCount) : 1
    toLeaveOut -= (1 - share) * slice.itemCount
    if (share === 0) continue
    items += share * slice.itemCount
    busyMs += share * slice.busyMs
    for (const timeMs of slice.timesMs) statistics.add(timeMs)
  }
  return { itemTimeMs: busyMs / items, statistics, all, sliceCount: slices.length }
}

function meanOf({ busyMs, itemCount }: Slice): number {
  return busyMs / itemCount
}

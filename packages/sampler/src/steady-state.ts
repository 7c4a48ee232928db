/**
 * When an item time can be believed. The first calls of a function run cold, 10 to 20 times slower
 * than later ones, so a plain mean says little about the rest of the run. Items are measured in
 * batches of growing size; the cold ones are the first batches whose quick items are slower than
 * those of the last. Quick items and not the mean, because where costs differ from item to item a
 * batch may be slow by its items and not by being cold.
 */
import { quantile, RunningStatistics } from '@amorsize/features'

/** An earlier batch whose quick items took more than this many times those of the last was cold. */
const COLD_RATIO = 1.15

/** The optimiser is done with a function after so much time in it; what is slow later is no warm-up. */
const LONGEST_WARM_UP_MS = 20

/** A function that runs shorter than this may not have met the optimiser yet, however even it is. */
const SHORTEST_WARM_UP_MS = 25

/** A standard error of the mean below this share of it is as good as a decision needs. */
const SETTLED_ERROR = 0.05

/** Fewer items say nothing about their spread. */
const FEWEST_ITEMS = 3

/** The quick items of a batch. */
const QUICK_SHARE = 0.25

/** The very first batches are all compilation, and too short to have seen anything rare. */
const FEWEST_ITEMS_OF_A_SHAPE = 8
const SHORTEST_BEFORE_A_SHAPE_MS = 0.5

interface Batch {
  readonly timesMs: readonly number[]
  readonly quickMs: number
  /** Time in the function before this batch. */
  readonly startedAtMs: number
}

/** Item times, batch by batch. */
export class SteadyState {
  readonly #batches: Batch[] = []
  #warm = new RunningStatistics()
  #isFlat = false
  #busyMs = 0

  /**
   * Takes the item times of the next batch.
   *
   * @param itemTimesMs - Milliseconds; of items that were timed together, their mean.
   * @param itemsPerTime - Number of items behind each time.
   */
  addBatch(itemTimesMs: Iterable<number>, itemsPerTime = 1): void {
    const timesMs = [...itemTimesMs]
    if (timesMs.length === 0) return
    const quickMs = quantile(timesMs.toSorted(ascending), QUICK_SHARE)
    this.#batches.push({ timesMs, quickMs, startedAtMs: this.#busyMs })
    for (const timeMs of timesMs) this.#busyMs += timeMs * itemsPerTime
    this.#warm = new RunningStatistics()
    const warm = warmBatches(this.#batches)
    this.#isFlat = warm.length > 1
    for (const batch of warm) for (const timeMs of batch.timesMs) this.#warm.add(timeMs)
    this.#addShapeOfCold(warm)
  }

  /**
   * How much slower than the quick items the others are is seen in cold batches too, and what is rare
   * (a large item, a pause of the garbage collector) only in many items: a single one in a short warm
   * batch would pass for the usual. So what is cold counts at the pace of the warm.
   */
  #addShapeOfCold(warm: readonly Batch[]): void {
    const paceMs = paceOf(warm)
    for (const { timesMs, quickMs, startedAtMs } of this.#batches.slice(0, -warm.length)) {
      if (startedAtMs < SHORTEST_BEFORE_A_SHAPE_MS) continue
      if (timesMs.length < FEWEST_ITEMS_OF_A_SHAPE) continue
      const slowdown = Math.max(1, quickMs / paceMs)
      for (const timeMs of timesMs) {
        this.#warm.add(Math.min(timeMs, Math.max(paceMs, timeMs / slowdown)))
      }
    }
  }

  /** Mean of the items since the function became warm, milliseconds; NaN before the first batch. */
  get itemTimeMs(): number {
    return this.#warm.mean
  }

  /** Number of those items; of items that were timed together, of their means. */
  get warmCount(): number {
    return this.#warm.count
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

  /** Time spent in the function so far, milliseconds. */
  get busyMs(): number {
    return this.#busyMs
  }

  /** Whether the quick items have stopped becoming quicker. */
  get isWarmedUp(): boolean {
    return this.#isFlat && this.#busyMs >= SHORTEST_WARM_UP_MS
  }

  /** Whether they have, and the mean is known well enough. */
  get isSettled(): boolean {
    return this.isWarmedUp && this.relativeError <= SETTLED_ERROR
  }
}

/** The batches from the first that was not cold. */
function warmBatches(batches: readonly Batch[]): readonly Batch[] {
  const last = batches.at(-1)
  if (!last) return batches
  const lastCold = batches.findLastIndex(
    ({ quickMs, startedAtMs }) =>
      startedAtMs < LONGEST_WARM_UP_MS && quickMs > COLD_RATIO * last.quickMs,
  )
  return batches.slice(lastCold + 1)
}

/** Time of the quick items, each batch by the time it took. */
function paceOf(batches: readonly Batch[]): number {
  let totalMs = 0
  let weightedMs = 0
  for (const { timesMs, quickMs } of batches) {
    const durationMs = timesMs.reduce((sum, timeMs) => sum + timeMs, 0)
    totalMs += durationMs
    weightedMs += durationMs * quickMs
  }
  return weightedMs / totalMs
}

function ascending(a: number, b: number): number {
  return a - b
}

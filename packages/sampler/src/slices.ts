/**
 * Item times cut into slices of a fraction of a millisecond, in the order in which they were measured:
 * fine enough to see when a function has become warm, and what fell on a few items only.
 */
import { median, quantile } from '@amorsize/features'

/** Items that were measured together. */
export interface Batch {
  /** Milliseconds; of items that were timed together, their mean. */
  readonly timesMs: Float64Array
  /** Items behind each time. */
  readonly itemsPerTime: number
}

/** Items in a row. */
export interface Slice {
  readonly timesMs: Float64Array
  /** Number of items. */
  readonly itemCount: number
  /** Time of all of them, milliseconds. */
  readonly busyMs: number
  /** Time in the function before them, milliseconds. */
  readonly startedAtMs: number
  /** Time of the quick ones. */
  readonly quickMs: number
  /** Whether it is one of the first calls, or the rest of a batch: too few items to be held against others. */
  readonly isShort: boolean
}

/** Long enough that a pause of the collector is most of it, and some tens of them are in any sample. */
const SLICE_MS = 0.25

/** Times that differ are in larger slices, so that the means of these differ by no more than this. */
const MEANS_VARY = 0.3
const FEWEST_TIMES = 8
const MOST_TIMES = 64

/** An item that takes so many times the usual was held up by something else, as far as its slice goes. */
const HELD_UP = 30

/** The quick items of a slice. */
const QUICK_SHARE = 0.25

/** The optimiser is done with a function after so much time in it; what is slow later is no warm-up. */
const LONGEST_WARM_UP_MS = 20

/** An earlier slice whose quick items took more than this many times those of the last ones was cold. */
const COLD_RATIO = 1.15

/** The last ones have this share of the time: of a single slice the items may happen to be small. */
const LAST_SHARE = 0.3

/** Cuts batches into slices, none of which is of two batches: the first ones, of a few calls, stand alone. */
export function cutIntoSlices(batches: readonly Batch[]): Slice[] {
  const fewest = fewestTimes(batches)
  const slices: Slice[] = []
  let startedAtMs = 0
  for (const { timesMs, itemsPerTime } of batches) {
    let from = 0
    let busyMs = 0
    for (let place = 0; place < timesMs.length; place++) {
      busyMs += timesMs[place]! * itemsPerTime
      const isFull = busyMs >= SLICE_MS && place + 1 - from >= fewest
      const isWorthAnother = timesMs.length - (place + 1) >= fewest
      if (place + 1 < timesMs.length && !(isFull && isWorthAnother)) continue
      const part = timesMs.subarray(from, place + 1)
      const itemCount = part.length * itemsPerTime
      const quickMs = quantile(part.toSorted(), QUICK_SHARE)
      const isShort = part.length < fewest
      slices.push({ timesMs: part, itemCount, busyMs, startedAtMs, quickMs, isShort })
      startedAtMs += busyMs
      from = place + 1
      busyMs = 0
    }
  }
  return slices
}

/** By how much items differ that nothing held up tells how many make a slice. */
function fewestTimes(batches: readonly Batch[]): number {
  const all = batches.flatMap(({ timesMs }) => [...timesMs])
  const later = Float64Array.from(all.slice(all.length >> 1)).toSorted()
  if (later.length === 0) return FEWEST_TIMES
  const longestMs = HELD_UP * later[later.length >> 1]!
  let count = 0
  let sum = 0
  let squares = 0
  for (const timeMs of all.slice(all.length >> 2)) {
    const cappedMs = Math.min(timeMs, longestMs)
    count++
    sum += cappedMs
    squares += cappedMs * cappedMs
  }
  const variance = (squares * count) / (sum * sum) - 1
  const wanted = Math.ceil(variance / (MEANS_VARY * MEANS_VARY))
  return Math.min(MOST_TIMES, Math.max(FEWEST_TIMES, wanted || 0))
}

/**
 * The slices since the last cold one. Quick items tell that and not the mean: where costs differ from item
 * to item a slice may be slow by its items.
 */
export function warmSlices(slices: readonly Slice[]): readonly Slice[] {
  const last = lastSlices(slices)
  if (last.length === 0) return slices
  const coldMs = COLD_RATIO * median(last.map(({ quickMs }) => quickMs))
  const lastCold = slices
    .slice(0, -1)
    .findLastIndex(
      ({ quickMs, startedAtMs }) => startedAtMs < LONGEST_WARM_UP_MS && quickMs > coldMs,
    )
  return slices.slice(lastCold + 1)
}

function lastSlices(slices: readonly Slice[]): readonly Slice[] {
  let leftMs = LAST_SHARE * slices.reduce((sum, { busyMs }) => sum + busyMs, 0)
  let from = slices.length
  while (from > 0 && leftMs > 0) leftMs -= slices[--from]!.busyMs
  return slices.slice(from)
}

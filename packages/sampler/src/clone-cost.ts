/** What it costs the caller's thread to send items and to take their results back. */
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { packNumbers, unpackNumbers } from './number-packing.ts'

/** Pairs of item and result whose clones are timed: so many that what a chunk costs by itself is little. */
export const TIMED_PAIRS = 64

/** A batch of clones that takes longer is enough; each is timed twice, for one may be disturbed. */
const LONG_MS = 1

/** The first clones of a shape are several times slower than the rest. */
const GROWTH = 4

/** Clones of nothing, the quickest of which is what any chunk costs. */
const EMPTY_CLONES = 4

/**
 * Time of the caller's thread for one item there and its result back, milliseconds, as in a chunk of
 * many: a clone by itself takes a microsecond or two before the first value.
 *
 * A clone is one serialisation and one deserialisation; the caller's thread does the first for the
 * item and the second for the result, so half of both clones is its share.
 *
 * @param pairs - Items and their results, all of which can be cloned; the first 64 count.
 * @param clock - Time, milliseconds. Defaults to the monotonic clock of the process.
 * @returns 0 without pairs.
 * @throws `DataCloneError` for what cannot be cloned.
 * @public
 */
export function measureCloneMs(
  pairs: readonly (readonly [item: unknown, result: unknown])[],
  clock: Clock = systemClock,
): number {
  const most = Math.min(pairs.length, TIMED_PAIRS)
  if (most === 0) return 0
  const items = pairs.map(([item]) => item)
  const results = pairs.map(([, result]) => result)
  const timeOf = (count: number): number => {
    const [sent, received] = [items.slice(0, count), results.slice(0, count)]
    const startMs = clock.now()
    cross(sent)
    cross(received)
    return clock.now() - startMs
  }
  // The first clone of a process loads what clones.
  let emptyMs = Infinity
  for (let clone = 0; clone < EMPTY_CLONES; clone++) emptyMs = Math.min(emptyMs, timeOf(0))
  let count = 0
  let batchMs = 0
  while (count < most && batchMs < LONG_MS) {
    count = Math.min(most, Math.max(1, count * GROWTH))
    batchMs = Math.min(timeOf(count), timeOf(count))
  }
  return Math.max(0, batchMs - emptyMs) / 2 / count
}

/** Takes values to another thread, as far as that is the work of the threads themselves. */
function cross(values: readonly unknown[]): void {
  const packed = packNumbers(values)
  if (packed) unpackNumbers(packed)
  else structuredClone(values)
}

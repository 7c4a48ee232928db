/** What it costs the caller's thread to send items and to take their results back. */
import { LEAST_ITEM_BYTES } from './carried-message.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { copyForHandover, withoutHiddenMemory } from './handover.ts'
import { packNumbers, unpackNumbers } from './number-packing.ts'

/** Pairs of item and result whose clones are timed: so many that what a chunk costs by itself is little. */
export const TIMED_PAIRS = 64

/** A batch of clones that takes longer is enough. */
const LONG_MS = 0.5

/** The first clones of a shape are several times slower than the rest. */
const GROWTH = 4

/** Clones of nothing, the quickest of which is what any chunk costs. */
const EMPTY_CLONES = 4

/**
 * What one item to a worker thread and its result back take each side, milliseconds.
 * @public
 */
export interface ItemCloneCosts {
  /** Time of the caller's thread. */
  readonly cloneMs: number
  /** Time of the worker: less where the memory of large arrays is handed over to it. */
  readonly workerCloneMs: number
}

/**
 * Times clones of items and results, as in a chunk of many: a clone by itself takes a microsecond or two
 * before the first value.
 *
 * @param pairs - Items and their results, all of which can be cloned; the first 64 count.
 * @param clock - Time, milliseconds. Defaults to the monotonic clock of the process.
 * @returns 0 without pairs.
 * @throws `DataCloneError` for what cannot be cloned.
 * @public
 */
export function measureCloneCosts(
  pairs: readonly (readonly [item: unknown, result: unknown])[],
  clock: Clock = systemClock,
): ItemCloneCosts {
  const most = Math.min(pairs.length, TIMED_PAIRS)
  if (most === 0) return { cloneMs: 0, workerCloneMs: 0 }
  const items = pairs.map(([item]) => item)
  const results = pairs.map(([, result]) => result)
  const timeOf = (count: number): ItemCloneCosts => {
    const sending = timeSending(items.slice(0, count), clock)
    const receivingMs = timeReceiving(results.slice(0, count), clock)
    const cloneMs = sending.timeMs + receivingMs
    return { cloneMs, workerCloneMs: sending.isHandedOver ? receivingMs : cloneMs }
  }
  // The first clone of a process loads what clones.
  let emptyMs = Infinity
  for (let clone = 0; clone < EMPTY_CLONES; clone++) {
    emptyMs = Math.min(emptyMs, timeOf(0).cloneMs)
  }
  const ofOne = (batchMs: number, count: number): number => Math.max(0, batchMs - emptyMs) / count
  for (let count = 1; ; count = Math.min(most, count * GROWTH)) {
    const isLast = count === most
    let batch = timeOf(count)
    // One may be disturbed, and the first is.
    if (isLast || batch.cloneMs >= LONG_MS) {
      const again = timeOf(count)
      if (again.cloneMs < batch.cloneMs) batch = again
    }
    if (isLast || batch.cloneMs >= LONG_MS) {
      return {
        cloneMs: ofOne(batch.cloneMs, count),
        workerCloneMs: ofOne(batch.workerCloneMs, count),
      }
    }
  }
}

/** A clone is one serialisation, on the sender's thread, and one deserialisation on the receiver's. */
const SIDES_OF_A_CLONE = 2

function timeSending(
  items: readonly unknown[],
  clock: Clock,
): { readonly timeMs: number; readonly isHandedOver: boolean } {
  const startMs = clock.now()
  if (packNumbers(items)) return { timeMs: clock.now() - startMs, isHandedOver: false }
  if (copyForHandover(items, LEAST_ITEM_BYTES)) {
    return { timeMs: clock.now() - startMs, isHandedOver: true }
  }
  return { timeMs: cloningMs(items, clock) / SIDES_OF_A_CLONE, isHandedOver: false }
}

/** Of what a worker hands over the caller's thread has to free the memory, about as long as half a clone. */
function timeReceiving(results: readonly unknown[], clock: Clock): number {
  const packed = packNumbers(results)
  if (!packed) return cloningMs(withoutHiddenMemory(results), clock) / SIDES_OF_A_CLONE
  const startMs = clock.now()
  unpackNumbers(packed)
  return clock.now() - startMs
}

function cloningMs(values: readonly unknown[], clock: Clock): number {
  const startMs = clock.now()
  structuredClone(values)
  return clock.now() - startMs
}

/** What it would cost to send the items of maps that ran on the calling thread, told from their results. */
import { median } from '@amorsize/features'

import { guessDispatch } from '../usual-dispatch.ts'

/** Of one item and its result. */
export interface SendingCosts {
  /** Time of the calling thread for the item to a worker and the result back, milliseconds. */
  readonly cloneMs: number
  /** Mean size of a serialised result, bytes; 0 where it has no serialised form. */
  readonly serializedBytes: number
}

/** Workloads that are remembered: to clone large results takes longer than to learn of the run. */
const MOST_REMEMBERED = 100

/** Results that are serialised for their sizes. */
const WEIGHED_RESULTS = 8

const costsByWorkload = new Map<string, SendingCosts | undefined>()

/** Whether they were measured in this process before. */
export function isSendingMeasured(workload: string): boolean {
  return costsByWorkload.has(workload)
}

/**
 * Measured once for each workload; `undefined` where it cannot be sent.
 *
 * @param workload - Its key, as the cache of decisions tells them apart.
 * @param pairs - Items and their results, one or more.
 */
export function sendingCostsOf(
  workload: string,
  pairs: readonly (readonly [item: unknown, result: unknown])[],
): SendingCosts | undefined {
  if (costsByWorkload.has(workload)) return costsByWorkload.get(workload)
  const costs = measure(pairs)
  const [oldest] = costsByWorkload.keys()
  if (costsByWorkload.size >= MOST_REMEMBERED) costsByWorkload.delete(oldest!)
  costsByWorkload.set(workload, costs)
  return costs
}

/** Clones of one pair, of which the middle one counts: the first are several times slower. */
const MOST_TURNS = 16
const LONG_ENOUGH_MS = 0.5

/** Of a single item and its result; `undefined` where they cannot be sent. */
export function sendingCostsOfExample(
  pair: readonly [item: unknown, result: unknown],
): SendingCosts | undefined {
  const costs = measure([pair])
  if (!costs) return undefined
  const endMs = performance.now() + LONG_ENOUGH_MS
  const timesMs = [costs.cloneMs]
  while (timesMs.length < MOST_TURNS && performance.now() < endMs) {
    timesMs.push(guessDispatch([pair])?.cloneMs ?? costs.cloneMs)
  }
  return { ...costs, cloneMs: median(timesMs) }
}

function measure(
  pairs: readonly (readonly [item: unknown, result: unknown])[],
): SendingCosts | undefined {
  const cloneMs = guessDispatch(pairs)?.cloneMs
  if (cloneMs === undefined) return undefined
  const { serialize } = process.getBuiltinModule('node:v8')
  const weighed = pairs.slice(0, WEIGHED_RESULTS)
  try {
    const bytes = weighed.reduce((sum, [, value]) => sum + serialize(value).byteLength, 0)
    return { cloneMs, serializedBytes: bytes / weighed.length }
  } catch {
    // Threads carry what no file could: shared memory, a key.
    return { cloneMs, serializedBytes: 0 }
  }
}

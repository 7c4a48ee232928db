/** What it would cost to send the items of maps that ran on the calling thread, told from their results. */
import type { PartialResults } from '@amorsize/sampler'

import { cacheKey } from '../cache-key.ts'
import type { Request } from '../request.ts'
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

/** Whether they were measured in this process before. Digests the context, which can take long. */
export function isSendingMeasured<I, O>(request: Request<I, O>): boolean {
  const key = cacheKey(request)
  return key !== undefined && costsByWorkload.has(key)
}

/**
 * Measured once for each workload, as the cache of decisions tells them apart; `undefined` where it
 * cannot be sent, or workers are no threads.
 */
export function sendingCostsOf<I, O>(
  request: Request<I, O>,
  results: PartialResults<O>,
): SendingCosts | undefined {
  if (request.runtime !== 'worker_threads') return undefined
  const key = cacheKey(request)
  if (key !== undefined && costsByWorkload.has(key)) return costsByWorkload.get(key)
  const costs = measure(request.items, results)
  if (key !== undefined) remember(key, costs)
  return costs
}

function remember(key: string, costs: SendingCosts | undefined): void {
  const [oldest] = costsByWorkload.keys()
  if (costsByWorkload.size >= MOST_REMEMBERED) costsByWorkload.delete(oldest!)
  costsByWorkload.set(key, costs)
}

function measure<I, O>(items: ArrayLike<I>, results: PartialResults<O>): SendingCosts | undefined {
  const cloneMs = guessDispatch(items, results)?.cloneMs
  if (cloneMs === undefined) return undefined
  const { serialize } = process.getBuiltinModule('node:v8')
  const weighed = results.values.slice(0, WEIGHED_RESULTS)
  try {
    const bytes = weighed.reduce((sum, value) => sum + serialize(value).byteLength, 0)
    return { cloneMs, serializedBytes: bytes / weighed.length }
  } catch {
    // Threads carry what no file could: shared memory, a key.
    return { cloneMs, serializedBytes: 0 }
  }
}

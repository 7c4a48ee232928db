/** What it would cost to send the items of maps that ran on the calling thread, told from their results. */
import type { PartialResults } from '@amorsize/sampler'

import type { Request } from '../request.ts'
import { guessDispatch } from '../usual-dispatch.ts'

/** Of one item and its result. */
export interface SendingCosts {
  /** Time of the calling thread for the item to a worker and the result back, milliseconds. */
  readonly cloneMs: number
  /** Size of a serialised result. */
  readonly serializedBytes: number
}

/** Functions that are remembered: to clone large results takes longer than to learn of the run. */
const MOST_REMEMBERED = 100

/** Results that are serialised for their sizes. */
const WEIGHED_RESULTS = 8

const costsBySignature = new Map<string, SendingCosts | undefined>()

/** Whether they were measured in this process before. */
export function isSendingMeasured(signature: string): boolean {
  return costsBySignature.has(signature)
}

/** Measured once for each function; `undefined` where it cannot be sent, or workers are no threads. */
export function sendingCostsOf<I, O>(
  { task: { signature }, items, runtime }: Pick<Request<I, O>, 'task' | 'items' | 'runtime'>,
  results: PartialResults<O>,
): SendingCosts | undefined {
  if (runtime !== 'worker_threads') return undefined
  if (costsBySignature.has(signature)) return costsBySignature.get(signature)
  const costs = measure(items, results)
  const [oldest] = costsBySignature.keys()
  if (costsBySignature.size >= MOST_REMEMBERED) costsBySignature.delete(oldest!)
  costsBySignature.set(signature, costs)
  return costs
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

/** How large items and results are, and what it costs to take them across. */
import type { Clock } from './clock.ts'
import { measureCloneMs } from './clone-cost.ts'

/** Sizes of what crosses between threads, and the time that takes. */
export interface PayloadCost {
  /** Mean serialised size of an item, bytes. */
  readonly inputBytes: number
  /** Mean serialised size of a result, bytes. */
  readonly serializedBytes: number
  /** Time on the caller's thread for one item there and its result back, milliseconds. */
  readonly cloneMs: number
}

/** Pairs that are serialised for their sizes. */
const WEIGHED_PAIRS = 8

/** Measures pairs of item and result, all of which can be cloned. */
export function measurePayload(
  pairs: readonly (readonly [item: unknown, result: unknown])[],
  clock: Clock,
): PayloadCost {
  if (pairs.length === 0) return { inputBytes: 0, serializedBytes: 0, cloneMs: 0 }
  const { serialize } = process.getBuiltinModule('node:v8')
  const weighed = pairs.slice(0, WEIGHED_PAIRS)
  return {
    inputBytes: meanOf(weighed.map(([item]) => serialize(item).byteLength)),
    serializedBytes: meanOf(weighed.map(([, result]) => serialize(result).byteLength)),
    cloneMs: measureCloneMs(pairs, clock),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

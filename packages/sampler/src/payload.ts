/** What it costs the caller's thread to send an item and to take its result back. */
import { median } from '@amorsize/features'

import type { Clock } from './clock.ts'

/** Sizes of what crosses between threads, and the time that takes. */
export interface PayloadCost {
  /** Mean serialised size of an item, bytes. */
  readonly inputBytes: number
  /** Mean serialised size of a result, bytes. */
  readonly serializedBytes: number
  /** Time on the caller's thread for one item there and its result back, milliseconds. */
  readonly cloneMs: number
}

/** The first clone of a shape is several times slower than the rest. */
const WARM_UP_CLONES = 1

/**
 * Measures a few pairs of item and result, all of which can be cloned.
 *
 * A clone is one serialisation and one deserialisation; the caller's thread does the first for the
 * item and the second for the result, so half of both clones is its share.
 */
export function measurePayload(
  pairs: readonly (readonly [item: unknown, result: unknown])[],
  clock: Clock,
): PayloadCost {
  if (pairs.length === 0) return { inputBytes: 0, serializedBytes: 0, cloneMs: 0 }
  const { serialize } = process.getBuiltinModule('node:v8')
  for (const pair of pairs.slice(0, WARM_UP_CLONES)) structuredClone(pair)
  const times = pairs.map((pair) => {
    const startMs = clock.now()
    structuredClone(pair)
    return (clock.now() - startMs) / 2
  })
  return {
    inputBytes: meanOf(pairs.map(([item]) => serialize(item).byteLength)),
    serializedBytes: meanOf(pairs.map(([, result]) => serialize(result).byteLength)),
    cloneMs: median(times),
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

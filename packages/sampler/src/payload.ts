/** How large items and results are, and what it costs to take them across. */
import type { Clock } from './clock.ts'
import { measureCloneCosts } from './clone-cost.ts'
import type { ItemCloneCosts } from './clone-cost.ts'

/** Sizes of what crosses between threads, and the time that takes. */
export interface PayloadCost extends ItemCloneCosts {
  /** Mean serialised size of an item, bytes. */
  readonly inputBytes: number
  /** Mean serialised size of a result, bytes. */
  readonly serializedBytes: number
}

/** Pairs that are serialised for their sizes. */
const WEIGHED_PAIRS = 8

/** Measures pairs of item and result, all of which can be cloned. */
export function measurePayload(
  pairs: readonly (readonly [item: unknown, result: unknown])[],
  clock: Clock,
): PayloadCost {
  if (pairs.length === 0) {
    return { inputBytes: 0, serializedBytes: 0, cloneMs: 0, workerCloneMs: 0 }
  }
  const weighed = pairs.slice(0, WEIGHED_PAIRS)
  return {
    inputBytes: meanOf(weighed.map(([item]) => sizeOf(item))),
    serializedBytes: meanOf(weighed.map(([, result]) => sizeOf(result))),
    ...measureCloneCosts(pairs, clock),
  }
}

/** Of what only threads carry (shared memory, a key) as much as it tells by itself, else 0. */
function sizeOf(value: unknown): number {
  const { serialize } = process.getBuiltinModule('node:v8')
  try {
    return serialize(value).byteLength
  } catch {
    const { byteLength, size } = value as { readonly byteLength?: unknown; readonly size?: unknown }
    return [byteLength, size].find((bytes) => typeof bytes === 'number') ?? 0
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

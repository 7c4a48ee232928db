/** How large items and results are, and what it costs to take them across. */
import type { Clock } from './clock.ts'
import { measureCloneCosts } from './clone-cost.ts'
import type { ItemCloneCosts } from './clone-cost.ts'
import { withoutHiddenMemory } from './handover.ts'
import { LEAST_MEMORY_BYTES } from './memory-cut.ts'

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
    inputBytes: meanSizeOf(weighed.map(([item]) => item)),
    serializedBytes: meanSizeOf(weighed.map(([, result]) => result)),
    ...measureCloneCosts(pairs, clock),
  }
}

/** Bytes that the values show of each memory. */
type Shown = Map<ArrayBufferLike, number>

/** A large memory crosses as a whole where it is not cut, and once for all values that show of it. */
function meanSizeOf(values: readonly unknown[]): number {
  const shown: Shown = new Map()
  let bytes = 0
  for (const value of withoutHiddenMemory(values)) bytes += sizeOf(value, shown)
  for (const [{ byteLength }, shownBytes] of shown) {
    if (byteLength > LEAST_MEMORY_BYTES) bytes += Math.max(0, byteLength - shownBytes)
  }
  return bytes / values.length
}

/** Of what only threads carry (shared memory, a key) as much as it tells by itself, else 0. */
function sizeOf(value: unknown, shown: Shown): number {
  try {
    return serializedSize(value, shown)
  } catch {
    const { byteLength, size } = value as { readonly byteLength?: unknown; readonly size?: unknown }
    return [byteLength, size].find((bytes) => typeof bytes === 'number') ?? 0
  }
}

/** What `v8.serialize()` gives, which writes of a view what it shows and no more. */
function serializedSize(value: unknown, shown: Shown): number {
  const { DefaultSerializer } = process.getBuiltinModule('node:v8')
  const serializer = new DefaultSerializer()
  const write: unknown = Reflect.get(serializer, '_writeHostObject')
  Reflect.set(serializer, '_writeHostObject', (view: ArrayBufferView) => {
    Reflect.apply(write as () => void, serializer, [view])
    shown.set(view.buffer, (shown.get(view.buffer) ?? 0) + view.byteLength)
  })
  serializer.writeHeader()
  serializer.writeValue(value)
  return serializer.releaseBuffer().byteLength
}

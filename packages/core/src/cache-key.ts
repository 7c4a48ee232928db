/** What tells one workload from another: whatever changes the best plan is in the key. */
import { UNKNOWN_CONTEXT } from './context-digest.ts'
import type { Request } from './request.ts'
import { MOST_IN_FLIGHT } from './search.ts'

/** Raised when the meaning of a key or of a cached decision changes: older entries are not found. */
const KEY_VERSION = 2

/** Items looked at for the shape of the data: both ends and what lies evenly between. */
const SHAPE_ITEMS = 5

/** Numbers of items within a factor of 2 are one class; streams of whatever length another. */
const countClass = (count: number): number => Math.round(Math.log2(count + 1))

/** Sizes of items vary by themselves from call to call: one class is a factor of 16. */
const coarseClass = (size: number): number => Math.round(Math.log2(size + 1) / 4)

/** The key of a request as it is now, or `undefined` where its context cannot be told from others. */
export function cacheKey<I, O>(request: Request<I, O>): string | undefined {
  const { task, items, itemCount, streamLength, system, runtime } = request
  const { maxWorkers, mayOversubscribe } = request
  const { allowMainThread, itemTimeoutMs, maxInFlight, sampleBudgetMs, contextDigest } = request
  if (contextDigest === UNKNOWN_CONTEXT) return undefined
  return [
    `v${KEY_VERSION}`,
    task.signature,
    task.definition.kind,
    contextDigest,
    `items:${countClass(streamLength ?? itemCount)}`,
    `shape:${shapeOf(items)}`,
    `workers:${maxWorkers}${mayOversubscribe ? '+' : ''}`,
    `main:${allowMainThread}`,
    ...(itemTimeoutMs === undefined ? [] : ['timed']),
    ...(maxInFlight === MOST_IN_FLIGHT ? [] : [`flight:${maxInFlight}`]),
    ...(sampleBudgetMs === undefined ? [] : [`budget:${sampleBudgetMs}`]),
    runtime,
    `cores:${system.usableCores}`,
    system.fingerprint,
    `${system.runtime.name}:${system.runtime.version}`,
  ].join('|')
}

/** The types that occur, and the middle order of magnitude: an odd item must not change the key. */
function shapeOf(items: ArrayLike<unknown>): string {
  const size = middleItemSize(items)
  if (size === undefined) return 'empty'
  const types: string[] = []
  for (let step = 0; step < SHAPE_ITEMS; step++) {
    const type = typeName(itemAt(items, step))
    if (!types.includes(type)) types.push(type)
  }
  return `${types.toSorted().join('+')}:${coarseClass(size)}`
}

/** Middle size of an item: a number's own, a length, a count of fields; `undefined` without items. */
export function middleItemSize(items: ArrayLike<unknown>): number | undefined {
  if (items.length === 0) return undefined
  const sizes = new Float64Array(SHAPE_ITEMS)
  for (let step = 0; step < SHAPE_ITEMS; step++) sizes[step] = sizeOf(itemAt(items, step))
  return sizes.toSorted()[SHAPE_ITEMS >> 1]
}

/** One of the items that are looked at, spread from the first to the last. */
function itemAt(items: ArrayLike<unknown>, step: number): unknown {
  return items[Math.round(((items.length - 1) * step) / (SHAPE_ITEMS - 1))]
}

function typeName(item: unknown): string {
  if (typeof item !== 'object' || item === null) return typeof item
  return item.constructor?.name ?? 'object'
}

/** How large an item is: numbers often say how much work they are, lengths always do. */
function sizeOf(item: unknown): number {
  if (typeof item === 'number') return Number.isFinite(item) ? Math.abs(item) : 0
  if (typeof item === 'string') return item.length
  if (typeof item !== 'object' || item === null) return 0
  if (ArrayBuffer.isView(item)) return item.byteLength
  const length: unknown = Reflect.get(item, 'length') ?? Reflect.get(item, 'size')
  return typeof length === 'number' && length >= 0 ? length : Object.keys(item).length
}

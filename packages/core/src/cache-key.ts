/** What tells one workload from another: whatever changes the best plan is in the key. */
import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'

import type { Request } from './request.ts'

/** Raised when the meaning of a key or of a cached decision changes: older entries are not found. */
const KEY_VERSION = 1

/** Items looked at for the shape of the data: both ends and what lies evenly between. */
const SHAPE_ITEMS = 5

/** Sizes of items within a factor of 2 are one shape. */
const sizeClass = (size: number): number => Math.round(Math.log2(size + 1))

/**
 * The key of a request, or `undefined` where its context cannot be serialised: such a context may
 * hold anything, so no two calls can be known to be alike.
 */
export function cacheKey<I, O>(request: Request<I, O>): string | undefined {
  const { task, items, system, runtime, maxWorkers, allowMainThread } = request
  const context = digestOf(request.context)
  if (context === undefined) return undefined
  return [
    `v${KEY_VERSION}`,
    task.signature,
    task.definition.kind,
    context,
    `items:${sizeClass(items.length)}`,
    `shape:${shapeOf(items)}`,
    `workers:${maxWorkers}`,
    `main:${allowMainThread}`,
    runtime,
    `cores:${system.usableCores}`,
    system.fingerprint,
    `${system.runtime.name}:${system.runtime.version}`,
  ].join('|')
}

function digestOf(context: unknown): string | undefined {
  if (context === undefined) return 'none'
  try {
    return createHash('sha256').update(serialize(context)).digest('hex').slice(0, 32)
  } catch {
    return undefined
  }
}

function shapeOf(items: ArrayLike<unknown>): string {
  const last = items.length - 1
  if (last < 0) return 'empty'
  const positions = Array.from({ length: SHAPE_ITEMS }, (_, step) =>
    Math.round((last * step) / (SHAPE_ITEMS - 1)),
  )
  return positions.map((index) => shapeOfItem(items[index])).join(',')
}

/** Type and order of magnitude: numbers often say how much work an item is, lengths always do. */
function shapeOfItem(item: unknown): string {
  if (typeof item === 'number') return `number${Number.isFinite(item) ? sizeClass(Math.abs(item)) : ''}`
  if (typeof item === 'string') return `string${sizeClass(item.length)}`
  if (typeof item !== 'object' || item === null) return typeof item
  const length = ArrayBuffer.isView(item) ? item.byteLength : lengthOf(item)
  return `${item.constructor?.name ?? 'object'}${sizeClass(length)}`
}

function lengthOf(item: object): number {
  const length: unknown = Reflect.get(item, 'length') ?? Reflect.get(item, 'size')
  return typeof length === 'number' && length >= 0 ? length : Object.keys(item).length
}

/**
 * Whether a value can cross to another thread, told before it is sent: a value that cannot be
 * cloned would otherwise cost its worker. Plain data is recognised by a walk that costs a fraction
 * of the clone itself; anything else is tried for real.
 */
import { types } from 'node:util'

/** Deeper data, or data with a cycle, is tried for real. */
const DEEPEST_WALK = 8

/** True where `structuredClone(value)` would succeed. */
export function isCloneable(value: unknown): boolean {
  return isPlainData(value, 0) || isClonedWithoutError(value)
}

function isPlainData(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return false
    case 'object':
      return value === null || isPlainObject(value, depth)
    default:
      return true
  }
}

function isPlainObject(value: object, depth: number): boolean {
  if (depth === DEEPEST_WALK || types.isProxy(value)) return false
  if (Array.isArray(value)) return value.every((element) => isPlainData(element, depth + 1))
  if (ArrayBuffer.isView(value)) return !isDetached(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return types.isDate(value)
  return Object.values(value).every((field) => isPlainData(field, depth + 1))
}

/** A view of a transferred buffer cannot be cloned; views of one byte and more always can. */
function isDetached(view: ArrayBufferView): boolean {
  return view.byteLength === 0 && !isClonedWithoutError(view)
}

function isClonedWithoutError(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

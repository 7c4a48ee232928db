/**
 * Whether a value can cross to a worker, told before it is sent: a value that cannot be cloned would
 * otherwise cost its worker. Plain data is recognised by a walk that costs a fraction of the clone
 * itself; anything else is tried for real.
 */
import { assertKept, assertReadable } from './arrival.ts'
import { encodeMessage } from './message-codec.ts'

const { types } = process.getBuiltinModule('node:util')

/** Deeper data, or data with a cycle, is tried for real. */
const DEEPEST_WALK = 8

/**
 * Arrays with named properties (a match, template strings) are short; in longer ones nobody looks. What
 * they hide is found when they are sent.
 */
const LONGEST_ARRAY_WITH_NAMES = 64

/** Throws what keeps the value from being sent, if anything does. */
export type AssertSendable = (value: unknown) => void

/** From a thread: where the calling thread can do what `structuredClone(value)` does. */
export const assertCloneable: AssertSendable = (value) => {
  if (isPlainData(value, 0)) return
  structuredClone(value)
  assertReadable(value)
}

/** To or from a child process, with which no memory and no handle is shared. */
export const assertEncodable: AssertSendable = (value) => {
  if (isPlainData(value, 0)) return
  encodeMessage(value)
  assertKept([value])
}

/** The same for values that were encoded already. Refuses them where it refuses one of them alone. */
export function assertArrive(values: readonly unknown[]): void {
  assertKept(values.filter((value) => !isPlainData(value, 0)))
}

/** Whether the value can be sent. */
export function isSendable(value: unknown, assertSendable: AssertSendable): boolean {
  try {
    assertSendable(value)
    return true
  } catch {
    return false
  }
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
  if (Array.isArray(value)) {
    if (hasNamedProperty(value)) return false
    for (const element of value) {
      if (!isPlainData(element, depth + 1)) return false
    }
    return true
  }
  if (ArrayBuffer.isView(value)) return isOwnMemory(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return types.isDate(value)
  // Those of `arguments` and of a module are their own.
  if (Symbol.iterator in value || Symbol.toStringTag in value) return false
  // A third of the time of Object.values(); what a prototype has is looked at too, and does no harm.
  for (const key in value) {
    if (!isPlainData((value as Record<string, unknown>)[key], depth + 1)) return false
  }
  return true
}

function hasNamedProperty(array: readonly unknown[]): boolean {
  if (array.length > LONGEST_ARRAY_WITH_NAMES) return false
  // Names come after positions in the order of keys.
  const lastKey = Object.keys(array).at(-1)
  return lastKey !== undefined && !(Number(lastKey) < array.length)
}

/** A view of a transferred buffer, which is empty, cannot be cloned; of shared memory, not always. */
function isOwnMemory(view: ArrayBufferView): boolean {
  return view.byteLength > 0 && !types.isSharedArrayBuffer(view.buffer)
}

/**
 * Large typed arrays, alone or as fields of plain objects, as copies whose memory is handed over. A
 * clone copies memory on both sides, and on one while it grows a buffer; this copies it once. What is
 * copied keeps its buffers: a caller's are not ours to take, a chunk may have to be sent again, and a
 * task may keep what it returned.
 */
const { types } = process.getBuiltinModule('node:util')

/** Looking at an object takes longer than cloning a small array: so many tell whether they are small. */
const ENOUGH_TO_TELL = 4

/** Values to be sent in place of others. */
export interface Handover {
  readonly values: readonly unknown[]
  /** What the receiver gets as it is; nobody else has it. */
  readonly buffers: ArrayBuffer[]
}

/**
 * Copies of the values; `undefined` where they are better cloned: small arrays, other data than
 * primitives, whole typed arrays and plain objects of both.
 *
 * A clone keeps it when two values share an object or a buffer, and so do the copies. That is known
 * only where all values are of these kinds.
 *
 * @param leastMeanBytes - Mean size of the arrays, of all and of the first, from which they are copied.
 */
export function copyForHandover(
  values: readonly unknown[],
  leastMeanBytes: number,
): Handover | undefined {
  if (arraysIn(values[0])?.length === 0) return undefined
  let count = 0
  let bytes = 0
  for (const [place, value] of values.entries()) {
    const arrays = arraysIn(value)
    if (!arrays) return undefined
    count += arrays.length
    for (const { byteLength } of arrays) bytes += byteLength
    if (place + 1 >= ENOUGH_TO_TELL && bytes < leastMeanBytes * count) return undefined
  }
  if (count === 0 || bytes < leastMeanBytes * count) return undefined
  try {
    const copier = new Copier()
    return { values: values.map((value) => copier.copy(value)), buffers: copier.buffers }
  } catch {
    // There is no memory for a copy. Cloning has an error of its own for that.
    return undefined
  }
}

/** The typed arrays of a value of the kinds above; `undefined` for any other value. */
function arraysIn(value: unknown): ArrayBufferView[] | undefined {
  if (isPrimitive(value)) return []
  if (isWholeArray(value)) return [value]
  if (!isPlainObject(value)) return undefined
  const arrays: ArrayBufferView[] = []
  for (const field of Object.values(value)) {
    if (isWholeArray(field)) arrays.push(field)
    else if (!isPrimitive(field)) return undefined
  }
  return arrays
}

/** Of what a clone takes; functions and symbols it refuses. */
function isPrimitive(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value)
}

/** A view of all of its memory, which is neither shared nor detached nor of changing size. */
function isWholeArray(value: unknown): value is ArrayBufferView {
  if (!types.isTypedArray(value)) return false
  const { buffer, byteLength } = value
  return (
    byteLength > 0 &&
    byteLength === buffer.byteLength &&
    types.isArrayBuffer(buffer) &&
    Reflect.get(buffer, 'resizable') !== true
  )
}

/** An object whose fields are values: a getter might give another one each time. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(Object.getOwnPropertyDescriptors(value)).every((own) => 'value' in own)
}

type TypedArrayConstructor = new (buffer: ArrayBuffer) => ArrayBufferView

/** The name of the built-in class, which is what a clone gives of a subclass such as `Buffer`. */
function classOf(array: ArrayBufferView): TypedArrayConstructor {
  const prototype: unknown = Object.getPrototypeOf(Uint8Array.prototype)
  const name = Reflect.get(
    prototype as object,
    Symbol.toStringTag,
    array,
  ) as keyof typeof globalThis
  return globalThis[name]
}

/** Copies values, each object and each buffer once. */
class Copier {
  readonly buffers: ArrayBuffer[] = []
  readonly #copies = new Map<object, object>()

  copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    let copy = this.#copies.get(value)
    if (!copy) this.#copies.set(value, (copy = this.#make(value)))
    return copy
  }

  #make(value: object): object {
    if (types.isTypedArray(value)) {
      return new (classOf(value))(this.copy(value.buffer) as ArrayBuffer)
    }
    if (types.isArrayBuffer(value)) {
      // Not filled with zeros first, which slice() does and which takes as long as the copy.
      const bytes = Buffer.allocUnsafeSlow(value.byteLength)
      bytes.set(new Uint8Array(value))
      const memory = bytes.buffer
      this.buffers.push(memory)
      return memory
    }
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, this.copy(field)]))
  }
}

/**
 * Large typed arrays, alone or as fields of plain objects, as copies whose memory is handed over. A
 * clone copies memory on both sides, and on one while it grows a buffer; this copies it once. What is
 * copied keeps its buffers: a caller's are not ours to take, a chunk may have to be sent again, and a
 * task may keep what it returned. Of a large memory of which a message shows but a small part, only that
 * part is copied: a clone takes all of it across.
 */
import { cutsOf, isSmallPart } from './memory-cut.ts'
import type { MemoryCut } from './memory-cut.ts'

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
 * primitives, typed arrays, data views and plain objects of those.
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
  if (viewsIn(values[0])?.length === 0) return undefined
  const views: ArrayBufferView[] = []
  let bytes = 0
  let areLarge = true
  let hasParts = false
  for (const [place, value] of values.entries()) {
    const found = viewsIn(value)
    if (!found) return undefined
    for (const view of found) {
      views.push(view)
      bytes += view.byteLength
      areLarge &&= isWholeArray(view)
      hasParts ||= isSmallPart(view)
    }
    const isTold = place + 1 >= ENOUGH_TO_TELL || place + 1 === values.length
    if (isTold) areLarge &&= bytes >= leastMeanBytes * views.length
    if (isTold && !areLarge && !hasParts) return undefined
  }
  const cuts = hasParts ? cutsOf(views) : new Map<ArrayBufferLike, MemoryCut>()
  if (views.length === 0 || (!areLarge && cuts.size === 0)) return undefined
  try {
    const copier = new Copier(cuts)
    return { values: values.map((value) => copier.copy(value)), buffers: copier.buffers }
  } catch {
    // There is no memory for a copy. Cloning has an error of its own for that.
    return undefined
  }
}

/** The values, or copies without memory of which they show but a small part. */
export function withoutHiddenMemory(values: readonly unknown[]): readonly unknown[] {
  return copyForHandover(values, Infinity)?.values ?? values
}

/** The views of a value of the kinds above; `undefined` for any other value. */
function viewsIn(value: unknown): ArrayBufferView[] | undefined {
  if (isPrimitive(value)) return []
  if (isCopyable(value)) return [value]
  if (!isPlainObject(value)) return undefined
  const views: ArrayBufferView[] = []
  for (const field of Object.values(value)) {
    if (isCopyable(field)) views.push(field)
    else if (!isPrimitive(field)) return undefined
  }
  return views
}

/** Of what a clone takes; functions and symbols it refuses. */
function isPrimitive(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value)
}

/** A view, perhaps an empty one, of memory that is neither shared nor detached nor of changing size. */
function isCopyable(value: unknown): value is ArrayBufferView {
  if (!ArrayBuffer.isView(value)) return false
  const { buffer } = value
  return (
    buffer.byteLength > 0 &&
    types.isArrayBuffer(buffer) &&
    Reflect.get(buffer, 'resizable') !== true
  )
}

/** A typed array over all of its memory. */
function isWholeArray(view: ArrayBufferView): boolean {
  return view.byteLength === view.buffer.byteLength && types.isTypedArray(view)
}

/** An object whose fields are values: a getter might give another one each time. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(Object.getOwnPropertyDescriptors(value)).every((own) => 'value' in own)
}

type ViewConstructor = new (buffer: ArrayBuffer, from: number, length: number) => ArrayBufferView

/** The built-in class, which is what a clone gives of a subclass such as `Buffer`. */
function classOf(array: ArrayBufferView): ViewConstructor {
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
  readonly #cuts: ReadonlyMap<ArrayBufferLike, MemoryCut>
  readonly #copies = new Map<object, object>()

  constructor(cuts: ReadonlyMap<ArrayBufferLike, MemoryCut>) {
    this.#cuts = cuts
  }

  copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    let copy = this.#copies.get(value)
    if (!copy) this.#copies.set(value, (copy = this.#make(value)))
    return copy
  }

  #make(value: object): object {
    if (ArrayBuffer.isView(value)) return this.#copyView(value)
    if (types.isArrayBuffer(value)) return this.#copyMemory(value)
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, this.copy(field)]))
  }

  #copyView(view: ArrayBufferView): ArrayBufferView {
    const memory = this.copy(view.buffer) as ArrayBuffer
    const from = this.#cuts.get(view.buffer)?.placeOf.get(view) ?? view.byteOffset
    if (!types.isTypedArray(view)) return new DataView(memory, from, view.byteLength)
    return new (classOf(view))(memory, from, view.length)
  }

  #copyMemory(buffer: ArrayBuffer): ArrayBuffer {
    const { byteLength, ranges } = this.#cuts.get(buffer) ?? wholeOf(buffer)
    // Not filled with zeros first, which slice() does and which takes as long as the copy.
    const bytes = Buffer.allocUnsafeSlow(byteLength)
    for (const { from, to, place } of ranges)
      bytes.set(new Uint8Array(buffer, from, to - from), place)
    const memory = bytes.buffer
    this.buffers.push(memory)
    return memory
  }
}

function wholeOf({ byteLength }: ArrayBuffer): Pick<MemoryCut, 'byteLength' | 'ranges'> {
  return { byteLength, ranges: [{ from: 0, to: byteLength, place: 0 }] }
}

/** About how many bytes a value takes: exact for buffers and texts, by a few of its parts for the rest. */

const { types } = process.getBuiltinModule('node:util')

/** What a number, a reference or the name of a field takes; and what nothing can be told of. */
const WORD_BYTES = 8

/** Parts that stand for all of one object; and those of all objects that are looked at. */
const MOST_PARTS = 16
const MOST_LOOKS = 512

/** Bytes, in a time that does not grow with the value. Of what throws when it is looked at, a word. */
export function roughBytes(value: unknown): number {
  try {
    return new RoughScale().weigh(value)
  } catch {
    return WORD_BYTES
  }
}

/** Weighs each object once, as sending it does. */
class RoughScale {
  readonly #weighed = new Set<object>()
  #looksLeft = MOST_LOOKS

  weigh(value: unknown): number {
    if (typeof value === 'string') return value.length
    if (typeof value !== 'object' || value === null || types.isProxy(value)) return WORD_BYTES
    if (this.#weighed.has(value)) return WORD_BYTES
    this.#weighed.add(value)
    if (ArrayBuffer.isView(value)) return value.byteLength
    if (types.isAnyArrayBuffer(value)) return value.byteLength
    if (Array.isArray(value)) return this.#weighSome(value, value.length)
    if (types.isMap(value) || types.isSet(value)) return this.#weighSome(value, value.size)
    const names = Object.keys(value)
    return this.#weighSome(fieldsOf(value, names), names.length) + names.length * WORD_BYTES
  }

  /** The first parts, for all of them. */
  #weighSome(parts: Iterable<unknown>, count: number): number {
    let looked = 0
    let bytes = 0
    for (const part of parts) {
      if (looked === MOST_PARTS || this.#looksLeft === 0) break
      looked++
      this.#looksLeft--
      bytes += this.weigh(part)
    }
    return looked === 0 ? WORD_BYTES : WORD_BYTES + (bytes / looked) * count
  }
}

/** Values of fields; a getter is not run, for it is the caller's code. */
function* fieldsOf(value: object, names: readonly string[]): Generator {
  for (const name of names) yield Object.getOwnPropertyDescriptor(value, name)?.value
}

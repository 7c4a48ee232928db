/** What tells one context from another, without keeping it. */
import { digestNumber, digestOf } from './digest.ts'

/** Of a call without a context. */
const NONE = 'none'

/** Of a context that cannot be serialised: it may hold anything, so no two are known to be alike. */
export const UNKNOWN_CONTEXT = 'unknown'

/** Digests by those of what V8 makes of the same context: the same bytes are the same value. */
const knownBySerialised = new Map<string, string>()
const MOST_KNOWN = 100

/** A digest of a context, 32 hex digits or a word. To spell one out that is known takes much longer. */
export function digestContext(context: unknown): string {
  if (context === undefined) return NONE
  const { deserialize, serialize } = process.getBuiltinModule('node:v8')
  try {
    const bytes = serialize(context)
    const serialised = digestOf(bytes)
    // The caller's object is looked at once, and what is spelt out is what a worker would get.
    const digest =
      knownBySerialised.get(serialised) ?? digestOf(new Spelling().of(deserialize(bytes)))
    const [oldest] = knownBySerialised.keys()
    if (knownBySerialised.size >= MOST_KNOWN) knownBySerialised.delete(oldest!)
    knownBySerialised.set(serialised, digest)
    return digest
  } catch {
    return UNKNOWN_CONTEXT
  }
}

/** What a sample keeps for a context that is like no other, not even itself. */
export const UNLIKE_ANY_CONTEXT = -1

/** The digest as a sample keeps it: 0 for no context. */
export function contextNumber(digest: string): number {
  if (digest === NONE) return 0
  return digest === UNKNOWN_CONTEXT ? UNLIKE_ANY_CONTEXT : digestNumber(digest)
}

/**
 * A value spelt out, each object once. V8's own serialisation is not enough: it tells how a number is held
 * in memory, and the 1 of an object that was made after one with 0.5 is not held as the 1 before.
 */
class Spelling {
  readonly #places = new Map<object, number>()

  of(value: unknown): string {
    if (typeof value === 'string') return JSON.stringify(value)
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value !== 'object' || value === null) return spellPrimitive(value)
    const place = this.#places.get(value)
    if (place !== undefined) return `#${place}`
    this.#places.set(value, this.#places.size)
    if (Array.isArray(value)) return this.#spellList(value)
    switch (tagOf(value)) {
      case 'Map':
        return `Map{${this.#spellEntries(value as Map<unknown, unknown>)}}`
      case 'Set':
        return `Set[${this.#spellAll(value as Set<unknown>)}]`
      case 'Object':
        return `{${this.#spellEntries(Object.entries(value))}}`
      default:
        return spellSerialised(value)
    }
  }

  /** Lists of numbers can be long. */
  #spellList(list: readonly unknown[]): string {
    for (let place = 0; place < list.length; place++)
      if (typeof list[place] !== 'number') return `[${this.#spellAll(list)}]`
    return `numbers[${spellSerialised(Float64Array.from(list as number[]))}]`
  }

  #spellAll(values: Iterable<unknown>): string {
    return Array.from(values, (value) => this.of(value)).join()
  }

  #spellEntries(entries: Iterable<readonly [unknown, unknown]>): string {
    return Array.from(entries, ([key, value]) => `${this.of(key)}:${this.of(value)}`).join()
  }
}

function spellPrimitive(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** The name of its kind, whatever realm it is of. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -']'.length)
}

/** Buffers, dates and all else that has a kind of its own. */
function spellSerialised(value: object): string {
  const { serialize } = process.getBuiltinModule('node:v8')
  return `${tagOf(value)}<${digestOf(serialize(value))}>`
}

/**
 * Whether what can be sent also arrives. Some of it is sent without a word, and cannot be read or is
 * read as something else: data nested deeper than the reader's stack goes; to another process a module
 * of WebAssembly and, by Node 24, its own objects (a Blob, a URL, a stream), which become `{}` there.
 */
import { decodeMessage, encodeMessage } from './message-codec.ts'

const { types } = process.getBuiltinModule('node:util')

/**
 * What the calling thread can read, whose stack is a quarter of a worker's: 1,530 levels of the kinds
 * that take most of it (named properties of arrays, Node 24).
 */
const DEEPEST = 1000

/** Prototypes of objects that another process reads as what a thread would read. */
const keptKinds = new WeakSet<object>([Array.prototype])

/** Throws where the value, which can be cloned, is nested too deep to be read on the calling thread. */
export function assertReadable(value: unknown): void {
  new Walk(() => {}).visit(value, 0)
}

/** Throws also where another process would read one of the encodable values as something else. */
export function assertKept(values: readonly unknown[]): void {
  const walk = new Walk(assertKindKept)
  // Each at its own depth, so that what is refused among others is also refused alone.
  for (const value of values) walk.visit(value, 0)
}

/** In the order of serialisation, which tells how deep it nests what is reached on several ways. */
class Walk {
  readonly #look: (value: object, kind: object) => void
  readonly #seen = new Set<object>()

  constructor(look: (value: object, kind: object) => void) {
    this.#look = look
  }

  visit(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null || this.#seen.has(value)) return
    if (depth > DEEPEST) throw new RangeError(`it is nested deeper than ${DEEPEST} levels.`)
    this.#seen.add(value)
    const kind = Object.getPrototypeOf(value) as object | null
    const inside = depth + 1
    if (kind === Object.prototype || kind === null) {
      // Quicker than Object.values().
      for (const key in value) this.visit((value as Record<string, unknown>)[key], inside)
      return
    }
    this.#look(value, kind)
    if (ArrayBuffer.isView(value)) return
    if (types.isMap(value)) {
      Map.prototype.forEach.call(value, (part, key) => {
        this.visit(key, inside)
        this.visit(part, inside)
      })
    } else if (types.isSet(value)) {
      Set.prototype.forEach.call(value, (part) => this.visit(part, inside))
    } else {
      const parts = types.isNativeError(value) ? [value.cause] : Object.values(value)
      for (const part of parts) this.visit(part, inside)
    }
  }
}

/** Tried once for each class: objects of one class are alike in this. */
function assertKindKept(value: object, kind: object): void {
  if (keptKinds.has(kind)) return
  const cloned: unknown = Object.getPrototypeOf(structuredClone(value))
  const carried: unknown = Object.getPrototypeOf(decodeMessage(encodeMessage(value)))
  if (cloned !== carried) {
    throw new TypeError(`a ${value.constructor.name} could not be cloned to another process.`)
  }
  keptKinds.add(kind)
}

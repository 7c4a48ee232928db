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
const keptKinds = new WeakSet<object>([Object.prototype, Array.prototype])

/** Throws where the value, which can be cloned, is nested too deep to be read on the calling thread. */
export function assertReadable(value: unknown): void {
  walk(value, 0, { seen: new Set(), look: () => {} })
}

/** Throws also where another process would read the value, which can be encoded, as something else. */
export function assertKept(value: unknown): void {
  walk(value, 0, { seen: new Set(), look: assertKindKept })
}

interface Walk {
  readonly seen: Set<unknown>
  readonly look: (value: object) => void
}

/** In the order of serialisation, which tells how deep it nests what is reached on several ways. */
function walk(value: unknown, depth: number, on: Walk): void {
  if (typeof value !== 'object' || value === null || on.seen.has(value)) return
  if (depth > DEEPEST) throw new RangeError(`it is nested deeper than ${DEEPEST} levels.`)
  on.seen.add(value)
  on.look(value)
  for (const part of partsOf(value)) walk(part, depth + 1, on)
}

function partsOf(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value)) return []
  if (types.isMap(value)) return [...Map.prototype.entries.call(value)].flat()
  if (types.isSet(value)) return Set.prototype.values.call(value)
  if (types.isNativeError(value)) return [value.cause]
  return Object.values(value)
}

/** Tried once for each class: objects of one class are alike in this. */
function assertKindKept(value: object): void {
  const kind = Object.getPrototypeOf(value) as object | null
  if (kind === null || keptKinds.has(kind)) return
  const cloned: unknown = Object.getPrototypeOf(structuredClone(value))
  const carried: unknown = Object.getPrototypeOf(decodeMessage(encodeMessage(value)))
  if (cloned !== carried) {
    throw new TypeError(`a ${value.constructor.name} could not be cloned to another process.`)
  }
  keptKinds.add(kind)
}

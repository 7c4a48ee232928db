/**
 * A context that no worker could be given is refused before anything runs. Found only when it is sent, it
 * would fail a map on the day that its data have grown, and not before.
 */
import { TaskLoadError } from '@amorsize/sampler'

const { types } = process.getBuiltinModule('node:util')

/** Values that are looked at; what is beyond them is found when the context is sent. */
const MOST_LOOKS = 512

const REMEDY = 'Give a context of plain data: no functions and no open handles.'

/** Objects in which nothing was found: who gives the same context again pays for the search once. */
const clean = new WeakSet<object>()

/**
 * Refuses a context in which there is a function, a symbol or another value that only this thread can hold.
 * @throws {@link TaskLoadError} `AMORSIZE_SAMPLER_TASK_LOAD`
 */
export function assertContext(context: unknown): void {
  if (context === undefined) return
  const search = new Search()
  const found = search.within(context, 'context')
  if (found) {
    const { path, kind, value } = found
    throw new TaskLoadError(
      `The context cannot be sent to a worker: \`${path}\` is ${kind}.`,
      value,
      REMEDY,
    )
  }
  for (const object of search.seen) clean.add(object)
}

interface Found {
  readonly path: string
  readonly kind: string
  readonly value: unknown
}

class Search {
  readonly seen = new Set<object>()
  #looksLeft = MOST_LOOKS

  within(value: unknown, path: string): Found | undefined {
    if (this.#looksLeft-- <= 0) return undefined
    const kind = unsendableKind(value)
    if (kind !== undefined) return { path, kind, value }
    if (typeof value !== 'object' || value === null || types.isProxy(value)) return undefined
    if (this.seen.has(value) || clean.has(value) || ArrayBuffer.isView(value)) return undefined
    this.seen.add(value)
    for (const [part, name] of partsOf(value)) {
      if (this.#looksLeft <= 0) return undefined
      const found = this.within(part, `${path}${name}`)
      if (found) return found
    }
    return undefined
  }
}

function unsendableKind(value: unknown): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (types.isPromise(value)) return 'a promise'
  if (types.isWeakMap(value) || types.isWeakSet(value)) return 'a weak collection'
  return types.isGeneratorObject(value) ? 'a generator' : undefined
}

/** What an object holds, and how one would write where; a getter is not run, for it is the caller's code. */
function* partsOf(object: object): Generator<[part: unknown, name: string]> {
  if (types.isMap(object)) {
    for (const [key, value] of object) {
      yield [key, '.keys()']
      yield [value, '.values()']
    }
  } else if (types.isSet(object)) {
    for (const value of object) yield [value, '.values()']
  } else if (Array.isArray(object)) {
    // Of a long one the names alone would take longer than all that is looked at.
    for (const [index, value] of object.entries()) yield [value, `[${index}]`]
  } else {
    for (const name of Object.keys(object)) {
      const { value } = Object.getOwnPropertyDescriptor(object, name) ?? {}
      yield [
        value as unknown,
        /^[a-z_$][\w$]*$/i.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`,
      ]
    }
  }
}

/**
 * Errors between threads and processes. Structured clone keeps only the message, stack and cause of
 * the built-in classes; this keeps the class, `code`, own fields and nested errors as well, also those in
 * arrays and plain objects.
 */
import { assertEncodable, isSendable } from './cloneable.ts'

const { types } = process.getBuiltinModule('node:util')

/** An error as data, or any other thrown value. */
export type TransferredError =
  | {
      readonly kind: 'error'
      /** Name of the nearest built-in class. */
      readonly className: string
      readonly name: string
      readonly message: string
      readonly stack: string | undefined
      readonly fields: readonly TransferredField[]
      /** The errors of an `AggregateError`. */
      readonly errors: readonly TransferredError[]
    }
  | { readonly kind: 'value'; readonly value: unknown }
  | TransferredParts

/** An array or a plain object that holds errors. */
interface TransferredParts {
  readonly kind: 'parts'
  readonly isArray: boolean
  readonly fields: readonly TransferredField[]
}

/** An own field of an error, `code` and `cause` among them. */
interface TransferredField {
  readonly key: string
  readonly isEnumerable: boolean
  readonly value: TransferredError
}

/**
 * Errors within errors, and so on, are read so far. Each takes four levels of the message, which is to be
 * read on the calling thread together with what a field of the last holds (arrival.ts).
 */
const DEEPEST = 100

/** Arrays and objects within arrays and objects in which errors are looked for. */
const DEEPEST_LOOK = 8

/** What stands for an error that contains itself. */
const CYCLE: TransferredError = { kind: 'value', value: '[Circular]' }

const BUILT_IN: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

/** Carried in fields of their own. */
const OWN_FIELDS = new Set(['name', 'message', 'stack'])

/** The thrown value as data that can be cloned. Never throws, whatever the value does when read. */
export function toTransferredError(thrown: unknown): TransferredError {
  try {
    return new Transfer().transfer(thrown, 0)
  } catch (cause) {
    return new Transfer().transfer(
      new Error('An error was thrown that cannot be read.', { cause }),
      0,
    )
  }
}

/** The thrown value again: an instance of the same built-in class with all its fields. */
export function fromTransferredError(transferred: TransferredError): unknown {
  return new Arrival().read(transferred)
}

/** What was made of what, so that one that several errors hold stays one, however many ways lead to it. */
class Arrival {
  readonly #made = new Map<TransferredError, object>()

  read(transferred: TransferredError): unknown {
    if (transferred.kind === 'value') return transferred.value
    const known = this.#made.get(transferred)
    if (known) return known
    const made = transferred.kind === 'error' ? this.#error(transferred) : partOf(transferred)
    this.#made.set(transferred, made)
    for (const { key, value, isEnumerable } of transferred.fields) {
      define(made, key, this.read(value), isEnumerable)
    }
    return made
  }

  #error(transferred: TransferredError & { kind: 'error' }): Error {
    const { name, stack, errors } = transferred
    const error = construct(
      transferred,
      errors.map((inner) => this.read(inner)),
    )
    if (error.name !== name) define(error, 'name', name, false)
    define(error, 'stack', stack, false)
    return error
  }
}

function partOf({ isArray }: TransferredParts): object {
  return isArray ? [] : {}
}

class Transfer {
  /** What was made of errors, and of what holds them; those that are being read count as cycles. */
  readonly #made = new Map<object, TransferredError>()

  transfer(value: unknown, depth: number): TransferredError {
    return this.#transferIfAny(value, depth) ?? { kind: 'value', value: String(value) }
  }

  /** Of an object that cannot be carried as a whole, the fields that can; nothing where none can. */
  #transferIfAny(value: unknown, depth: number): TransferredError | undefined {
    if (isError(value)) {
      if (depth === DEEPEST) return { kind: 'value', value: String(value) }
      return this.#once(value, () => this.#transferError(value, depth + 1))
    }
    if (depth < DEEPEST && holdsErrors(value, DEEPEST_LOOK, new Set())) {
      return this.#once(value, () => ({
        kind: 'parts',
        isArray: Array.isArray(value),
        fields: this.#fieldsOf(value, Object.keys(value), depth + 1),
      }))
    }
    if (isSendable(value, assertEncodable)) return { kind: 'value', value }
    if (typeof value !== 'object' || value === null) return undefined
    const fields = Object.entries(value).filter(([, field]) => isSendable(field, assertEncodable))
    if (fields.length === 0) return undefined
    const part: object = Array.isArray(value) ? [] : {}
    return { kind: 'value', value: Object.assign(part, Object.fromEntries(fields)) }
  }

  #once(value: object, make: () => TransferredError): TransferredError {
    const known = this.#made.get(value)
    if (known) return known
    this.#made.set(value, CYCLE)
    const made = make()
    this.#made.set(value, made)
    return made
  }

  #transferError(value: Error, depth: number): TransferredError {
    const errors: unknown = value instanceof AggregateError ? value.errors : []
    return {
      kind: 'error',
      className: builtInClassOf(value),
      name: textOf(value, 'name'),
      message: textOf(value, 'message'),
      stack: typeof value.stack === 'string' ? value.stack : undefined,
      fields: this.#fieldsOf(value, keysOf(value), depth),
      errors: Array.isArray(errors) ? errors.map((error) => this.transfer(error, depth)) : [],
    }
  }

  /** A getter that throws, or a value that cannot be cloned, costs only its own field. */
  #fieldsOf(value: object, keys: Iterable<string>, depth: number): TransferredField[] {
    const fields: TransferredField[] = []
    for (const key of keys) {
      try {
        const field = this.#transferIfAny(Reflect.get(value, key), depth)
        const isEnumerable = Object.prototype.propertyIsEnumerable.call(value, key)
        if (field) fields.push({ key, isEnumerable, value: field })
      } catch {
        // The field cannot be read here, so it cannot be read there.
      }
    }
    return fields
  }
}

/** Whether it is an array or a plain object in which there are errors, not too deep. */
function holdsErrors(value: unknown, depth: number, seen: Set<object>): value is object {
  if (depth === 0 || typeof value !== 'object' || value === null || seen.has(value)) return false
  seen.add(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = Array.isArray(value) || prototype === Object.prototype || prototype === null
  return (
    isPlain &&
    Object.values(value).some((part) => isError(part) || holdsErrors(part, depth - 1, seen))
  )
}

/** A field that is text by its type, but may hold anything. */
function textOf(error: Error, key: 'name' | 'message'): string {
  const text: unknown = Reflect.get(error, key)
  return String(text)
}

/** Of the fields that are carried as such. */
function keysOf(error: Error): string[] {
  const keys = new Set([...Object.getOwnPropertyNames(error), ...inheritedCode(error)])
  return [...keys].filter(
    (key) => !OWN_FIELDS.has(key) && !(key === 'errors' && error instanceof AggregateError),
  )
}

/** Some classes give `code` as a getter of the class. A DOMException's is made by its name. */
function inheritedCode(error: Error): string[] {
  return 'code' in error && !(error instanceof DOMException) ? ['code'] : []
}

function construct(
  { className, name, message }: TransferredError & { kind: 'error' },
  errors: unknown[],
): Error {
  if (className === 'DOMException') return new DOMException(message, name)
  if (className === 'AggregateError') {
    return new AggregateError(errors, message)
  }
  return new (BUILT_IN[className] ?? Error)(message)
}

function builtInClassOf(error: Error): string {
  if (error instanceof DOMException) return 'DOMException'
  for (let proto: unknown = error; proto !== null; proto = Object.getPrototypeOf(proto)) {
    const constructor: unknown = Reflect.get(proto as object, 'constructor')
    const name = typeof constructor === 'function' ? constructor.name : ''
    if (name in BUILT_IN || name === 'AggregateError') return name
  }
  return 'Error'
}

/** True also for an error of another realm, such as a `vm` context. */
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}

function define(error: object, key: string, value: unknown, isEnumerable: boolean): void {
  Object.defineProperty(error, key, {
    value,
    writable: true,
    configurable: true,
    enumerable: isEnumerable,
  })
}

/**
 * Errors between threads and processes. Structured clone keeps only the message, stack and cause of
 * the built-in classes; this keeps the class, `code`, own fields and nested errors as well.
 */
import { assertEncodable, isSendable } from './cloneable.ts'

const { types } = process.getBuiltinModule('node:util')

/** An error as data, or any other thrown value. */
export type TransferredError =
  | {
      readonly isError: true
      /** Name of the nearest built-in class. */
      readonly className: string
      readonly name: string
      readonly message: string
      readonly stack: string | undefined
      readonly fields: readonly TransferredField[]
      /** The errors of an `AggregateError`. */
      readonly errors: readonly TransferredError[]
    }
  | { readonly isError: false; readonly value: unknown }

/** An own field of an error, `code` and `cause` among them. */
interface TransferredField {
  readonly key: string
  readonly isEnumerable: boolean
  readonly value: TransferredError
}

/** What stands for an error that contains itself. */
const CYCLE: TransferredError = { isError: false, value: '[Circular]' }

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
    return transfer(thrown, [])
  } catch (cause) {
    return transfer(new Error('An error was thrown that cannot be read.', { cause }), [])
  }
}

/** The thrown value again: an instance of the same built-in class with all its fields. */
export function fromTransferredError(transferred: TransferredError): unknown {
  if (!transferred.isError) return transferred.value
  const { name, stack, fields } = transferred
  const error = construct(transferred)
  if (error.name !== name) define(error, 'name', name, false)
  define(error, 'stack', stack, false)
  for (const { key, value, isEnumerable } of fields) {
    define(error, key, fromTransferredError(value), isEnumerable)
  }
  return error
}

function transfer(value: unknown, path: readonly unknown[]): TransferredError {
  return transferIfAny(value, path) ?? { isError: false, value: String(value) }
}

/** Of an object that cannot be carried as a whole, the fields that can; nothing where none can. */
function transferIfAny(value: unknown, path: readonly unknown[]): TransferredError | undefined {
  if (path.includes(value)) return CYCLE
  if (isError(value)) return transferError(value, path)
  if (isSendable(value, assertEncodable)) return { isError: false, value }
  if (typeof value !== 'object' || value === null) return undefined
  const fields = Object.entries(value).filter(([, field]) => isSendable(field, assertEncodable))
  if (fields.length === 0) return undefined
  const part: object = Array.isArray(value) ? [] : {}
  return { isError: false, value: Object.assign(part, Object.fromEntries(fields)) }
}

function transferError(value: Error, path: readonly unknown[]): TransferredError {
  const inside = [...path, value]
  const errors: unknown = value instanceof AggregateError ? value.errors : []
  return {
    isError: true,
    className: builtInClassOf(value),
    name: textOf(value, 'name'),
    message: textOf(value, 'message'),
    stack: typeof value.stack === 'string' ? value.stack : undefined,
    fields: fieldsOf(value, inside),
    errors: Array.isArray(errors) ? errors.map((error) => transfer(error, inside)) : [],
  }
}

/** A field that is text by its type, but may hold anything. */
function textOf(error: Error, key: 'name' | 'message'): string {
  const text: unknown = Reflect.get(error, key)
  return String(text)
}

/** A getter that throws, or a value that cannot be cloned, costs only its own field. */
function fieldsOf(error: Error, path: readonly unknown[]): TransferredField[] {
  const fields: TransferredField[] = []
  for (const key of new Set([...Object.getOwnPropertyNames(error), ...inheritedCode(error)])) {
    if (OWN_FIELDS.has(key) || (key === 'errors' && error instanceof AggregateError)) continue
    try {
      const value = transferIfAny(Reflect.get(error, key), path)
      const isEnumerable = Object.prototype.propertyIsEnumerable.call(error, key)
      if (value) fields.push({ key, isEnumerable, value })
    } catch {
      // The field cannot be read here, so it cannot be read there.
    }
  }
  return fields
}

/** Some classes give `code` as a getter of the class. A DOMException's is made by its name. */
function inheritedCode(error: Error): string[] {
  return 'code' in error && !(error instanceof DOMException) ? ['code'] : []
}

function construct(transferred: TransferredError & { isError: true }): Error {
  const { className, name, message, errors } = transferred
  if (className === 'DOMException') return new DOMException(message, name)
  if (className === 'AggregateError') {
    return new AggregateError(errors.map(fromTransferredError), message)
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

function define(error: Error, key: string, value: unknown, isEnumerable: boolean): void {
  Object.defineProperty(error, key, {
    value,
    writable: true,
    configurable: true,
    enumerable: isEnumerable,
  })
}

/**
 * Errors between threads and processes. Structured clone keeps only the message, stack and cause of
 * the built-in classes; this keeps the class, `code`, own fields and nested causes as well.
 */
import { isCloneable } from './cloneable.ts'

/** An error as data, or any other thrown value. */
export type TransferredError =
  | {
      readonly isError: true
      /** Name of the nearest built-in class. */
      readonly className: string
      readonly name: string
      readonly message: string
      readonly stack: string | undefined
      /** Own enumerable fields that can be cloned, `code` among them. */
      readonly fields: Record<string, unknown>
      readonly cause?: TransferredError
      readonly errors?: readonly TransferredError[]
    }
  | { readonly isError: false; readonly value: unknown }

/** A chain of causes longer than this is cut: it is a cycle or no longer readable. */
const LONGEST_CAUSE_CHAIN = 16

const BUILT_IN: Record<string, ErrorConstructor> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

const OWN_FIELDS = new Set(['name', 'message', 'stack', 'cause', 'errors'])

/** The thrown value as data that can be cloned. */
export function toTransferredError(thrown: unknown, depth = 0): TransferredError {
  if (!(thrown instanceof Error)) {
    return { isError: false, value: isCloneable(thrown) ? thrown : String(thrown) }
  }
  const hasCause = 'cause' in thrown && depth < LONGEST_CAUSE_CHAIN
  const errors: unknown = Reflect.get(thrown, 'errors')
  return {
    isError: true,
    className: builtInClassOf(thrown),
    name: thrown.name,
    message: thrown.message,
    stack: thrown.stack,
    fields: fieldsOf(thrown),
    ...(hasCause && { cause: toTransferredError(thrown.cause, depth + 1) }),
    ...(Array.isArray(errors) &&
      depth < LONGEST_CAUSE_CHAIN && {
        errors: errors.map((error) => toTransferredError(error, depth + 1)),
      }),
  }
}

/** The thrown value again: an instance of the same built-in class with all its fields. */
export function fromTransferredError(transferred: TransferredError): unknown {
  if (!transferred.isError) return transferred.value
  const { className, name, message, stack, fields, cause, errors } = transferred
  const error = errors
    ? new AggregateError(errors.map(fromTransferredError), message)
    : new (BUILT_IN[className] ?? Error)(message)
  if (cause) hide(error, 'cause', fromTransferredError(cause))
  if (error.name !== name) hide(error, 'name', name)
  hide(error, 'stack', stack)
  return Object.assign(error, fields)
}

function builtInClassOf(error: Error): string {
  for (let proto: unknown = error; proto !== null; proto = Object.getPrototypeOf(proto)) {
    const constructor: unknown = Reflect.get(proto as object, 'constructor')
    if (typeof constructor === 'function' && constructor.name in BUILT_IN) return constructor.name
  }
  return 'Error'
}

/** A getter that throws, or a value that cannot be cloned, costs only its own field. */
function fieldsOf(error: Error): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const key of Object.keys(error)) {
    if (OWN_FIELDS.has(key)) continue
    try {
      const value: unknown = Reflect.get(error, key)
      if (isCloneable(value)) fields[key] = value
    } catch {
      // The field cannot be read here, so it cannot be read there.
    }
  }
  return fields
}

/** Sets a field as the language does for errors: present, but not enumerable. */
function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  })
}

/** The failures of this package that a caller can act on, each with a stable `code` to match on. */

/** Longer texts are cut in a message; the whole value is in the error's `value`. */
const LONGEST_SHOWN_TEXT = 80

/** What an error of this package says beside its message. @public */
export interface CacheErrorDetails {
  /** The offending value, where there is one. */
  readonly value?: unknown
  /** What to do about it, one sentence. */
  readonly remedy: string
  /** The error that led to this one. */
  readonly cause?: unknown
}

/**
 * Base of the errors of this package: what was expected, what came, what to do.
 *
 * @remarks
 * The file system's failures are not errors of the store: a write that cannot reach the disk stays
 * in memory and its receipt says so, a file that cannot be read is a miss or is named in `skipped`.
 * @public
 */
export abstract class CacheError extends Error {
  /** Stable identifier of the failure, `AMORSIZE_CACHE_<WHAT>`. */
  abstract readonly code: `AMORSIZE_CACHE_${string}`
  /** Name of the class, also in minified code. */
  abstract override readonly name: string
  /** The offending value; `undefined` where there is none. */
  readonly value: unknown
  /** What to do about it. */
  readonly remedy: string

  /**
   * @param message - What was expected and what came.
   * @param details - The offending value, the remedy and the cause.
   */
  constructor(message: string, details: CacheErrorDetails) {
    super(`${message} ${details.remedy}`, 'cause' in details ? { cause: details.cause } : undefined)
    this.value = details.value
    this.remedy = details.remedy
  }
}

/** An option or an argument is outside its domain. Raised before anything is changed. @public */
export class InvalidStoreOptionError extends CacheError {
  /** {@inheritDoc CacheError.code} */
  readonly code = 'AMORSIZE_CACHE_INVALID_OPTION'
  /** {@inheritDoc CacheError.name} */
  override readonly name = 'InvalidStoreOptionError'
  /** Name of the option that was refused. */
  readonly option: string

  /**
   * @param option - Name of the option.
   * @param expected - What it must be.
   * @param value - What came.
   * @param remedy - What to do.
   */
  constructor(option: string, expected: string, value: unknown, remedy: string) {
    super(`Expected \`${option}\` to be ${expected}, got ${shown(value)}.`, { value, remedy })
    this.option = option
  }
}

/** The key of a decision is not a text of 1 to 4096 characters. @public */
export class InvalidKeyError extends CacheError {
  /** {@inheritDoc CacheError.code} */
  readonly code = 'AMORSIZE_CACHE_INVALID_KEY'
  /** {@inheritDoc CacheError.name} */
  override readonly name = 'InvalidKeyError'

  /** @param value - What came. */
  constructor(value: unknown) {
    super(`Expected the key to be a text of 1 to 4096 characters, got ${shown(value)}.`, {
      value,
      remedy: 'Hash a longer key first.',
    })
  }
}

/** A decision or a sample is outside the format. Raised before anything is written. @public */
export class InvalidRecordError extends CacheError {
  /** {@inheritDoc CacheError.code} */
  readonly code = 'AMORSIZE_CACHE_INVALID_RECORD'
  /** {@inheritDoc CacheError.name} */
  override readonly name = 'InvalidRecordError'

  /**
   * @param kind - What the record should have been.
   * @param violation - The first rule that it breaks, in the names of the file format.
   * @param value - What came.
   * @param options - The error that led to this one, if any.
   */
  constructor(
    kind: 'decision' | 'training sample' | 'document',
    violation: string,
    value: unknown,
    options?: ErrorOptions,
  ) {
    super(`Expected a ${kind} that fits the file format, but ${violation}.`, {
      value,
      remedy: 'Correct the field; docs/file-format.md has the names and ranges.',
      ...options,
    })
  }
}

/** The store was opened with `readOnly` and asked to change its files. @public */
export class ReadOnlyStoreError extends CacheError {
  /** {@inheritDoc CacheError.code} */
  readonly code = 'AMORSIZE_CACHE_READ_ONLY'
  /** {@inheritDoc CacheError.name} */
  override readonly name = 'ReadOnlyStoreError'

  /** @param method - The method that was refused. */
  constructor(method: string) {
    super(`Expected a store that may be changed for \`${method}\`, but it was opened read-only.`, {
      value: method,
      remedy: 'Open the store without `readOnly`.',
    })
  }
}

/** The store was used after `close()`. @public */
export class StoreClosedError extends CacheError {
  /** {@inheritDoc CacheError.code} */
  readonly code = 'AMORSIZE_CACHE_CLOSED'
  /** {@inheritDoc CacheError.name} */
  override readonly name = 'StoreClosedError'

  /** @param method - The method that was refused. */
  constructor(method: string) {
    super(`Expected an open store for \`${method}\`, but it was closed.`, {
      value: method,
      remedy: 'Open another one with `openStore`.',
    })
  }
}

/**
 * An export could not be written to the file that was asked for, or the store not be read for it. A
 * file that was there is as it was.
 * @public
 */
export class ExportError extends CacheError {
  /** {@inheritDoc CacheError.code} */
  readonly code = 'AMORSIZE_CACHE_EXPORT_FAILED'
  /** {@inheritDoc CacheError.name} */
  override readonly name = 'ExportError'

  /**
   * @param file - The file that was to be written.
   * @param cause - What the file system said.
   * @param folder - The store's folder, where that is what was refused.
   */
  constructor(file: string, cause: unknown, folder?: string) {
    const work =
      folder === undefined
        ? `write an export to ${shown(file)}`
        : `list ${shown(folder)} for an export to ${shown(file)}`
    super(`Expected to ${work}, but the file system refused.`, {
      value: folder ?? file,
      remedy:
        folder === undefined
          ? 'Name a file in a folder that exists, may be written and has space.'
          : 'Try again once the folder of the store can be read.',
      cause,
    })
  }
}

/** An import could not be read, or is no export of a store. Nothing was imported. @public */
export class ImportError extends CacheError {
  /** {@inheritDoc CacheError.code} */
  readonly code = 'AMORSIZE_CACHE_IMPORT_FAILED'
  /** {@inheritDoc CacheError.name} */
  override readonly name = 'ImportError'

  /**
   * @param file - The file that was to be imported.
   * @param problem - What is wrong with it.
   * @param options - The error that led to this one, if any.
   */
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`Expected ${shown(file)} to be an export of a store, but ${problem}.`, {
      value: file,
      remedy: 'Name a file that `exportTo` wrote.',
      ...options,
    })
  }
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return `\`${String(value)}\``
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  // oxlint-disable-next-line typescript/no-base-to-string -- objects are answered above
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  const cut = text.length > LONGEST_SHOWN_TEXT ? `${text.slice(0, LONGEST_SHOWN_TEXT)}…` : text
  return `\`${cut}\` (${typeof value})`
}

/** What every JSON document of this package has in common: a format, a version, and honest errors. */
import { KnnDocumentError, KnnError, KnnVersionError } from './errors.ts'
import { isIntegerIn, isRecord } from './validation.ts'

const REPLACE = 'Write the document again with `toJSON`, or start without it.'

/** Kind and newest known version of a document. */
export interface DocumentKind<Format extends string = string, Version extends number = number> {
  readonly format: Format
  readonly version: Version
}

/**
 * Hands the fields of a document to `read`, once its format and version are known to be right. What
 * `read` refuses is the document's fault, and is reported so with the reason as `cause`.
 */
export function readDocument<T>(
  document: unknown,
  { format, version }: DocumentKind,
  read: (fields: Readonly<Record<string, unknown>>) => T,
): T {
  const fields = requireRecord('the document', parse(document))
  if (fields['format'] !== format) {
    throw new KnnDocumentError(`a document of format '${format}'`, fields['format'], REPLACE)
  }
  if (isIntegerIn(fields['version'], version + 1, Number.MAX_SAFE_INTEGER)) {
    const remedy = 'Update @amorsize/knn to read it.'
    throw new KnnVersionError(`version ${version} of '${format}'`, fields['version'], remedy)
  }
  if (fields['version'] !== version) {
    throw new KnnDocumentError(`version ${version} of '${format}'`, fields['version'], REPLACE)
  }
  try {
    return read(fields)
  } catch (error) {
    if (!(error instanceof KnnError) || error instanceof KnnDocumentError) throw error
    const options = { cause: error }
    throw new KnnDocumentError(`a valid '${format}'`, error.value, error.message, options)
  }
}

/** A field of a document that passes `isValid`. */
export function requireField<T>(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  isValid: (value: unknown) => value is T,
  expectation: string,
): T {
  const value = fields[name]
  if (isValid(value)) return value
  throw new KnnDocumentError(`\`${name}\` to be ${expectation}`, value, REPLACE)
}

export function requireRecord(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  throw new KnnDocumentError(`${what} to be an object`, value, REPLACE)
}

export function requireArray(what: string, value: unknown, length?: number): readonly unknown[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value
  const kind = length === undefined ? 'a list' : `a list of ${length}`
  throw new KnnDocumentError(`${what} to be ${kind}`, value, REPLACE)
}

function parse(document: unknown): unknown {
  if (typeof document !== 'string') return document
  try {
    return JSON.parse(document)
  } catch (cause) {
    throw new KnnDocumentError('a text that is JSON', document, REPLACE, { cause })
  }
}

/**
 * Names of the store's files. None is ever built from unchecked text: a signature is 16 hex digits,
 * a time is a whole number, and a key that is not plain is replaced by its hash.
 */
import { createHash, randomBytes } from 'node:crypto'

import { InvalidKeyError } from './errors.ts'

/** Longest key, in UTF-16 units. */
const MAX_KEY_LENGTH = 4096

/** The snapshot of all samples. It does not end in `.json`: it is no record of the format. */
export const SNAPSHOT_FILE = 'samples.snapshot'

/** Folder for damaged files that `verify` moved away. */
export const QUARANTINE_FOLDER = 'quarantine'

/** Lower case only: some file systems take `a` and `A` for the same name. */
const PLAIN_KEY = /^(?!sha256-)[a-z0-9](?:[a-z0-9_-]{0,98}[a-z0-9])?$/
const DECISION_FILE = /^opt_([^/\\]+)\.json$/
const DOCUMENT_FILE = /^doc_[^/\\]+\.json$/
const SAMPLE_PREFIX = 'ml_training_'
const SAMPLE_EXTENSION = '.json'
const TEMPORARY_FILE = /^\.amorsize-[0-9a-f]{32}\.tmp$/

const SUFFIX_BYTES = 6
const TEMPORARY_BYTES = 16

/**
 * Checks a key.
 *
 * @throws InvalidKeyError - code `AMORSIZE_CACHE_INVALID_KEY`.
 */
export function assertKey(key: unknown): asserts key is string {
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_LENGTH)
    throw new InvalidKeyError(key)
}

/** Name of the file of a decision. Different keys have different names. */
export function decisionFileName(key: string): string {
  return `opt_${nameOf(key)}.json`
}

/** Name of the file of a document. Different keys have different names. */
export function documentFileName(key: string): string {
  return `doc_${nameOf(key)}.json`
}

function nameOf(key: string): string {
  if (PLAIN_KEY.test(key)) return key
  // UTF-16, so that keys with lone surrogates stay apart.
  return `sha256-${createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('hex')}`
}

/** The key that a file's name spells out, or `undefined` where it is a hash. */
export function keyOfFileName(name: string): string | undefined {
  const key = DECISION_FILE.exec(name)?.[1]
  return key !== undefined && PLAIN_KEY.test(key) ? key : undefined
}

/**
 * A name for the file of a new sample, unique by its random suffix.
 *
 * @param signature - 16 lower-case hex digits, checked by the schema.
 * @param timestampMs - Milliseconds since 1970, checked by the schema.
 */
export function sampleFileName(signature: string, timestampMs: number): string {
  const suffix = randomBytes(SUFFIX_BYTES).toString('hex')
  return `${SAMPLE_PREFIX}${signature}_${Math.floor(timestampMs)}_${suffix}${SAMPLE_EXTENSION}`
}

/** A name for a temporary file that nobody can guess and so nobody can put a link at. */
export function temporaryFileName(): string {
  return `.amorsize-${randomBytes(TEMPORARY_BYTES).toString('hex')}.tmp`
}

/** True for the name of a decision's file. */
export function isDecisionFile(name: string): boolean {
  return DECISION_FILE.test(name)
}

/** True for the name of a document's file. */
export function isDocumentFile(name: string): boolean {
  return DOCUMENT_FILE.test(name)
}

/** True for the name of a sample's file, also as other implementations spell it. */
export function isSampleFile(name: string): boolean {
  return name.startsWith(SAMPLE_PREFIX) && name.endsWith(SAMPLE_EXTENSION)
}

/** True for the name of a temporary file of ours. */
export function isTemporaryFile(name: string): boolean {
  return TEMPORARY_FILE.test(name)
}

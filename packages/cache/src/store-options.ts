/** Options of the stores, checked before anything is opened. */
import { InvalidStoreOptionError } from './errors.ts'

const MS_PER_DAY = 86_400_000

/** Entries older than this are not used, unless the caller says otherwise. */
const DEFAULT_TTL_MS = 7 * MS_PER_DAY

/** The history that prediction is measured up to (100,000 samples). */
const DEFAULT_MAX_ENTRIES = 100_000

/** How long a store keeps what, in whatever it keeps it. @public */
export interface RetentionOptions {
  /** Time to live of decisions and samples, milliseconds, above 0 or Infinity. @defaultValue 7 days */
  readonly ttlMs?: number | undefined
  /** Time to live of samples, milliseconds, above 0 or Infinity. @defaultValue `ttlMs` */
  readonly sampleTtlMs?: number | undefined
  /**
   * Most decisions, and most samples, that are kept, an integer from 1 or Infinity. Beyond it the
   * least recently used decisions go, and the most redundant samples.
   * @defaultValue 100000
   */
  readonly maxEntries?: number | undefined
}

/** Something that keeps a store from doing all it should, said once. @public */
export interface StoreWarning {
  /** Stable identifier. */
  readonly code: 'AMORSIZE_CACHE_DEGRADED'
  /** What happened, what the store does about it and what to do, for people. */
  readonly message: string
  /** What the file system said. */
  readonly cause: unknown
}

/** Options of {@link openStore}. @public */
export interface StoreOptions extends RetentionOptions {
  /**
   * Folder of the store; made when the first entry is written.
   * @defaultValue `AMORSIZE_CACHE_DIR`, else `amorsize` in the platform's folder for caches
   */
  readonly directory?: string | undefined
  /** Leaves the files alone: what is put stays in this process's memory. @defaultValue false */
  readonly readOnly?: boolean | undefined
  /** Told once when the disk fails the store. @defaultValue `process.emitWarning` */
  readonly onWarning?: ((warning: StoreWarning) => void) | undefined
}

/** Retention with every default filled in. */
export interface Retention {
  readonly ttlMs: number
  readonly sampleTtlMs: number
  readonly maxEntries: number
}

/** Checks the options and fills in the defaults. */
export function resolveRetention(options: RetentionOptions): Retention {
  const { ttlMs = DEFAULT_TTL_MS, maxEntries = DEFAULT_MAX_ENTRIES } = options
  const { sampleTtlMs = ttlMs } = options
  assertPositive('ttlMs', ttlMs)
  assertPositive('sampleTtlMs', sampleTtlMs)
  if (maxEntries !== Infinity && !(Number.isSafeInteger(maxEntries) && maxEntries >= 1))
    throw new InvalidStoreOptionError(
      'maxEntries',
      'an integer from 1, or Infinity',
      maxEntries,
      'Leave it out for 100,000.',
    )
  return { ttlMs, sampleTtlMs, maxEntries }
}

/** Checks the options of the JSON store beyond retention. */
export function assertStoreOptions({ directory, readOnly, onWarning }: StoreOptions): void {
  if (directory !== undefined && (typeof directory !== 'string' || !isPath(directory)))
    throw new InvalidStoreOptionError(
      'directory',
      'the path of a folder',
      directory,
      'Leave it out for the default folder.',
    )
  if (readOnly !== undefined && typeof readOnly !== 'boolean')
    throw new InvalidStoreOptionError(
      'readOnly',
      'true or false',
      readOnly,
      'Leave it out for false.',
    )
  if (onWarning !== undefined && typeof onWarning !== 'function')
    throw new InvalidStoreOptionError(
      'onWarning',
      'a function',
      onWarning,
      'Leave it out to have warnings emitted by the process.',
    )
}

function isPath(text: string): boolean {
  return text !== '' && !text.includes('\0')
}

function assertPositive(option: string, value: unknown): void {
  if (typeof value === 'number' && value > 0) return
  throw new InvalidStoreOptionError(
    option,
    'milliseconds above 0, or Infinity',
    value,
    'Leave it out for 7 days.',
  )
}

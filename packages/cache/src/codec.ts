/**
 * The one place where the names and units of the API and those of the file format meet: camelCase
 * and milliseconds here, snake_case and seconds there.
 */
import type { DecisionEntry, TrainingSample } from './records.ts'

/** A record in the names and units of the file format. */
export type DiskRecord = Record<string, unknown>

/** Format version of the decisions that this version writes. */
export const CACHE_VERSION = 2

const MS_PER_SECOND = 1000
const US_PER_SECOND = 1_000_000
const US_PER_MS = 1000

interface Field {
  readonly api: string
  readonly disk: string
  readonly encode?: (value: unknown) => unknown
  readonly decode?: (value: unknown) => unknown
}

/** A length of time: milliseconds in the API, seconds on disk. */
const DURATION = {
  encode: onNumbers((ms) => ms / MS_PER_SECOND),
  decode: onNumbers((seconds) => seconds * MS_PER_SECOND),
}

/**
 * A point in time. A double holds seconds since 1970 to a quarter of a microsecond, so rounding to
 * the microsecond gives back whole milliseconds exactly.
 */
const INSTANT = {
  encode: onNumbers((ms) => ms / MS_PER_SECOND),
  decode: onNumbers((seconds) => Math.round(seconds * US_PER_SECOND) / US_PER_MS),
}

const FEATURES: readonly Field[] = [
  { api: 'dataSize', disk: 'data_size' },
  { api: 'itemTimeMs', disk: 'estimated_item_time', ...DURATION },
  { api: 'physicalCores', disk: 'physical_cores' },
  { api: 'availableMemoryBytes', disk: 'available_memory' },
  { api: 'startMethod', disk: 'start_method' },
  { api: 'serializedBytes', disk: 'pickle_size' },
  { api: 'coefficientOfVariation', disk: 'coefficient_of_variation' },
  { api: 'functionComplexity', disk: 'function_complexity' },
]

const NESTED_FEATURES: Field = {
  api: 'features',
  disk: 'features',
  encode: (value) => (isRecord(value) ? encodeFields(FEATURES, value) : value),
  decode: (value) => (isRecord(value) ? decodeFields(FEATURES, value) : value),
}

const TRAINING_SAMPLE: readonly Field[] = [
  NESTED_FEATURES,
  { api: 'nJobs', disk: 'n_jobs' },
  { api: 'chunkSize', disk: 'chunksize' },
  { api: 'speedup', disk: 'speedup' },
  { api: 'timestampMs', disk: 'timestamp', ...INSTANT },
  { api: 'functionSignature', disk: 'function_signature' },
  { api: 'machine', disk: 'machine' },
  { api: 'executor', disk: 'executor' },
]

const DECISION: readonly Field[] = [
  { api: 'nJobs', disk: 'n_jobs' },
  { api: 'chunkSize', disk: 'chunksize' },
  { api: 'executor', disk: 'executor' },
  { api: 'estimatedSpeedup', disk: 'estimated_speedup' },
  { api: 'estimatedTimeMs', disk: 'estimated_time', ...DURATION },
  { api: 'reason', disk: 'reason' },
  { api: 'warnings', disk: 'warnings' },
  NESTED_FEATURES,
  { api: 'createdAtMs', disk: 'timestamp', ...INSTANT },
  { api: 'machine', disk: 'machine' },
]

/** Raised by the encoders; the public methods name the kind of record and wrap it. */
export class EncodingError extends Error {}

/** The disk form of a sample. Throws {@link EncodingError} on a name that is taken. */
export function encodeSample(sample: object): DiskRecord {
  return encodeFields(TRAINING_SAMPLE, sample as Record<string, unknown>)
}

/** The API form of a record that has passed the schema. */
export function decodeSample(record: DiskRecord): TrainingSample {
  return decodeFields(TRAINING_SAMPLE, record) as unknown as TrainingSample
}

/** The disk form of a decision. Throws {@link EncodingError} on a name that is taken. */
export function encodeDecision(key: string, entry: object): DiskRecord {
  const { cache_version: version, key: ownKey, ...fields } = entry as Record<string, unknown>
  if (version !== undefined) throw new EncodingError('`cache_version` is written by the store')
  if (ownKey !== undefined) throw new EncodingError('`key` is written by the store')
  return { cache_version: CACHE_VERSION, key, ...encodeFields(DECISION, fields) }
}

/** The API form of a record that has passed the schema. */
export function decodeDecision(record: DiskRecord): DecisionEntry {
  const { cache_version: _version, key: _key, ...fields } = record
  return decodeFields(DECISION, fields) as unknown as DecisionEntry
}

/** True for objects that are neither `null` nor arrays. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function encodeFields(fields: readonly Field[], source: Record<string, unknown>): DiskRecord {
  const record: DiskRecord = {}
  for (const { api, disk, encode } of fields) {
    const value = source[api]
    if (value !== undefined && value !== null) record[disk] = encode ? encode(value) : value
    if (disk !== api && Object.hasOwn(source, disk))
      throw new EncodingError(`\`${disk}\` is the name that \`${api}\` has on disk`)
  }
  copyUnknown(source, record, (name) => fields.some(({ api }) => api === name))
  return record
}

/** An unknown field spelled like one of the API is left out: the known field must win. */
function decodeFields(fields: readonly Field[], record: DiskRecord): Record<string, unknown> {
  const target: Record<string, unknown> = {}
  for (const { api, disk, decode } of fields) {
    const value = record[disk]
    if (value !== undefined && value !== null) target[api] = decode ? decode(value) : value
  }
  copyUnknown(record, target, (name) =>
    fields.some(({ api, disk }) => disk === name || api === name),
  )
  return target
}

function copyUnknown(
  source: Record<string, unknown>,
  target: Record<string, unknown>,
  isKnown: (name: string) => boolean,
): void {
  for (const name of Object.keys(source)) if (!isKnown(name)) target[name] = source[name]
}

/** Anything but a number is passed on for the schema to refuse. */
function onNumbers(convert: (value: number) => number): (value: unknown) => unknown {
  return (value) => (typeof value === 'number' ? convert(value) : value)
}

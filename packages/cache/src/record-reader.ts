/** From parsed text to a checked record of the API, and from the API to checked text. */
import {
  decodeDecision,
  decodeSample,
  encodeDecision,
  encodeSample,
  NameTakenError,
} from './codec.ts'
import { CACHE_VERSION, isRecord } from './disk-format.ts'
import type { DiskRecord, DiskSample } from './disk-format.ts'
import { InvalidRecordError } from './errors.ts'
import { migrateDecision } from './migration.ts'
import type { DecisionEntry, TrainingSample } from './records.ts'
import { parseRecordText, serializeRecord } from './record-text.ts'
import type { Outcome } from './record-text.ts'
import { violationOf } from './schema/validator.ts'
import { validateDecision, validateTrainingSample } from './schema/validators.generated.ts'

/** A decision with the key that its file names, if it names one. */
export interface KeyedDecision {
  readonly key: string | undefined
  readonly entry: DecisionEntry
}

/** What a decision's file turned out to be. */
export type DecisionOutcome =
  | Outcome<KeyedDecision>
  | { readonly ok: 'future'; readonly version: number }

/** A sample and the record that it was made from. */
export interface CheckedSample {
  readonly record: DiskSample
  readonly sample: TrainingSample
}

/** Checks a sample of whatever version: the format of samples has only ever gained fields. */
export function readSample(record: unknown): Outcome<CheckedSample> {
  if (validateTrainingSample(record))
    return { ok: true, value: { record, sample: decodeSample(record) } }
  return { ok: false, reason: violationOf(validateTrainingSample) }
}

/** Checks a decision, after bringing an older one forward. */
export function readDecision(record: DiskRecord): DecisionOutcome {
  const { cache_version: version = 1 } = record
  if (typeof version === 'number' && version > CACHE_VERSION) return { ok: 'future', version }
  return readCurrentDecision(migrateDecision(record))
}

function readCurrentDecision(record: DiskRecord): Outcome<KeyedDecision> {
  if (!validateDecision(record)) return { ok: false, reason: violationOf(validateDecision) }
  return { ok: true, value: { key: record.key, entry: decodeDecision(record) } }
}

/** A record as it will be read back, and its text. */
export interface Written<T> {
  readonly value: T
  readonly text: string
}

type Kind = 'decision' | 'training sample'

/**
 * Checks a sample and makes its text.
 *
 * @throws InvalidRecordError - code `AMORSIZE_CACHE_INVALID_RECORD`.
 */
export function writeSample(sample: TrainingSample): Written<TrainingSample> {
  const { value, text } = write('training sample', sample, encodeSample, readSample)
  return { value: value.sample, text }
}

/**
 * Checks a decision and makes its text.
 *
 * @throws InvalidRecordError - code `AMORSIZE_CACHE_INVALID_RECORD`.
 */
export function writeDecision(key: string, entry: DecisionEntry): Written<DecisionEntry> {
  const encode = (fields: DiskRecord): DiskRecord => encodeDecision(key, fields)
  const { value, text } = write('decision', entry, encode, readCurrentDecision)
  return { value: value.entry, text }
}

/**
 * The record is checked before it is text, since JSON turns NaN into null, and what is kept is what
 * the text gives back.
 */
function write<T>(
  kind: Kind,
  given: unknown,
  encode: (given: DiskRecord) => DiskRecord,
  read: (record: DiskRecord) => Outcome<T>,
): Written<T> {
  const refuse = (violation: string, options?: ErrorOptions): never => {
    throw new InvalidRecordError(kind, violation, given, options)
  }
  if (!isRecord(given)) return refuse('it is no object')
  const record = encodeOr(refuse, given, encode)
  const checked = read(record)
  if (!checked.ok) return refuse(checked.reason)
  const text = serializeRecord(record)
  if (!text.ok) return refuse(text.reason)
  const parsed = parseRecordText(text.value)
  const kept = parsed.ok ? read(parsed.value) : parsed
  return kept.ok ? { value: kept.value, text: text.value } : refuse(kept.reason)
}

function encodeOr(
  refuse: (violation: string, options?: ErrorOptions) => never,
  given: DiskRecord,
  encode: (given: DiskRecord) => DiskRecord,
): DiskRecord {
  try {
    return encode(given)
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error
    return refuse(error.message, { cause: error })
  }
}

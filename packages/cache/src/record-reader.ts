/** From parsed text to a checked record of the API, and from the API to checked text. */
import {
  CACHE_VERSION,
  decodeDecision,
  decodeSample,
  encodeDecision,
  encodeSample,
  EncodingError,
  isRecord,
} from './codec.ts'
import type { DiskRecord } from './codec.ts'
import { InvalidRecordError } from './errors.ts'
import { migrateDecision } from './migration.ts'
import type { DecisionEntry, TrainingSample } from './records.ts'
import { parseRecordText, serializeRecord } from './record-text.ts'
import type { Outcome } from './record-text.ts'
import { findViolation } from './schema/validator.ts'
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

/** Checks a sample of whatever version: the format of samples has only ever gained fields. */
export function readSample(record: DiskRecord): Outcome<TrainingSample> {
  const violation = findViolation(validateTrainingSample, record)
  if (violation !== undefined) return { ok: false, reason: violation }
  return { ok: true, value: decodeSample(record) }
}

/** Checks a decision, after bringing an older one forward. */
export function readDecision(record: DiskRecord): DecisionOutcome {
  const { cache_version: version = 1 } = record
  if (typeof version === 'number' && version > CACHE_VERSION) return { ok: 'future', version }

  const current = migrateDecision(record)
  const violation = findViolation(validateDecision, current)
  if (violation !== undefined) return { ok: false, reason: violation }
  const key = current['key'] as string | undefined
  return { ok: true, value: { key, entry: decodeDecision(current) } }
}

/** A record as it will be read back, and its text. */
export interface Written<T> {
  readonly value: T
  readonly text: string
}

/**
 * Checks a sample and makes its text.
 *
 * @throws InvalidRecordError - code `AMORSIZE_CACHE_INVALID_RECORD`.
 */
export function writeSample(sample: TrainingSample): Written<TrainingSample> {
  return write('training sample', sample, encodeSample, readSample)
}

/**
 * Checks a decision and makes its text.
 *
 * @throws InvalidRecordError - code `AMORSIZE_CACHE_INVALID_RECORD`.
 */
export function writeDecision(key: string, entry: DecisionEntry): Written<DecisionEntry> {
  return write(
    'decision',
    entry,
    (fields) => encodeDecision(key, fields),
    (record) => {
      const violation = findViolation(validateDecision, record)
      if (violation !== undefined) return { ok: false, reason: violation }
      return { ok: true, value: decodeDecision(record) }
    },
  )
}

/**
 * The record is checked before it is text, since JSON turns NaN into null, and what is kept is what
 * the text gives back.
 */
function write<T>(
  kind: 'decision' | 'training sample',
  given: unknown,
  encode: (given: object) => DiskRecord,
  read: (record: DiskRecord) => Outcome<T>,
): Written<T> {
  if (!isRecord(given)) throw new InvalidRecordError(kind, 'it is no object', given)
  const record = encodeOrThrow(kind, given, encode)
  const checked = read(record)
  if (!checked.ok) throw new InvalidRecordError(kind, checked.reason, given)
  const text = serializeRecord(record)
  if (!text.ok) throw new InvalidRecordError(kind, text.reason, given)
  const parsed = parseRecordText(text.value)
  const kept = parsed.ok ? read(parsed.value) : parsed
  if (!kept.ok) throw new InvalidRecordError(kind, kept.reason, given)
  return { value: kept.value, text: text.value }
}

function encodeOrThrow(
  kind: 'decision' | 'training sample',
  given: object,
  encode: (given: object) => DiskRecord,
): DiskRecord {
  try {
    return encode(given)
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error
    throw new InvalidRecordError(kind, error.message, given, { cause: error })
  }
}

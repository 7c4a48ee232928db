/** The rows of a snapshot, read from its bytes: each made when it is asked for. */
import { crc32 } from 'node:zlib'

import { decodeKnownSample, decodeSample, fromInstant, isFreeName } from './codec.ts'
import { isRecord } from './disk-format.ts'
import type { DiskRecord, DiskSample } from './disk-format.ts'
import type { TrainingSample } from './records.ts'
import { MAX_DEPTH, parseRecordText } from './record-text.ts'
import { validateTrainingSample } from './schema/validators.generated.ts'
import {
  COLUMNS,
  FEATURE_COLUMNS,
  NUMBER_COLUMNS,
  reader,
  TEXT_COLUMNS,
  TIMESTAMP_COLUMN,
  WHOLE_COLUMNS,
} from './snapshot-columns.ts'
import {
  HEADER_BYTES,
  HEADER_WORDS,
  MAGIC,
  NAME_SEPARATOR,
  NUMBER_BYTES,
  WORD_BYTES,
} from './snapshot-layout.ts'
import { findWitnesses } from './witnesses.ts'
import type { Columns } from './witnesses.ts'

/** Snapshots beyond this are not read; 100,000 samples take 17 MB. */
export const MAX_SNAPSHOT_BYTES = 1_073_741_824

/** The text keeps what has no column this much deeper than a record does. */
const TEXT_LEVELS = 2

/** The rows of a snapshot, the oldest first, each made when asked for. */
export interface Snapshot {
  /** Names of the samples' files. */
  readonly names: readonly string[]
  /** When each was measured, milliseconds since 1970. */
  readonly timestampsMs: Float64Array
  /** The record of a row, checked. */
  readonly recordAt: (row: number) => DiskSample
  /** The sample of a row. */
  readonly sampleAt: (row: number) => TrainingSample
  /** A known number by its place in {@link numbersOf}. */
  readonly knownNumbers: (place: number) => Float64Array
  /** A number of another name; NaN where a row has none. */
  readonly otherNumbers: (name: string) => Float64Array
  /** A text by its place in {@link textsOf}: its indices in `texts`. */
  readonly textIndices: (place: number) => Uint32Array
  readonly texts: readonly (string | null)[]
}

/** A snapshot without rows. */
export const EMPTY_SNAPSHOT: Snapshot = {
  names: [],
  timestampsMs: new Float64Array(),
  recordAt: refuseRow,
  sampleAt: refuseRow,
  knownNumbers: () => new Float64Array(),
  otherNumbers: () => new Float64Array(),
  textIndices: () => new Uint32Array(),
  texts: [],
}

interface SnapshotText {
  readonly texts: readonly (string | null)[]
  /** Names of the columns of numbers beyond the known ones. */
  readonly numbers: readonly string[]
  /** Fields without a column, by row. */
  readonly fields: Readonly<Record<string, DiskRecord>>
  /** Features without a column, by row. */
  readonly features: Readonly<Record<string, DiskRecord>>
}

/** The rows that `content` holds, or `undefined` where it is not a whole snapshot of this layout. */
export function decodeSnapshot(content: Buffer): Snapshot | undefined {
  if (content.length < HEADER_BYTES) return undefined
  // Columns ask for an aligned start, which a small buffer of Node need not have.
  const bytes = content.byteOffset % NUMBER_BYTES === 0 ? content : unpooled(content)
  const { buffer, byteOffset } = bytes
  const header = new Uint32Array(buffer, byteOffset, HEADER_WORDS)
  const [magic, checksum, rows = 0, columnCount = 0, nameBytes = 0, textBytes = 0] = header
  const indicesStart = HEADER_BYTES + rows * columnCount * NUMBER_BYTES
  const namesStart = indicesStart + rows * TEXT_COLUMNS * WORD_BYTES
  const textStart = namesStart + nameBytes
  if (magic !== MAGIC || bytes.length !== textStart + textBytes) return undefined
  if (crc32(bytes.subarray(2 * WORD_BYTES)) !== checksum) return undefined

  const text = parseText(bytes.toString('utf8', textStart))
  if (text === undefined || columnCount !== NUMBER_COLUMNS + text.numbers.length) return undefined
  const names =
    rows === 0 ? [] : bytes.toString('utf8', namesStart, textStart).split(NAME_SEPARATOR)
  if (names.length !== rows) return undefined
  const numbers = new Float64Array(buffer, byteOffset + HEADER_BYTES, rows * columnCount)
  const indices = new Uint32Array(buffer, byteOffset + indicesStart, rows * TEXT_COLUMNS)
  const { texts } = text
  const columns = { rows, numbers, whole: WHOLE_COLUMNS, indices, textCount: texts.length }
  return checked(columns, text, names)
}

function unpooled(content: Buffer): Buffer {
  const { buffer, byteOffset, length } = new Uint8Array(content)
  return Buffer.from(buffer, byteOffset, length)
}

/** The snapshot, if the schema lets its rows through and they are in order. */
function checked(
  columns: Columns,
  text: SnapshotText,
  names: readonly string[],
): Snapshot | undefined {
  const { texts, fields, features } = text
  const { rows, numbers, indices } = columns
  const columnAt = (place: number): Float64Array =>
    numbers.subarray(place * rows, (place + 1) * rows)
  const knownAt = reader(columns, texts)
  // The others may be any number.
  const limited = { ...columns, numbers: numbers.subarray(0, NUMBER_COLUMNS * rows) }
  for (const row of findWitnesses(limited))
    if (!validateTrainingSample(knownAt(row))) return undefined
  const timestampsMs = columnAt(TIMESTAMP_COLUMN).map(fromInstant)
  if (!isSorted(timestampsMs)) return undefined

  const others = text.numbers.map((name, place) => ({
    name,
    column: columnAt(NUMBER_COLUMNS + place),
  }))
  const recordAt = (row: number): DiskSample => {
    const known = knownAt(row)
    const record = { ...known, ...fields[row], features: { ...known.features, ...features[row] } }
    return addNumbers(record, others, row)
  }
  const free = others.filter(({ name }) => isFreeName(name))
  const isPlain = Object.keys(fields).length + Object.keys(features).length === 0
  const sampleAt = isPlain
    ? (row: number): TrainingSample => addNumbers(decodeKnownSample(knownAt(row)), free, row)
    : (row: number): TrainingSample => decodeSample(recordAt(row))
  return {
    names,
    timestampsMs,
    recordAt,
    sampleAt,
    knownNumbers: columnAt,
    otherNumbers: (name) =>
      withNumbers(
        others.find((each) => each.name === name),
        fields,
        name,
        rows,
      ),
    textIndices: (place) => indices.subarray(place * rows, (place + 1) * rows),
    texts,
  }
}

/** Only so many names have a column; the numbers of the rest are among the fields without one. */
function withNumbers(
  known: OtherColumn | undefined,
  fields: SnapshotText['fields'],
  name: string,
  rows: number,
): Float64Array {
  const column = known?.column ?? new Float64Array(rows).fill(Number.NaN)
  if (known) return column
  for (const [row, others] of Object.entries(fields)) {
    const value = others[name]
    if (typeof value === 'number') column[Number(row)] = value
  }
  return column
}

interface OtherColumn {
  readonly name: string
  readonly column: Float64Array
}

/** Puts the numbers of a row that have no column of their own name in the format back in their place. */
function addNumbers<T extends object>(target: T, others: readonly OtherColumn[], row: number): T {
  const fields = target as Record<string, unknown>
  for (const { name, column } of others) {
    const value = column[row]!
    if (!Number.isNaN(value)) fields[name] = value
  }
  return target
}

function refuseRow(): never {
  throw new RangeError('An empty snapshot has no rows.')
}

function parseText(text: string): SnapshotText | undefined {
  const parsed = parseRecordText(text, MAX_DEPTH + TEXT_LEVELS)
  if (!parsed.ok) return undefined
  const { texts, numbers, fields, features } = parsed.value
  if (!isTexts(texts) || !isOtherNames(numbers)) return undefined
  if (!isOthers(fields, COLUMNS) || !isOthers(features, FEATURE_COLUMNS)) return undefined
  return { texts, numbers, fields, features }
}

/** No text twice, so that an index names it. */
function isTexts(value: unknown): value is (string | null)[] {
  return (
    Array.isArray(value) &&
    new Set(value).size === value.length &&
    value.every((text) => text === null || typeof text === 'string')
  )
}

/** No two columns of one name, and none of a name that must not be set. */
function isOtherNames(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    new Set(value).size === value.length &&
    value.every((name) => typeof name === 'string' && name !== '__proto__' && !COLUMNS.has(name))
  )
}

/** What has no column must not stand in for what has one. */
function isOthers(
  value: unknown,
  columns: ReadonlySet<string>,
): value is Record<string, DiskRecord> {
  if (!isRecord(value)) return false
  return Object.values(value).every(
    (others) => isRecord(others) && Object.keys(others).every((name) => !columns.has(name)),
  )
}

function isSorted(values: Float64Array): boolean {
  for (let place = 1; place < values.length; place++)
    if (values[place]! < values[place - 1]!) return false
  return true
}

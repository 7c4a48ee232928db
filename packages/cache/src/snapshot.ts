/**
 * All samples in one file, for loading. It is derived from the samples' own files and only ever read
 * together with their names: a row without its file is not loaded, a file without its row is read.
 * So it may be damaged, out of date or gone, and two processes may write it at once.
 *
 *     word 0  magic, in the byte order of the machine
 *     word 1  CRC-32 of everything after it
 *     word 2  rows
 *     word 3  bytes of the text at the end
 *     word 4  columns of numbers: the known ones, then one for each other field that is a number
 *     word 5  0
 *     then    a column of float64 for each number, NaN where a row has none
 *     then    a column of uint32 for each text, its index in `texts`
 *     then    a column of uint32, the rows in the order of their age
 *     then    UTF-8 JSON: the file names in order, the texts, the names of the other columns of
 *             numbers, and what has no column
 */
import { crc32 } from 'node:zlib'

import { decodeKnownSample, decodeSample, isFreeName } from './codec.ts'
import { isRecord } from './disk-format.ts'
import type { DiskRecord, DiskSample } from './disk-format.ts'
import type { TrainingSample } from './records.ts'
import { MAX_DEPTH, parseRecordText } from './record-text.ts'
import { validateTrainingSample } from './schema/validators.generated.ts'
import {
  COLUMNS,
  FEATURE_COLUMNS,
  NUMBER_COLUMNS,
  numbersOf,
  reader,
  TEXT_COLUMNS,
  textsOf,
  WHOLE_COLUMNS,
} from './snapshot-columns.ts'
import { findWitnesses } from './witnesses.ts'
import type { Columns } from './witnesses.ts'

/** 'AMZ' and the version of this layout. Of another byte order, it reads as another number. */
const MAGIC = 0x41_4d_5a_02
const WORD_BYTES = 4
const HEADER_BYTES = 24
const HEADER_WORDS = HEADER_BYTES / WORD_BYTES
const NUMBER_BYTES = 8

/** Snapshots beyond this are not read; 100,000 samples take 17 MB. */
export const MAX_SNAPSHOT_BYTES = 1_073_741_824

/** Columns of other numbers: each takes 8 bytes a row, whether the row has the number or not. */
const MOST_OTHER_NUMBERS = 32

/** What no file name contains. */
const NAME_SEPARATOR = '/'

/** The text keeps what has no column this much deeper than a record does. */
const TEXT_LEVELS = 2

/** A sample's record and the name of its file. */
export interface SnapshotRow {
  readonly name: string
  readonly record: DiskSample
}

/** The rows of a snapshot, each made when asked for. */
export interface Snapshot {
  /** Names of the samples' files, in the order of their code units. */
  readonly names: readonly string[]
  /** The rows, the oldest sample first. */
  readonly byAge: Uint32Array
  /** The record of a row, checked. */
  readonly recordAt: (row: number) => DiskSample
  /** The sample of a row. */
  readonly sampleAt: (row: number) => TrainingSample
}

/** A snapshot without rows. */
export const EMPTY_SNAPSHOT: Snapshot = {
  names: [],
  byAge: new Uint32Array(),
  recordAt: refuseRow,
  sampleAt: refuseRow,
}

interface SnapshotText {
  readonly names: readonly string[]
  readonly texts: readonly (string | null)[]
  /** Names of the columns of numbers beyond the known ones. */
  readonly numbers: readonly string[]
  /** Fields without a column, by row. */
  readonly fields: Readonly<Record<string, DiskRecord>>
  /** Features without a column, by row. */
  readonly features: Readonly<Record<string, DiskRecord>>
}

/**
 * The bytes of a snapshot.
 *
 * @param rows - Checked records in the order of their names.
 */
export function encodeSnapshot(rows: readonly SnapshotRow[]): Buffer {
  const others = otherNumbersOf(rows.map(({ record }) => record))
  const columnCount = NUMBER_COLUMNS + others.length
  const numbers = new Float64Array(columnCount * rows.length)
  const columns = new Set([...COLUMNS, ...others])
  const indices = new Uint32Array(TEXT_COLUMNS * rows.length)
  const texts = new Map<string | null, number>()
  const fields: Record<string, DiskRecord> = {}
  const features: Record<string, DiskRecord> = {}
  for (const [row, { record }] of rows.entries()) {
    for (const [column, value] of numbersOf(record).entries())
      numbers[column * rows.length + row] = value ?? Number.NaN
    for (const [place, name] of others.entries())
      numbers[(NUMBER_COLUMNS + place) * rows.length + row] = numberIn(record, name)
    for (const [column, text] of textsOf(record).entries())
      indices[column * rows.length + row] = indexIn(texts, text ?? null)
    keepOthers(fields, row, record, columns)
    keepOthers(features, row, record.features, FEATURE_COLUMNS)
  }
  const byAge = Uint32Array.from(rows.keys()).toSorted(
    (a, b) => rows[a]!.record.timestamp - rows[b]!.record.timestamp || a - b,
  )
  const names = rows.map(({ name }) => name).join(NAME_SEPARATOR)
  const text = JSON.stringify({
    names,
    texts: [...texts.keys()],
    numbers: others,
    fields,
    features,
  })
  return seal(rows.length, columnCount, [numbers, indices, byAge, Buffer.from(text)])
}

/** The rows that `bytes` hold, or `undefined` where they are not a whole snapshot of this layout. */
export function decodeSnapshot(bytes: Buffer): Snapshot | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  // Columns ask for an aligned start, which a buffer of Node need not have.
  const { buffer } = new Uint8Array(bytes)
  const header = new Uint32Array(buffer, 0, HEADER_WORDS)
  const [magic, checksum, rows = 0, textBytes = 0, columnCount = 0] = header
  const indicesStart = HEADER_BYTES + rows * columnCount * NUMBER_BYTES
  const byAgeStart = indicesStart + rows * TEXT_COLUMNS * WORD_BYTES
  const textStart = byAgeStart + rows * WORD_BYTES
  if (magic !== MAGIC || bytes.length !== textStart + textBytes) return undefined
  if (crc32(bytes.subarray(2 * WORD_BYTES)) !== checksum) return undefined

  const byAge = new Uint32Array(buffer, byAgeStart, rows)
  const text = parseText(bytes.toString('utf8', textStart), rows)
  if (text === undefined || !isPermutation(byAge)) return undefined
  if (columnCount !== NUMBER_COLUMNS + text.numbers.length) return undefined
  const numbers = new Float64Array(buffer, HEADER_BYTES, rows * columnCount)
  const indices = new Uint32Array(buffer, indicesStart, rows * TEXT_COLUMNS)
  return checked({ rows, numbers, whole: WHOLE_COLUMNS, indices }, text, byAge)
}

/** The snapshot, if the schema lets its rows through. */
function checked(columns: Columns, text: SnapshotText, byAge: Uint32Array): Snapshot | undefined {
  const { names, fields, features } = text
  const knownAt = reader(columns, text.texts)
  for (const row of findWitnesses(columns))
    if (!validateTrainingSample(knownAt(row))) return undefined
  const others = text.numbers.map((name, place) => {
    const start = (NUMBER_COLUMNS + place) * columns.rows
    return { name, column: columns.numbers.subarray(start, start + columns.rows) }
  })
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
  return { names, byAge, recordAt, sampleAt }
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

/** Fields of no known name that are a number in some record, in the order of their coming. */
function otherNumbersOf(records: readonly DiskSample[]): string[] {
  const names = new Set<string>()
  for (const record of records)
    for (const [name, value] of Object.entries(record))
      if (typeof value === 'number' && !COLUMNS.has(name)) names.add(name)
  return [...names].slice(0, MOST_OTHER_NUMBERS)
}

function numberIn(record: DiskSample, name: string): number {
  const value: unknown = Reflect.get(record, name)
  return typeof value === 'number' ? value : Number.NaN
}

function refuseRow(): never {
  throw new RangeError('An empty snapshot has no rows.')
}

function seal(rows: number, columns: number, parts: readonly ArrayBufferView[]): Buffer {
  const text = parts.at(-1)
  const header = new Uint32Array([MAGIC, 0, rows, text?.byteLength ?? 0, columns, 0])
  const bytes = Buffer.concat([header, ...parts].map(bytesOf))
  const checksum = crc32(bytes.subarray(2 * WORD_BYTES))
  bytes.set(bytesOf(new Uint32Array([checksum])), WORD_BYTES)
  return bytes
}

function parseText(text: string, rows: number): SnapshotText | undefined {
  const parsed = parseRecordText(text, MAX_DEPTH + TEXT_LEVELS)
  if (!parsed.ok) return undefined
  const { names, texts, numbers, fields, features } = parsed.value
  if (typeof names !== 'string' || !isTexts(texts) || !isOtherNames(numbers)) return undefined
  if (!isOthers(fields, COLUMNS) || !isOthers(features, FEATURE_COLUMNS)) return undefined
  const list = rows === 0 ? [] : names.split(NAME_SEPARATOR)
  return list.length === rows ? { names: list, texts, numbers, fields, features } : undefined
}

function isTexts(value: unknown): value is (string | null)[] {
  return Array.isArray(value) && value.every((text) => text === null || typeof text === 'string')
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

function isPermutation(values: Uint32Array): boolean {
  const seen = new Uint8Array(values.length)
  for (const value of values) {
    if (value >= seen.length || seen[value] === 1) return false
    seen[value] = 1
  }
  return true
}

function indexIn(texts: Map<string | null, number>, text: string | null): number {
  const known = texts.get(text)
  if (known !== undefined) return known
  texts.set(text, texts.size)
  return texts.size - 1
}

function keepOthers(
  kept: Record<string, DiskRecord>,
  row: number,
  record: object,
  columns: ReadonlySet<string>,
): void {
  const others = Object.entries(record).filter(
    ([name, value]) =>
      !columns.has(name) ||
      (typeof value !== 'number' && !COLUMNS.has(name) && columns !== FEATURE_COLUMNS),
  )
  if (others.length > 0) kept[row] = Object.fromEntries(others)
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/**
 * All samples in one file, for loading. It is derived from the samples' own files and only ever read
 * together with their names: a row without its file is not loaded, a file without its row is read.
 * So it may be damaged, out of date or gone, and two processes may write it at once.
 *
 *     word 0  magic, in the byte order of the machine
 *     word 1  CRC-32 of everything after it
 *     word 2  rows
 *     word 3  bytes of the text at the end
 *     then    a column of float64 for each number, NaN where a row has none
 *     then    a column of uint32 for each text, its index in `texts`
 *     then    a column of uint32, the rows in the order of their age
 *     then    UTF-8 JSON: the file names in order, the texts, and what has no column
 */
import { crc32 } from 'node:zlib'

import { decodeKnownSample, decodeSample } from './codec.ts'
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
const MAGIC = 0x41_4d_5a_01
const WORD_BYTES = 4
const HEADER_BYTES = 16
const NUMBER_BYTES = 8

/** Snapshots beyond this are not read; 100,000 samples take 17 MB. */
export const MAX_SNAPSHOT_BYTES = 1_073_741_824

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
  const numbers = new Float64Array(NUMBER_COLUMNS * rows.length)
  const indices = new Uint32Array(TEXT_COLUMNS * rows.length)
  const texts = new Map<string | null, number>()
  const fields: Record<string, DiskRecord> = {}
  const features: Record<string, DiskRecord> = {}
  for (const [row, { record }] of rows.entries()) {
    for (const [column, value] of numbersOf(record).entries())
      numbers[column * rows.length + row] = value ?? Number.NaN
    for (const [column, text] of textsOf(record).entries())
      indices[column * rows.length + row] = indexIn(texts, text ?? null)
    keepOthers(fields, row, record, COLUMNS)
    keepOthers(features, row, record.features, FEATURE_COLUMNS)
  }
  const byAge = Uint32Array.from(rows.keys()).toSorted(
    (a, b) => rows[a]!.record.timestamp - rows[b]!.record.timestamp || a - b,
  )
  const names = rows.map(({ name }) => name).join(NAME_SEPARATOR)
  const text = JSON.stringify({ names, texts: [...texts.keys()], fields, features })
  return seal(rows.length, [numbers, indices, byAge, Buffer.from(text)])
}

/** The rows that `bytes` hold, or `undefined` where they are not a whole snapshot of this layout. */
export function decodeSnapshot(bytes: Buffer): Snapshot | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  // Columns ask for an aligned start, which a buffer of Node need not have.
  const { buffer } = new Uint8Array(bytes)
  const [magic, checksum, rows = 0, textBytes = 0] = new Uint32Array(buffer, 0, 4)
  const indicesStart = HEADER_BYTES + rows * NUMBER_COLUMNS * NUMBER_BYTES
  const byAgeStart = indicesStart + rows * TEXT_COLUMNS * WORD_BYTES
  const textStart = byAgeStart + rows * WORD_BYTES
  if (magic !== MAGIC || bytes.length !== textStart + textBytes) return undefined
  if (crc32(bytes.subarray(2 * WORD_BYTES)) !== checksum) return undefined

  const byAge = new Uint32Array(buffer, byAgeStart, rows)
  const text = parseText(bytes.toString('utf8', textStart), rows)
  if (text === undefined || !isPermutation(byAge)) return undefined
  const numbers = new Float64Array(buffer, HEADER_BYTES, rows * NUMBER_COLUMNS)
  const indices = new Uint32Array(buffer, indicesStart, rows * TEXT_COLUMNS)
  return checked({ rows, numbers, whole: WHOLE_COLUMNS, indices }, text, byAge)
}

/** The snapshot, if the schema lets its rows through. */
function checked(columns: Columns, text: SnapshotText, byAge: Uint32Array): Snapshot | undefined {
  const { names, fields, features } = text
  const knownAt = reader(columns, text.texts)
  for (const row of findWitnesses(columns))
    if (!validateTrainingSample(knownAt(row))) return undefined
  const recordAt = (row: number): DiskSample => {
    const known = knownAt(row)
    return { ...known, ...fields[row], features: { ...known.features, ...features[row] } }
  }
  const isPlain = Object.keys(fields).length + Object.keys(features).length === 0
  const sampleAt = isPlain
    ? (row: number): TrainingSample => decodeKnownSample(knownAt(row))
    : (row: number): TrainingSample => decodeSample(recordAt(row))
  return { names, byAge, recordAt, sampleAt }
}

function refuseRow(): never {
  throw new RangeError('An empty snapshot has no rows.')
}

function seal(rows: number, parts: readonly ArrayBufferView[]): Buffer {
  const text = parts.at(-1)
  const header = new Uint32Array([MAGIC, 0, rows, text?.byteLength ?? 0])
  const bytes = Buffer.concat([header, ...parts].map(bytesOf))
  const checksum = crc32(bytes.subarray(2 * WORD_BYTES))
  bytes.set(bytesOf(new Uint32Array([checksum])), WORD_BYTES)
  return bytes
}

function parseText(text: string, rows: number): SnapshotText | undefined {
  const parsed = parseRecordText(text, MAX_DEPTH + TEXT_LEVELS)
  if (!parsed.ok) return undefined
  const { names, texts, fields, features } = parsed.value
  if (typeof names !== 'string' || !isTexts(texts)) return undefined
  if (!isOthers(fields, COLUMNS) || !isOthers(features, FEATURE_COLUMNS)) return undefined
  const list = rows === 0 ? [] : names.split(NAME_SEPARATOR)
  return list.length === rows ? { names: list, texts, fields, features } : undefined
}

function isTexts(value: unknown): value is (string | null)[] {
  return Array.isArray(value) && value.every((text) => text === null || typeof text === 'string')
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
  const others = Object.entries(record).filter(([name]) => !columns.has(name))
  if (others.length > 0) kept[row] = Object.fromEntries(others)
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

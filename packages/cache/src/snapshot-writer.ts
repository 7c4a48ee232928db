/** The bytes of a snapshot, from records. */
import { crc32 } from 'node:zlib'

import { fromInstant } from './codec.ts'
import type { DiskRecord, DiskSample } from './disk-format.ts'
import {
  COLUMNS,
  FEATURE_COLUMNS,
  NUMBER_COLUMNS,
  numbersOf,
  TEXT_COLUMNS,
  textsOf,
} from './snapshot-columns.ts'
import { MAGIC, NAME_SEPARATOR, WORD_BYTES } from './snapshot-layout.ts'

/** Columns of other numbers: each takes 8 bytes a row, whether the row has the number or not. */
const MOST_OTHER_NUMBERS = 32

/** A sample's record and the name of its file. */
export interface SnapshotRow {
  readonly name: string
  readonly record: DiskSample
}

/**
 * The bytes of a snapshot.
 *
 * @param unordered - Checked records.
 */
export function encodeSnapshot(unordered: readonly SnapshotRow[]): Buffer {
  const rows = unordered.toSorted(byAge)
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
  const names = Buffer.from(rows.map(({ name }) => name).join(NAME_SEPARATOR))
  const text = JSON.stringify({ texts: [...texts.keys()], numbers: others, fields, features })
  return seal(rows.length, columnCount, [numbers, indices, names, Buffer.from(text)])
}

function byAge(a: SnapshotRow, b: SnapshotRow): number {
  const later = fromInstant(a.record.timestamp) - fromInstant(b.record.timestamp)
  return later || (a.name < b.name ? -1 : 1)
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

function seal(
  rows: number,
  columns: number,
  parts: readonly [ArrayBufferView, ArrayBufferView, Buffer, Buffer],
): Buffer {
  const [, , names, text] = parts
  const header = new Uint32Array([MAGIC, 0, rows, columns, names.length, text.length])
  const bytes = Buffer.concat([header, ...parts].map(bytesOf))
  const checksum = crc32(bytes.subarray(2 * WORD_BYTES))
  bytes.set(bytesOf(new Uint32Array([checksum])), WORD_BYTES)
  return bytes
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

import { crc32 } from 'node:zlib'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { encodeSample } from '../src/codec.ts'
import { isRecord } from '../src/disk-format.ts'
import { readSample } from '../src/record-reader.ts'
import { decodeSnapshot } from '../src/snapshot.ts'
import { encodeSnapshot } from '../src/snapshot-writer.ts'
import type { SnapshotRow } from '../src/snapshot-writer.ts'
import { arbitrarySample } from './arbitrary-records.ts'
import { sampleOf } from './example-records.ts'

/** In the order of a snapshot: the oldest first. */
const arbitraryRows = fc
  .array(arbitrarySample(), { maxLength: 12 })
  .map((samples) =>
    samples
      .toSorted((a, b) => a.timestampMs - b.timestampMs)
      .map((sample, index) => rowOf(`ml_training_${index + 10}.json`, sample)),
  )

test('any samples come back as reading their files would give them', () => {
  fc.assert(
    fc.property(arbitraryRows, (rows) => {
      const snapshot = decodeSnapshot(encodeSnapshot(rows))

      expect(snapshot?.names).toEqual(rows.map(({ name }) => name))
      for (const [row, { record }] of rows.entries()) {
        expect({ ok: true, value: { record, sample: snapshot?.sampleAt(row) } }).toEqual(
          readSample(record),
        )
        expect(readSample(snapshot?.recordAt(row)).ok).toBe(true)
      }
    }),
  )
})

test('a snapshot of a snapshot is the same to the byte, so times do not drift', () => {
  fc.assert(
    fc.property(arbitraryRows, (rows) => {
      const bytes = encodeSnapshot(rows)
      const snapshot = decodeSnapshot(bytes)
      const again = rows.map(({ name }, row) => ({ name, record: snapshot!.recordAt(row) }))

      expect(encodeSnapshot(again.toReversed()).equals(bytes)).toBe(true)
    }),
  )
})

test('rows are in the order of their age, equal times in that of their names', () => {
  const times = [30, 10, 20, 10]
  const rows = times.map((time, index) => rowOf(`${index}`, sampleOf({ timestampMs: time })))

  const snapshot = decodeSnapshot(encodeSnapshot(rows))!

  expect(snapshot.names).toEqual(['1', '3', '2', '0'])
  expect([...snapshot.timestampsMs]).toEqual([10, 10, 20, 30])
})

test('a snapshot that begins anywhere in memory is read', () => {
  const sample = sampleOf()
  const bytes = encodeSnapshot([rowOf('a', sample)])
  const shifted = Buffer.concat([Buffer.of(0), bytes]).subarray(1)

  expect(decodeSnapshot(shifted)?.sampleAt(0)).toEqual(sample)
})

test('a snapshot with any byte changed, or cut anywhere, is refused', () => {
  const bytes = encodeSnapshot([rowOf('a', sampleOf({ note: 'x' })), rowOf('b', sampleOf())])

  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 0x11, at)
    expect(decodeSnapshot(changed), `byte ${at}`).toBeUndefined()
    expect(decodeSnapshot(bytes.subarray(0, at)), `${at} bytes`).toBeUndefined()
  }
  expect(decodeSnapshot(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined()
})

test.each([
  ['a billion workers', { n_jobs: 1_000_000_000 }],
  ['no workers', { n_jobs: 0 }],
  ['half a worker', { n_jobs: 1.5 }],
  ['an empty chunk', { chunksize: 0 }],
  ['half an item', { chunksize: 2.5 }],
  ['a speedup of 0', { speedup: 0 }],
  ['an infinite speedup', { speedup: Infinity }],
  ['no speedup', { speedup: Number.NaN }],
  ['a time after the last date', { timestamp: 8.64e12 + 1 }],
  ['a signature that is a path', { function_signature: '../../../../../x' }],
  ['a machine of a thousand letters', { machine: 'x'.repeat(1000) }],
  ['an executor of a thousand letters', { executor: 'x'.repeat(1000) }],
  ['a feature out of range', { features: { data_size: -1 } }],
  ['no item time', { features: { estimated_item_time: Number.NaN } }],
  ['a CV out of range', { features: { coefficient_of_variation: -0.5 } }],
  ['a start method of a thousand letters', { features: { start_method: 'x'.repeat(1000) } }],
])('a whole snapshot with a row of %s, wherever it is, is refused', (_what, changes) => {
  const good = Array.from({ length: 9 }, (_, index) =>
    rowOf(`${index}`, sampleOf({ speedup: 0.25 + index, nJobs: 1 + index })),
  )
  for (let place = 0; place < good.length; place++) {
    const rows = good.map((row, index) => (index === place ? withChanges(row, changes) : row))

    expect(decodeSnapshot(encodeSnapshot(rows)), `row ${place}`).toBeUndefined()
  }
})

test('a field without a column cannot stand in for one that has one', () => {
  const row = rowOf('a', sampleOf({ xjobs: 1_000_000_000 }))
  const bytes = encodeSnapshot([row])
  const evil = Buffer.from(bytes.toString('latin1').replace('xjobs', 'n_jobs'), 'latin1')

  expect(decodeSnapshot(reseal(evil, 1))).toBeUndefined()
  expect(decodeSnapshot(reseal(Buffer.from(bytes), 0))).toBeDefined()
})

test('numbers of unknown names come back, where there are some and where there are none', () => {
  const samples = [
    sampleOf({ cloneMs: 0.25, own: 'a text' }),
    sampleOf(),
    sampleOf({ cloneMs: 'no number', contention: -0.1, nested: { cloneMs: 1 } }),
  ]
  const rows = samples.map((sample, index) => rowOf(`s${index}`, sample))

  const snapshot = decodeSnapshot(encodeSnapshot(rows))

  expect(rows.map((_, row) => snapshot?.sampleAt(row))).toEqual(samples)
  expect(rows.map((_, row) => snapshot?.recordAt(row))).toMatchObject(
    rows.map(({ record }) => record),
  )
})

test('rows that are not in the order of their age are refused', () => {
  const rows = [10, 20].map((time, index) => rowOf(`${index}`, sampleOf({ timestampMs: time })))
  const bytes = encodeSnapshot(rows)
  const times = 24 + 2 * 10 * 8
  const twisted = Buffer.from(bytes)
  bytes.copy(twisted, times, times + 8, times + 16)
  bytes.copy(twisted, times + 8, times, times + 8)

  expect(decodeSnapshot(reseal(bytes, 0))).toBeDefined()
  expect(decodeSnapshot(reseal(twisted, 0))).toBeUndefined()
})

function rowOf(name: string, sample: ReturnType<typeof sampleOf>): SnapshotRow {
  const read = readSample(JSON.parse(JSON.stringify(encodeSample({ ...sample }))))
  if (!read.ok) throw new Error(read.reason)
  return { name, record: read.value.record }
}

function withChanges(row: SnapshotRow, changes: Record<string, unknown>): SnapshotRow {
  const { features, ...rest } = changes
  const record = {
    ...row.record,
    ...rest,
    features: { ...row.record.features, ...(isRecord(features) && features) },
  }
  return { name: row.name, record }
}

/** Gives changed bytes a header that fits them, as an enemy would. */
function reseal(bytes: Buffer, textGrowth: number): Buffer {
  const header = new Uint32Array(Uint8Array.from(bytes.subarray(0, 24)).buffer)
  header.set([bytes.readUInt32LE(20) + textGrowth], 5)
  const resealed = Buffer.concat([Buffer.from(header.buffer), bytes.subarray(24)])
  header[1] = crc32(resealed.subarray(8))
  return Buffer.concat([Buffer.from(header.buffer), bytes.subarray(24)])
}

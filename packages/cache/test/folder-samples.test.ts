/** A list of samples tells by its columns what its samples tell. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { encodeSample } from '../src/codec.ts'
import { FolderSamples } from '../src/folder-samples.ts'
import type { NamedSample } from '../src/folder-samples.ts'
import { readSample } from '../src/record-reader.ts'
import type { TrainingSample } from '../src/index.ts'
import { decodeSnapshot } from '../src/snapshot.ts'
import { encodeSnapshot } from '../src/snapshot-writer.ts'
import type { SnapshotRow } from '../src/snapshot-writer.ts'
import { arbitrarySample } from './arbitrary-records.ts'
import { sampleOf } from './example-records.ts'

const FEATURES = [
  'dataSize',
  'itemTimeMs',
  'physicalCores',
  'availableMemoryBytes',
  'serializedBytes',
  'coefficientOfVariation',
  'functionComplexity',
] as const
const NUMBERS = ['nJobs', 'chunkSize', 'speedup', 'timestampMs', 'cloneMs', 'contention', 'n_jobs']
const TEXTS = ['functionSignature', 'machine', 'executor'] as const

const arbitraryValue = fc.constantFrom(undefined, 0, 0.25, -1, 'a text', { cloneMs: 1 })
const arbitraryItem = fc.record({
  sample: arbitrarySample(),
  more: fc.record({ cloneMs: arbitraryValue, contention: arbitraryValue }),
  timestampMs: fc.option(fc.constantFrom(10, 20, 30), { nil: undefined }),
  place: fc.constantFrom('snapshot', 'removed', 'file'),
})

test('by column and place it is the same, from a snapshot, from files and from both', () => {
  fc.assert(
    fc.property(fc.array(arbitraryItem, { maxLength: 12 }), (items) => {
      const all = items.map(({ sample, more, timestampMs, place }, index) => {
        const time = timestampMs ?? sample.timestampMs
        return { place, ...rowOf(`${index + 10}`, { ...more, ...sample, timestampMs: time }) }
      })

      const list = listOf(
        all.filter(({ place }) => place !== 'file'),
        all.filter(({ place }) => place !== 'removed'),
      )

      const wanted = all
        .filter(({ place }) => place !== 'removed')
        .toSorted(
          (a, b) => a.sample.timestampMs - b.sample.timestampMs || (a.name < b.name ? -1 : 1),
        )
      expect(list.names()).toEqual(wanted.map(({ name }) => name))
      expectColumns(
        list,
        wanted.map(({ sample }) => sample),
      )
    }),
  )
})

test('a number that many others left without a column is told', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, nth) => [`number${nth}`, nth]))
  const rows = [rowOf('a', sampleOf({ ...many, cloneMs: 2 })), rowOf('b', sampleOf())]

  const list = listOf(rows, rows)

  expect([...list.number('cloneMs')]).toEqual([2, Number.NaN])
  expect(list.at(0)).toMatchObject({ cloneMs: 2 })
})

test('what is older than a place, or beyond the end, is not there', () => {
  const rows = [30, 10, 20].map((timestampMs, index) =>
    rowOf(`${index}`, sampleOf({ timestampMs })),
  )
  const list = listOf(rows.slice(1), rows)

  expectColumns(list.from(1), [sampleOf({ timestampMs: 20 }), sampleOf({ timestampMs: 30 })])
  expect(list.at(3)).toBeUndefined()
  expect(list.from(3)).toHaveLength(0)
})

function expectColumns(list: FolderSamples, samples: readonly TrainingSample[]): void {
  expect([...list]).toEqual(samples)
  for (const name of FEATURES)
    expect([...list.feature(name)]).toEqual(samples.map(({ features }) => numberOf(features[name])))
  for (const name of NUMBERS)
    expect([...list.number(name)]).toEqual(samples.map((sample) => numberOf(sample[name])))
  for (const name of TEXTS)
    expect(textsOf(list, name)).toEqual(samples.map((sample) => sample[name] ?? null))
  expect(textsOf(list, 'startMethod')).toEqual(samples.map(({ features }) => features.startMethod))
}

function textsOf(list: FolderSamples, name: Parameters<FolderSamples['text']>[0]): unknown[] {
  const { indices, texts } = list.text(name)
  return Array.from(indices, (index) => texts[index])
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}

/** A snapshot of some rows, of which those count that are also in the folder; the rest is files. */
function listOf(
  inSnapshot: readonly SnapshotRow[],
  inFolder: readonly (SnapshotRow & NamedSample)[],
): FolderSamples {
  const snapshot = decodeSnapshot(encodeSnapshot(inSnapshot))!
  const names = new Set(inFolder.map(({ name }) => name))
  const rows = snapshot.names.flatMap((name, row) => (names.has(name) ? [row] : []))
  const known = new Set(snapshot.names)
  return new FolderSamples(
    snapshot,
    Uint32Array.from(rows),
    inFolder.filter(({ name }) => !known.has(name)),
  )
}

function rowOf(name: string, sample: TrainingSample): SnapshotRow & NamedSample {
  const read = readSample(JSON.parse(JSON.stringify(encodeSample({ ...sample }))))
  if (!read.ok) throw new Error(read.reason)
  return { name, record: read.value.record, sample: read.value.sample }
}

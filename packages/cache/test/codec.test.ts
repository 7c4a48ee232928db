import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { decodeSample, encodeSample } from '../src/codec.ts'
import { readDecision, readSample, writeDecision, writeSample } from '../src/record-reader.ts'
import { parseRecordText } from '../src/record-text.ts'
import { decisionOf, EXAMPLE_ON_DISK, FEATURES, sampleOf } from './example-records.ts'
import { arbitraryDecision, arbitrarySample } from './arbitrary-records.ts'

test('the sample of the format decodes to the names and units of the API', () => {
  expect(readSample(EXAMPLE_ON_DISK)).toMatchObject({
    ok: true,
    value: { sample: sampleOf({ timestampMs: 1_768_113_829_854 }) },
  })
})

test.each(['fork', 'spawn', 'forkserver', 'child_process', 'a word of its own'])(
  'a sample whose workers start by %s loads',
  (method) => {
    const features = { ...EXAMPLE_ON_DISK.features, start_method: method }

    expect(readSample({ ...EXAMPLE_ON_DISK, features })).toMatchObject({
      ok: true,
      value: { sample: { features: { startMethod: method } } },
    })
  },
)

test.each([
  ['null', { pickle_size: null, coefficient_of_variation: null, function_complexity: null }],
  [
    'missing',
    {
      pickle_size: undefined,
      coefficient_of_variation: undefined,
      function_complexity: undefined,
    },
  ],
])('a sample whose optional features are %s loads without them', (_what, changes) => {
  const record: unknown = JSON.parse(
    JSON.stringify({
      ...EXAMPLE_ON_DISK,
      features: { ...EXAMPLE_ON_DISK.features, ...changes },
    }),
  )

  const read = readSample(record)

  const { dataSize, itemTimeMs, physicalCores, availableMemoryBytes, startMethod } = FEATURES
  expect(read.ok && read.value.sample.features).toStrictEqual({
    dataSize,
    itemTimeMs,
    physicalCores,
    availableMemoryBytes,
    startMethod,
  })
})

test.each([0, 1, 99, 'two', null])(
  'a sample that says version %j loads and keeps it',
  (version) => {
    const read = readSample({ ...EXAMPLE_ON_DISK, cache_version: version, version })

    expect(read).toMatchObject({ value: { sample: { cache_version: version, version } } })
  },
)

test('a field on disk that is spelled as in the API does not replace the checked one', () => {
  const read = readSample({ ...EXAMPLE_ON_DISK, nJobs: 1_000_000_000 })

  expect(read).toMatchObject({ value: { sample: { nJobs: 4 } } })
})

test('a field that is missing is named', () => {
  const { n_jobs: _, ...record } = EXAMPLE_ON_DISK

  expect(readSample(record)).toEqual({
    ok: false,
    reason: "the record must have required property 'n_jobs'",
  })
})

test('any sample comes back from its text as it was, times to the last digit but one', () => {
  fc.assert(
    fc.property(arbitrarySample(), (sample) => {
      const parsed = parseRecordText(writeSample(sample).text)
      const read = parsed.ok ? readSample(parsed.value) : parsed

      if (!read.ok) throw new Error(read.reason)
      const { features, ...rest } = read.value.sample
      const { features: givenFeatures, ...givenRest } = sample
      expect(rest).toEqual(givenRest)
      expect({ ...features, itemTimeMs: 0 }).toEqual({ ...givenFeatures, itemTimeMs: 0 })
      expect(Math.abs(features.itemTimeMs - givenFeatures.itemTimeMs)).toBeLessThanOrEqual(
        givenFeatures.itemTimeMs * Number.EPSILON,
      )
    }),
  )
})

test('any decision comes back from its text as what was kept', () => {
  fc.assert(
    fc.property(arbitraryDecision(), fc.string({ minLength: 1 }), (entry, key) => {
      const { value, text } = writeDecision(key, entry)
      const parsed = parseRecordText(text)
      const read = parsed.ok ? readDecision(parsed.value) : parsed

      expect(read).toEqual({ ok: true, value: { key, entry: value } })
    }),
  )
})

test('encoding what was decoded gives the record back', () => {
  const decoded = decodeSample(EXAMPLE_ON_DISK)

  expect(JSON.parse(JSON.stringify(encodeSample({ ...decoded })))).toEqual(EXAMPLE_ON_DISK)
})

test('a decision of version 1, as other implementations write it, is brought forward', () => {
  const old = {
    n_jobs: 4,
    chunksize: 250,
    executor_type: 'process',
    estimated_speedup: 3.5,
    reason: 'why',
    warnings: [],
    timestamp: 1_768_113_829.854,
    system_info: {
      physical_cores: 4,
      available_memory: 8_589_934_592,
      start_method: 'fork',
      platform: 'Linux',
    },
    data_size: 10_000,
    estimated_item_time: 0.001,
    pickle_size: 512,
    coefficient_of_variation: null,
  }

  for (const version of [{}, { cache_version: 1 }])
    expect(readDecision({ ...old, ...version })).toEqual({
      ok: true,
      value: {
        key: undefined,
        entry: {
          nJobs: 4,
          chunkSize: 250,
          executor: 'child_process',
          estimatedSpeedup: 3.5,
          reason: 'why',
          warnings: [],
          createdAtMs: 1_768_113_829_854,
          machine: '',
          features: {
            dataSize: 10_000,
            itemTimeMs: 1,
            physicalCores: 4,
            availableMemoryBytes: 8_589_934_592,
            startMethod: 'fork',
            serializedBytes: 512,
          },
        },
      },
    })
})

test('a decision of version 1 that lacks a feature is not used', () => {
  const read = readDecision({ cache_version: 1, n_jobs: 1, executor_type: 'thread' })

  expect(read.ok).toBe(false)
})

test.each([0, -1, 1.5, Number.MAX_SAFE_INTEGER * -1])(
  'a decision of version %d, which never was, is not used',
  (version) => {
    const current = JSON.parse(writeDecision('key', decisionOf()).text)

    expect(readDecision({ ...current, cache_version: version }).ok).toBe(false)
  },
)

test('a decision from the future is told apart from a damaged one', () => {
  expect(readDecision({ cache_version: 3, shape: 'unknown' })).toEqual({ ok: 'future', version: 3 })
})

test('the generated validators are those of the schemas', () => {
  const generator = fileURLToPath(new URL('../scripts/generate-validators.mjs', import.meta.url))
  const file = new URL('../src/schema/validators.generated.ts', import.meta.url)

  const generated = execFileSync(process.execPath, [generator, '--print'], { encoding: 'utf8' })

  expect(readFileSync(file, 'utf8')).toBe(generated)
})

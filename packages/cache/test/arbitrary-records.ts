/** Any record that the schema lets through. */
import type { StartMethod, WorkloadFeatures } from '@amorsize/features'
import * as fc from 'fast-check'

import type { DecisionEntry, TrainingSample } from '../src/index.ts'

const FORMAT_NAMES =
  /^(?:features|nJobs|n_jobs|chunkSize|chunksize|speedup|timestampMs|timestamp|functionSignature|function_signature|machine|executor|key|cache_version|estimated\w*|reason|warnings|createdAtMs|dataSize|data_size|itemTimeMs|physical\w*|available\w*|start\w*|serialized\w*|pickle_size|coefficient\w*|function\w*|__proto__)$/

function between(min: number, max: number): fc.Arbitrary<number> {
  // Below 1e-300 a double has fewer digits.
  return fc.double({ min, max, noNaN: true }).map((value) => (value < 1e-300 ? 0 : value))
}

/** Milliseconds since 1970, whole, until 2100. */
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 })

const unknownFields = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !FORMAT_NAMES.test(name)),
  fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 })),
  { maxKeys: 2, noNullPrototype: true },
)

const arbitraryFeatures: fc.Arbitrary<WorkloadFeatures> = fc.record(
  {
    dataSize: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    itemTimeMs: between(0, 1e9),
    physicalCores: fc.integer({ min: 0, max: 8192 }),
    availableMemoryBytes: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    startMethod: fc.constantFrom<StartMethod>('worker_threads', 'child_process', 'fork', 'spawn'),
    serializedBytes: between(0, 1e12),
    coefficientOfVariation: between(0, 1e6),
    functionComplexity: fc.integer({ min: 0, max: 1_000_000 }),
  },
  {
    requiredKeys: [
      'dataSize',
      'itemTimeMs',
      'physicalCores',
      'availableMemoryBytes',
      'startMethod',
    ],
    noNullPrototype: true,
  },
)

/** Any sample, with unknown fields now and then. */
export function arbitrarySample(): fc.Arbitrary<TrainingSample> {
  const known = fc.record(
    {
      features: arbitraryFeatures,
      nJobs: fc.integer({ min: 1, max: 8192 }),
      chunkSize: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      speedup: between(1e-6, 1e6),
      timestampMs: instant,
      functionSignature: fc.stringMatching(/^[0-9a-f]{16}$/),
      machine: fc.string({ maxLength: 20 }),
      executor: fc.constantFrom('serial', 'async', 'process'),
    },
    {
      requiredKeys: [
        'features',
        'nJobs',
        'chunkSize',
        'speedup',
        'timestampMs',
        'functionSignature',
      ],
      noNullPrototype: true,
    },
  )
  return fc.tuple(unknownFields, known).map(([unknown, sample]) => Object.assign(unknown, sample))
}

/** Any decision, with unknown fields now and then. */
export function arbitraryDecision(): fc.Arbitrary<DecisionEntry> {
  const known = fc.record(
    {
      nJobs: fc.integer({ min: 1, max: 8192 }),
      chunkSize: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      executor: fc.constantFrom(
        'serial' as const,
        'async' as const,
        'worker_threads' as const,
        'child_process' as const,
      ),
      estimatedSpeedup: between(0, 1e6),
      estimatedTimeMs: between(0, 1e12),
      reason: fc.string(),
      warnings: fc.array(fc.string(), { maxLength: 3 }),
      features: arbitraryFeatures,
      createdAtMs: instant,
      machine: fc.string({ maxLength: 20 }),
    },
    { noNullPrototype: true },
  )
  return fc.tuple(unknownFields, known).map(([unknown, entry]) => Object.assign(unknown, entry))
}

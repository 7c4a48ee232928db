/** A history that a store reads when it is asked for says what its samples say, learned one by one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openStore } from '@amorsize/cache'
import type { SampleList, TrainingSample } from '@amorsize/cache'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { PredictionModel } from '../src/learning/prediction-model.ts'
import type { Query } from '../src/learning/query.ts'
import { DEFAULT_SETTINGS, digestSettings } from '../src/learning/settings.ts'
import { LIMITS, MACHINE, queryOf, runOf, SIGNATURE, STRANGER } from './example-runs.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'amorsize-lazy-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))

const OTHERS = Array.from({ length: 8 }, (_, nth) => `${STRANGER.slice(0, -1)}${nth}`)
const DEFAULTS = digestSettings(DEFAULT_SETTINGS)
const { features: KNOWN } = queryOf()
const QUESTIONS: readonly Query[] = [
  queryOf(),
  queryOf({ itemSize: 50, features: { ...KNOWN, dataSize: 70 } }),
  queryOf({ signature: OTHERS[0]!, machine: 'another' }),
  queryOf({ contextDigest: 7, runtimeMajor: 20 }),
  queryOf({ signature: 'ffffffffffffffff', features: { ...KNOWN, itemTimeMs: 2 } }),
  queryOf({
    signature: 'ffffffffffffffff',
    mayWait: true,
    features: { ...KNOWN, itemTimeMs: 0.1 },
  }),
]

/** What a store lets through: some of it cannot be true, or is not what the name promises. */
const number = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 1e-4, max: 4, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 1e7, 1e8) },
)
const cost = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(undefined, 0, 1) },
  { weight: 1, arbitrary: fc.constantFrom(-3, 1e9, 'a text', true, {}) },
)
const arbitrarySample = fc
  .record({
    nth: fc.nat(60),
    changes: fc.record({
      functionSignature: fc.constantFrom(SIGNATURE, SIGNATURE, ...OTHERS),
      machine: fc.constantFrom(MACHINE, MACHINE, 'another', undefined),
      executor: fc.constantFrom('worker_threads', 'serial', 'async', 'teleport', undefined),
      speedup: fc.oneof(fc.double({ min: 0.1, max: 4, noNaN: true }), fc.constantFrom(1, 2, 900)),
      nJobs: fc.constantFrom(1, 2, 4, 8000),
      chunkSize: fc.constantFrom(1, 7, 1e13),
      waitShare: cost,
      contention: cost,
      besideMs: cost,
      cloneMs: cost,
      dispatchMs: cost,
      mainDispatchMs: cost,
      startUpMs: cost,
      isTainted: fc.constantFrom(undefined, undefined, 0, 1, true),
      mayWait: fc.constantFrom(undefined, 0, 0, 1),
      itemSize: cost,
      contextDigest: fc.constantFrom(undefined, undefined, 7, -1, 'a text'),
      runtimeMajor: fc.constantFrom(undefined, 20, 22, -5),
      settingsDigest: fc.constantFrom(DEFAULTS, DEFAULTS, DEFAULTS, DEFAULTS, 1, 0.5, undefined),
      ownConfidence: cost,
      ownGood: cost,
      strangerConfidence: cost,
      strangerGood: cost,
    }),
    itemTimeMs: number,
    dataSize: fc.constantFrom(10, 300, 2000, 2e12),
    serializedBytes: fc.constantFrom(undefined, 0, 512),
  })
  .map(({ nth, changes, itemTimeMs, dataSize, serializedBytes }): TrainingSample => {
    const features = { ...runOf(0).features, itemTimeMs, dataSize, serializedBytes }
    return Object.assign(runOf(nth, changes), { features })
  })

/** The list that the store gives, and its samples as an array. */
async function load(directory: string): Promise<{ list: SampleList; samples: TrainingSample[] }> {
  const store = await openStore({ directory })
  const { samples: list } = await store.loadNewSamples()
  await store.close()
  return { list, samples: [...list] }
}

async function keep(directory: string, samples: readonly TrainingSample[]): Promise<void> {
  const store = await openStore({ directory })
  await Promise.all(samples.map((sample) => store.addSample(sample)))
  await store.close()
}

/** Learns the same both ways, and runs after that, and compares what is said in between. */
function expectSameAnswers(
  list: SampleList,
  samples: readonly TrainingSample[],
  later: readonly TrainingSample[],
): void {
  const lazy = new PredictionModel()
  const eager = new PredictionModel()
  lazy.learnAll(list)
  eager.learnAll(samples)
  expect(list.columns).toBeDefined()

  expectSame(lazy, eager)
  for (const sample of [...later, ...samples.slice(-5)]) {
    expect(lazy.learn(sample)).toEqual(eager.learn(sample))
    expectSame(lazy, eager)
  }
}

function expectSame(lazy: PredictionModel, eager: PredictionModel): void {
  expect(lazy.size).toBe(eager.size)
  for (const question of QUESTIONS)
    expect(lazy.predict(question, LIMITS)).toEqual(eager.predict(question, LIMITS))
}

it('gives the same answers, whatever the samples and whatever comes after them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitrarySample, { maxLength: 40 }),
      fc.array(arbitrarySample, { maxLength: 4 }),
      async (history, later) => {
        const directory = mkdtempSync(join(root, 'store-'))
        await keep(directory, [...history, ...history.slice(0, 2)])
        const { list, samples } = await load(directory)

        expectSameAnswers(list, samples, later)
      },
    ),
    { numRuns: 40 },
  )
}, 120_000)

it('gives the same answers from a snapshot and files after it', async () => {
  const history = fc.sample(arbitrarySample, { numRuns: 400, seed: 7 })
  // Times of their own: what is given twice is in the test above.
  const all = history.map((sample, nth) => {
    const { timestampMs } = runOf(nth)
    return Object.assign(sample, { timestampMs })
  })
  await keep(root, all.slice(0, 350))
  await load(root)
  await keep(root, all.slice(350))
  const { list, samples } = await load(root)

  expect(samples).toHaveLength(400)
  expectSameAnswers(list, samples, fc.sample(arbitrarySample, { numRuns: 3, seed: 8 }))
})

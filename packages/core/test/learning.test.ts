/** Learning from runs: at once in this process, and soon in others. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createMemoryStore, openStore } from '@amorsize/cache'
import type { Store } from '@amorsize/cache'
import { describeFunction, detectSystem } from '@amorsize/features/system'
import { moduleTask, TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'

import { execute } from '../src/execute.ts'
import { LiveModel } from '../src/learning/live-model.ts'
import { DEFAULT_SETTINGS, digestSettings } from '../src/learning/settings.ts'
import type { ModelSettings } from '../src/learning/settings.ts'
import { compareModels, listModels, restoreModel, saveModel } from '../src/model-upkeep.ts'
import { optimize } from '../src/optimize.ts'
import { predictParameters } from '../src/predict-parameters.ts'
import { updateModelFromExecution } from '../src/update-model.ts'
import { LIMITS, queryOf, runOf } from './example-runs.ts'
import { items, spin } from './example-task.ts'

const pool = new TaskPool()
const canGain = detectSystem().usableCores >= 2
afterAll(() => pool.close())

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'amorsize-core-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function run(store: Store, itemsToRun: readonly number[] = items): Promise<string> {
  const { optimization } = await execute(spin, itemsToRun, {
    store,
    pool,
    useCache: false,
    useMlPrediction: true,
    mlConfidenceThreshold: 0,
    enableOnlineLearning: true,
    allowMainThread: false,
    sampleBudgetMs: 5,
    returnOptimizationResult: true,
  })
  return optimization.source
}

describe('online learning', () => {
  it('lets a function that ran be predicted from its own runs, at once', async () => {
    const store = createMemoryStore()
    const sources: string[] = []

    for (let time = 0; time < 5; time++) sources.push(await run(store))

    expect(sources.slice(0, 3)).toEqual(['dry-run', 'dry-run', 'dry-run'])
    expect(sources.slice(3)).toEqual(['prediction', 'prediction'])
    const { samples } = await store.loadSamples()
    expect(samples).toHaveLength(5)
    expect(samples[0]).toMatchObject({
      features: { dataSize: 400, functionComplexity: describeFunction(spin).complexity },
      usableCores: detectSystem().usableCores,
      itemSize: 20_000,
      mayWait: 0,
    })
    for (const { speedup, features, waitShare } of samples) {
      expect(speedup).toBeGreaterThan(0)
      expect(waitShare).toBeGreaterThanOrEqual(0)
      expect(waitShare).toBeLessThan(0.1)
      expect(features.itemTimeMs).toBeGreaterThan(0)
    }
  })

  it.each([
    ['the loop that a map begins with', 400, {}],
    ['the dry run', 2, { allowMainThread: false, sampleBudgetMs: 1000 }],
  ])('keeps a sample of a map that is over with %s', async (_, count, options) => {
    const store = createMemoryStore()
    const lasting = (item: number, ms: number): number => {
      const endMs = performance.now() + ms
      while (performance.now() < endMs);
      return item
    }
    const keep = store.addSample.bind(store)
    let kept = 0
    store.addSample = (sample) => {
      kept++
      return keep(sample)
    }

    for (let call = 1; call <= 4; call++) {
      const { execution } = await execute(lasting, items.slice(0, count), {
        ...options,
        store,
        pool,
        context: 8 / count,
        useCache: false,
        enableOnlineLearning: true,
        returnOptimizationResult: true,
      })
      // What was over before anything was decided does not wait for what is kept of it.
      const isOver = execution.itemCount < 2
      expect(!isOver || kept < call).toBe(true)
      await vi.waitUntil(() => kept === call, { timeout: 20_000 })
      const { nJobs, speedup, itemCount, features } = (await store.loadSamples()).samples.at(-1)!
      expect(features.itemTimeMs).toBeGreaterThan(0)
      expect(itemCount).toBe(isOver ? count : execution.itemCount)
      expect(!isOver || (nJobs === 1 && speedup === 1)).toBe(true)
    }
  })

  it('keeps a sample for other processes, with how it would have been predicted', async () => {
    const directory = folder()
    const store = await openStore({ directory })
    await predictParameters(spin, { dataSize: 1, store })
    for (let time = 0; time < 3; time++) {
      const itemTimeMs = 1 + time / 100
      const measured = { dataSize: 500, itemTimeMs, nJobs: 1, chunkSize: 500, speedup: 1 }
      await updateModelFromExecution(spin, { ...measured, store })
    }

    const { samples } = await (await openStore({ directory })).loadSamples()

    const settings = digestSettings(DEFAULT_SETTINGS)
    expect(samples.map((sample) => sample['settingsDigest'])).toEqual([
      undefined,
      settings,
      settings,
    ])
    expect(samples[2]!['ownConfidence']).toBeGreaterThan(0)
  })
})

it.runIf(canGain)('a short map that is predicted again and again gets workers', async () => {
  await using cold = new TaskPool()
  const store = createMemoryStore()
  const lasting = (item: number): number => {
    const endMs = performance.now() + 2
    while (performance.now() < endMs);
    return item
  }
  for (let time = 0; time < 5; time++) {
    const measured = { itemTimeMs: 2 + time / 100, nJobs: 1, chunkSize: 20, speedup: 1 }
    await updateModelFromExecution(lasting, { dataSize: 20, ...measured, store })
  }
  const predict = (): Promise<{ source: string; executor: string }> =>
    optimize(lasting, items.slice(0, 20), {
      store,
      pool: cold,
      useCache: false,
      useMlPrediction: true,
      mlConfidenceThreshold: 0.5,
    })

  const first = await predict()
  for (let call = 0; call < 3; call++) await predict()
  await vi.waitUntil(() => cold.readyWorkers >= 2, { timeout: 20_000 })

  // Two workers that have yet to start take longer than 40 ms.
  expect(first).toMatchObject({ source: 'prediction', executor: 'serial' })
  expect(await predict()).toMatchObject({ source: 'prediction', executor: 'worker_threads' })
})

describe('a map with a context', () => {
  const scale = (item: number, { factor }: { factor: number }): number => {
    let sum = 0
    for (let turn = 0; turn < item; turn++) sum += factor * Math.sqrt(turn)
    return sum
  }

  /** Where the plan of a map came from. */
  async function sourceOf(
    store: Store,
    factor: number,
    predictor: 'model' | 'average',
  ): Promise<string> {
    const { optimization } = await execute(scale, items, {
      store,
      pool,
      context: { factor },
      useCache: false,
      useMlPrediction: true,
      predictor,
      mlConfidenceThreshold: 0.6,
      enableOnlineLearning: true,
      allowMainThread: false,
      sampleBudgetMs: 5,
      returnOptimizationResult: true,
    })
    return optimization.source
  }

  it.each(['model', 'average'] as const)('is measured anew with another: %s', async (predictor) => {
    const store = createMemoryStore()
    for (let time = 0; time < 3; time++) await sourceOf(store, 1, predictor)

    expect(await sourceOf(store, 2, predictor)).toBe('dry-run')
    const digests = (await store.loadSamples()).samples.map((sample) => sample['contextDigest'])
    expect(new Set(digests.slice(0, 3)).size).toBe(1)
    expect(digests[3]).not.toBe(digests[0])
  })
})

describe('a context that nothing looked at before the run', () => {
  const scale = (item: number, { factor }: { factor: number }): number => {
    let sum = 0
    for (let turn = 0; turn < item; turn++) sum += factor * Math.sqrt(turn)
    return sum
  }

  it('that is large is serialised for the sample after the caller has the results', async () => {
    const store = createMemoryStore()
    let reads = 0
    const context = {
      table: new Float64Array(20_000),
      get factor() {
        reads++
        return 2
      },
    }

    await execute(scale, items, {
      store,
      pool,
      context,
      useCache: false,
      enableOnlineLearning: true,
      allowMainThread: false,
      sampleBudgetMs: 5,
    })
    const readsForResults = reads
    const samplesBefore = (await store.loadSamples()).samples.length

    await vi.waitUntil(async () => (await store.loadSamples()).samples.length > 0, {
      timeout: 20_000,
    })
    expect(samplesBefore).toBe(0)
    expect(reads).toBe(readsForResults + 1)
    expect((await store.loadSamples()).samples[0]!['contextDigest']).toBeGreaterThan(0)
  })

  it('is told as it was for the run, whatever the caller makes of it and of the results then', async () => {
    const store = createMemoryStore()
    const context = { factor: 2 }
    const options = { store, pool, context, useCache: false, enableOnlineLearning: true } as const
    for (let count = 1; count <= 2; count++) {
      context.factor = 2
      const results = await execute(scale, items, { ...options, maxInFlight: 1 })
      context.factor = 3
      results.length = 0
      await vi.waitUntil(async () => (await store.loadSamples()).samples.length === count, {
        timeout: 20_000,
      })
    }

    const { samples } = await store.loadSamples()
    expect(samples[1]!['contextDigest']).toBe(samples[0]!['contextDigest'])
    expect(samples[0]!.features.serializedBytes).toBeGreaterThan(0)
  })
})

describe('the model of a store', () => {
  it('knows the samples of other processes a second later, and its own not twice', async () => {
    const directory = folder()
    const [store, other] = [await openStore({ directory }), await openStore({ directory })]
    let nowMs = 0
    const live = new LiveModel(store, () => nowMs)
    await live.model()
    live.learn(runOf(1))
    await store.addSample(runOf(1))
    await other.addSample(runOf(2))

    const before = (await live.model()).size
    nowMs += 1000
    const after = (await live.model()).size

    expect([before, after]).toEqual([1, 2])
    expect(live.sampleCount).toBe(2)
  })

  it('says of runs that come late what it says when it is opened anew', async () => {
    const directory = folder()
    const store = await openStore({ directory })
    const timed = (nth: number, itemTimeMs: number) =>
      runOf(nth, { features: { ...runOf(nth).features, itemTimeMs } })
    for (let nth = 0; nth < 5; nth++) await store.addSample(timed(nth, 1 + nth / 100))
    let nowMs = 0
    const live = new LiveModel(store, () => nowMs)
    await live.model()
    const earlier = createMemoryStore({ ttlMs: Infinity })
    for (let nth = 0; nth < 5; nth++) await earlier.addSample(timed(nth - 5000, 50 + nth))
    const file = join(folder(), 'earlier.jsonl')
    await earlier.exportTo(file)

    await store.importFrom(file)
    nowMs += 1000
    const said = (await live.model()).predict(queryOf(), LIMITS)!
    const reopened = new LiveModel(await openStore({ directory }))
    const saidAnew = (await reopened.model()).predict(queryOf(), LIMITS)!

    expect(said.trainingSamples).toBe(10)
    expect(said.features).toEqual(saidAnew.features)
    expect(said.plan).toEqual(saidAnew.plan)
    expect(said.features.itemTimeMs).toBeLessThan(3)
  })

  it('has the settings that another process saved, a second later', async () => {
    const directory = folder()
    const [store, other] = [await openStore({ directory }), await openStore({ directory })]
    await store.addSample(runOf(1))
    let nowMs = 0
    const live = new LiveModel(store, () => nowMs)
    const before = (await live.model()).settings
    await saveModel({ halfLifeRuns: 1000 }, { store: other })
    nowMs += 1000

    const after = await live.model()

    await Promise.all([store.close(), other.close()])
    expect(before).toEqual(DEFAULT_SETTINGS)
    expect(after.settings.halfLifeRuns).toBe(1000)
    expect(after.size).toBe(1)
  })

  it('forgets what was cleared', async () => {
    const store = createMemoryStore()
    await store.addSample(runOf(1))
    let nowMs = 0
    const live = new LiveModel(store, () => nowMs)
    await live.model()
    await store.clear()
    nowMs += 1000

    expect((await live.model()).size).toBe(0)
  })
})

describe('predictParameters and updateModelFromExecution', () => {
  const measured = { dataSize: 2000, itemTimeMs: 5, nJobs: 2, chunkSize: 10, speedup: 1.8 }

  it('answer from what they were taught, and stay silent below the threshold', async () => {
    const store = createMemoryStore()
    const task = (item: number): number => item * 3
    expect(await predictParameters(task, { dataSize: 2000, store })).toBeUndefined()
    for (let time = 0; time < 3; time++) {
      await updateModelFromExecution(task, { ...measured, itemTimeMs: 5 + time / 10, store })
    }

    const request = { dataSize: 2000, maxWorkers: 2, store }
    const known = await predictParameters(task, request)
    const doubtful = await predictParameters(task, { ...request, confidenceThreshold: 1 })

    expect(known).toMatchObject({ basis: 'own', nJobs: 2, trainingSamples: 3 })
    expect(known!.confidenceSource).toBe('raw')
    expect(known!.features.itemTimeMs).toBeCloseTo(5.1, 1)
    expect(doubtful).toBeUndefined()
    expect((await store.loadSamples()).samples).toHaveLength(3)
  })

  it.runIf(canGain)(
    'measure what an example costs to send, and refuse what cannot be sent',
    async () => {
      const store = createMemoryStore()
      const task = (item: number): number => item * 7
      // Never runs here: what sending its lists costs nobody but the example tells.
      const toList = (place: number): { place: number }[] => [{ place }]
      for (let time = 0; time < 3; time++) {
        await updateModelFromExecution(task, { ...measured, itemTimeMs: 0.1 + time / 1000, store })
      }
      const estimatedItemTimeMs = 0.1
      const known = { dataSize: 2000, estimatedItemTimeMs, maxWorkers: 2, confidenceThreshold: 0 }
      const request = { ...known, store } as const
      const list = Array.from({ length: 20_000 }, (_, place) => ({ place }))

      const small = await predictParameters(task, { ...request, example: [1, 2] })
      const large = await predictParameters(toList, { ...request, example: [1, list] })

      expect(small).toMatchObject({ executor: 'worker_threads', nJobs: 2 })
      expect(small!.features.serializedBytes).toBeLessThan(10)
      // A list of objects takes longer to send than an item of 0.1 ms to compute.
      expect(large).toMatchObject({ basis: 'stranger', executor: 'serial' })
      expect(large!.features.serializedBytes).toBeGreaterThan(100_000)
      const elsewhere = { ...request, runtime: 'child_process' as const, serializedBytes: 7 }
      const ofProcess = await predictParameters(task, { ...elsewhere, example: [1, 2] })
      expect(ofProcess!.features.serializedBytes).toBe(7)
      const mean = { ...request, predictor: 'average' as const, estimatedItemTimeMs: 0.1 }
      expect(await predictParameters(task, { ...mean, example: [1, 2] })).toBeDefined()
      for (const example of [[1, () => 1], [1], 'ab']) {
        await expect(
          predictParameters(task, { ...request, example: example as unknown as [number, number] }),
        ).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_INVALID_OPTION', value: example })
      }
    },
  )

  it('answer by the plain mean where that is asked for', async () => {
    const store = createMemoryStore()
    const task = (item: number): number => item * 5
    for (let time = 0; time < 3; time++) {
      await updateModelFromExecution(task, { ...measured, itemTimeMs: 5 + time / 10, store })
    }

    const request = { dataSize: 2000, maxWorkers: 2, store } as const
    const said = await predictParameters(task, { ...request, predictor: 'average' })

    expect(said).toMatchObject({ nJobs: 2, chunkSize: 10, confidenceSource: 'raw' })
    expect(said!.estimatedSpeedup).toBeCloseTo(1.8)
    await expect(
      predictParameters(task, { ...request, predictor: 'best' as 'average' }),
    ).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_INVALID_OPTION' })
  })

  it('answer of a function that never ran from files of another implementation', async () => {
    const directory = folder()
    const { physicalCores } = detectSystem()
    for (let nth = 0; nth < 60; nth++) {
      const timestamp = (Date.now() - 60_000 + nth) / 1000
      const signature = (nth % 20).toString(16).padStart(16, '0')
      const sample = {
        features: {
          data_size: 2000,
          estimated_item_time: 0.005 * (1 + (nth % 20) / 20),
          physical_cores: physicalCores,
          available_memory: 8_589_934_592,
          start_method: 'fork',
          pickle_size: 512,
          coefficient_of_variation: 0.15,
          function_complexity: 45,
        },
        n_jobs: 2,
        chunksize: 250,
        speedup: 1.8,
        timestamp,
        function_signature: signature,
      }
      const name = `ml_training_${signature}_${Math.round(timestamp * 1000)}.json`
      writeFileSync(join(directory, name), JSON.stringify(sample))
    }
    const store = await openStore({ directory })

    const request = { dataSize: 2000, estimatedItemTimeMs: 5, confidenceThreshold: 0, store }
    const prediction = await predictParameters((item: number) => item * 5, request)

    expect(prediction).toMatchObject({ basis: 'stranger', trainingSamples: 60 })
    await store.close()
  })

  it('take the context for a part of what the task is', async () => {
    const store = createMemoryStore()
    const task = (item: number, turns: number): number => {
      let sum = item
      for (let turn = 0; turn < turns; turn++) sum += Math.sqrt(turn)
      return sum
    }
    for (let time = 0; time < 25; time++) {
      const itemTimeMs = 0.001 * (1 + time / 1000)
      const loop = { dataSize: 2000, itemTimeMs, nJobs: 1, chunkSize: 2000, speedup: 1 }
      await updateModelFromExecution(task, { ...loop, context: 10, store })
    }

    const request = { dataSize: 2000, store }
    const known = await predictParameters(task, { ...request, context: 10 })
    const unknown = await predictParameters(task, { ...request, context: 1e8 })

    expect(known).toMatchObject({ basis: 'own' })
    expect(unknown).toBeUndefined()
    const { samples } = await store.loadSamples()
    expect(samples[0]).toMatchObject({
      contextDigest: expect.any(Number),
      runtimeMajor: Number.parseInt(process.versions.node, 10),
    })
  })

  it.each([
    ['export const run = async (item) => item', 1],
    ['export async function run(item) { return item }', 1],
    ['export function run(item) { return item * 2 }', 0],
    ['import { other } from "./other.js"\nexport const run = other', undefined],
    ['import { createHash } from "node:crypto"\nexport const run = (item) => createHash("md5")', 0],
    ['import { readFile } from "node:fs/promises"\nexport const run = readFile', undefined],
    ['export { run } from "./other.js"', undefined],
    ['export const run = (item) => item\nexport const other = async () => {}', undefined],
  ])('see by the text of a module whether it may wait: %s', async (text, expected) => {
    const store = createMemoryStore()
    const file = join(folder(), 'task.js')
    writeFileSync(file, text)

    await updateModelFromExecution(moduleTask<number, number>(file, 'run'), { ...measured, store })

    const { samples } = await store.loadSamples()
    expect(samples[0]!['mayWait']).toBe(expected)
  })

  it.each([
    [{ ...measured, speedup: 0 }, 'speedup'],
    [{ ...measured, speedup: undefined as unknown as number }, 'speedup'],
    [{ ...measured, nJobs: 1.5 }, 'nJobs'],
    [{ ...measured, itemTimeMs: Number.NaN }, 'itemTimeMs'],
  ])('refuse %o before anything is kept', async (bad, value) => {
    const store = createMemoryStore()

    await expect(updateModelFromExecution(spin, { ...bad, store })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
      message: expect.stringContaining(value),
    })
    expect((await store.loadSamples()).samples).toEqual([])
  })

  it('refuse a request that is none', async () => {
    const bad = { dataSize: 0 }

    await expect(predictParameters(spin, bad)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
    })
    await expect(
      predictParameters(spin, { dataSize: 1, datasize: 1 } as { dataSize: number }),
    ).rejects.toMatchObject({ code: 'AMORSIZE_CORE_UNKNOWN_OPTION' })
  })
})

describe('versions of the model', () => {
  it('are saved, compared on the same history, and restored', async () => {
    const store = createMemoryStore()
    for (let nth = 0; nth < 60; nth++) {
      const itemTimeMs = nth < 30 ? 1 : 0.004
      await store.addSample(runOf(nth, { features: { ...runOf(0).features, itemTimeMs } }))
    }

    const slow = await saveModel({ halfLifeRuns: 1000 }, { store })
    const quick = await saveModel({ halfLifeRuns: 2 }, { store })
    const { first, second } = await compareModels(slow.version, quick.version, { store })

    expect(first.predictions).toBe(second.predictions)
    expect(second.meanRegret).toBeLessThan(first.meanRegret)
    for (const { predictions, goodShare, goodShareOverTime } of [first, second]) {
      const stretches = goodShareOverTime.map(({ count }) => count)
      expect(stretches.reduce((sum, count) => sum + count, 0)).toBe(predictions)
      const good = goodShareOverTime.reduce((sum, { count, mean }) => sum + count * mean, 0)
      expect(good / predictions).toBeCloseTo(goodShare)
      // Items that take another time, at the old speedup, are not what the model thinks of.
      expect(goodShareOverTime.at(-1)!.mean).toBeLessThan(goodShareOverTime[0]!.mean)
    }
    expect(await listModels({ store })).toMatchObject({ current: 2, saved: { length: 2 } })
    await restoreModel(slow.version, { store })
    expect(await listModels({ store })).toMatchObject({ current: 1, saved: { length: 2 } })
    await restoreModel(0, { store })
    expect((await listModels({ store })).current).toBe(0)
  })

  it('by a later version of the package are read for what is known of them', async () => {
    const store = createMemoryStore()
    const settings = { ...DEFAULT_SETTINGS, neighbors: 7, patience: 3 }
    const saved = [{ version: 1, savedAtMs: 1, settings }]
    await store.putDocument('prediction-model', { current: 1, saved })

    const { current, saved: read } = await listModels({ store })

    expect(current).toBe(1)
    expect(read[0]!.settings).toEqual({ ...DEFAULT_SETTINGS, neighbors: 7 })
  })

  it('that do not exist are refused, and so are settings that cannot be', async () => {
    const store = createMemoryStore()

    await expect(restoreModel(7, { store })).rejects.toMatchObject({
      code: 'AMORSIZE_CORE_UNKNOWN_MODEL',
    })
    await expect(saveModel({ neighbors: 0 }, { store })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
    })
    await expect(
      saveModel({ neighbours: 3 } as Partial<ModelSettings>, { store }),
    ).rejects.toMatchObject({
      code: 'AMORSIZE_CORE_UNKNOWN_OPTION',
      message: expect.stringContaining('Did you mean `neighbors`?'),
    })
    expect(await listModels({ store })).toEqual({ current: 0, saved: [] })
  })
})

it('a prediction is clamped to this machine and says where its confidence comes from', async () => {
  const store = createMemoryStore()
  const signature = describeFunction(spin).signature
  const { fingerprint } = detectSystem()
  for (let nth = 0; nth < 30; nth++) {
    await store.addSample(
      runOf(nth, { functionSignature: signature, machine: fingerprint, nJobs: 4, itemSize: 400 }),
    )
  }

  const result = await optimize(spin, items, {
    store,
    pool,
    maxWorkers: 2,
    useCache: false,
    useMlPrediction: true,
    mlConfidenceThreshold: 0,
  })

  expect(result.source).toBe('prediction')
  expect(result.nJobs).toBeLessThanOrEqual(2)
  expect(result.confidenceSource).toBe('calibrated')
})

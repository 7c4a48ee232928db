import { createMemoryStore } from '@amorsize/cache'
import type { Store, TrainingSample } from '@amorsize/cache'
import { describeFunction, detectSystem } from '@amorsize/features/system'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it, vi } from 'vitest'

import { execute } from '../src/execute.ts'
import { optimize } from '../src/optimize.ts'
import type { OptimizeOptions } from '../src/options.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const task = (item: number): number => item + 1

/** No two runs of a function begin at one time. */
const START_MS = Date.now() - 60_000

async function sourceOf(
  fn: (item: number) => number,
  data: readonly number[],
  { context, ...options }: OptimizeOptions<unknown>,
): Promise<string> {
  const { source } = await optimize(fn, data, { pool, ...options, context })
  return source
}

describe('the cache of decisions', () => {
  it('answers the same workload, also with a few items more', async () => {
    const store = createMemoryStore()

    expect(await sourceOf(task, numbers(1000), { store })).toBe('dry-run')
    expect(await sourceOf(task, numbers(1000), { store })).toBe('cache')
    expect(await sourceOf(task, numbers(1050), { store })).toBe('cache')
  })

  it('tells workloads apart by everything that changes the answer', async () => {
    const store = createMemoryStore()
    const options = { store, context: { rate: 1 } }
    await sourceOf(task, numbers(100), options)
    await sourceOf(task, numbers(100), options)

    expect(await sourceOf((item: number) => item + 2, numbers(100), options)).toBe('dry-run')
    expect(await sourceOf(task, numbers(10_000), options)).toBe('dry-run')
    expect(await sourceOf(task, numbers(100), { store, context: { rate: 2 } })).toBe('dry-run')
    expect(await sourceOf(task, numbers(100), { ...options, maxWorkers: 1 })).toBe('dry-run')
    expect(await sourceOf(task, numbers(100), { ...options, allowMainThread: false })).toBe(
      'dry-run',
    )
    for (const other of [{ maxInFlight: 3 }, { sampleBudgetMs: 20 }]) {
      expect(await sourceOf(task, numbers(100), { ...options, ...other })).toBe('dry-run')
    }
    const long = numbers(100).map(() => 1e9)
    expect(await sourceOf(task, long, options)).toBe('dry-run')
    expect(await sourceOf(task, numbers(100), options)).toBe('cache')
  })

  it('is left alone with useCache: false, and for a context that cannot be a key', async () => {
    const store = createMemoryStore()
    const shared = { counter: new SharedArrayBuffer(8) }

    for (const options of [{ useCache: false }, { context: shared }]) {
      await sourceOf(task, numbers(10), { store, ...options })
      expect(await sourceOf(task, numbers(10), { store, ...options })).toBe('dry-run')
    }
    expect((await store.stats()).decisions.count).toBe(0)
  })

  it.each([
    [undefined, 3_600_000, 'cache'],
    [true, 1000, 'cache'],
    [true, 3_600_000, 'dry-run'],
  ])('is measured anew if it was on a busy machine: %s, %d ms ago', async (...entry) => {
    const [isTainted, ageMs, source] = entry
    const store = createMemoryStore()
    const put = store.putDecision.bind(store)
    store.putDecision = (key, decision) =>
      put(key, { ...decision, isTainted, createdAtMs: Date.now() - ageMs })
    await sourceOf(task, numbers(1000), { store })

    expect(await sourceOf(task, numbers(1000), { store })).toBe(source)
  })

  it('is clamped to this machine where another implementation wrote it', async () => {
    const foreign: Store = Object.assign(createMemoryStore(), {
      getDecision: () =>
        Promise.resolve({
          hit: true,
          entry: {
            nJobs: 4096,
            chunkSize: 1_000_000,
            executor: 'worker_threads',
            estimatedSpeedup: 9,
            reason: 'elsewhere',
            warnings: [],
            features: features(),
            createdAtMs: Date.now(),
            machine: 'other',
            costs: { workerItemTimeMs: 'hostile' },
          },
        } as const),
    })

    const result = await optimize(task, numbers(100), { store: foreign, pool, maxWorkers: 2 })

    expect(result).toMatchObject({ source: 'cache', executor: 'worker_threads', nJobs: 2 })
    expect(result.chunkSize).toBeLessThanOrEqual(100)
  })
})

function features(): TrainingSample['features'] {
  const { physicalCores, availableMemoryBytes } = detectSystem()
  return {
    dataSize: 100,
    itemTimeMs: 1,
    physicalCores,
    availableMemoryBytes,
    startMethod: 'worker_threads',
    functionComplexity: describeFunction(task).complexity,
  }
}

function sample(overrides: Partial<TrainingSample> = {}): TrainingSample {
  return {
    features: features(),
    nJobs: 2,
    chunkSize: 10,
    speedup: 1.8,
    timestampMs: Date.now(),
    functionSignature: describeFunction(task).signature,
    ...overrides,
  }
}

async function storeWith(samples: readonly TrainingSample[]): Promise<Store> {
  const store = createMemoryStore()
  for (const each of samples) await store.addSample(each)
  return store
}

describe('prediction', () => {
  it('answers from past runs of the function, and says so line by line', async () => {
    const lines: string[] = []
    const store = await storeWith(
      Array.from({ length: 25 }, (_, nth) => sample({ timestampMs: START_MS + nth })),
    )

    const result = await optimize(task, numbers(100), {
      store,
      pool,
      maxWorkers: 4,
      useMlPrediction: true,
      predictor: 'average',
      verbose: true,
      log: (line) => lines.push(line),
    })

    expect(result).toMatchObject({ source: 'prediction', nJobs: 2, chunkSize: 10 })
    expect(result.confidence).toBeGreaterThanOrEqual(0.7)
    const percent = (result.confidence! * 100).toFixed(1)
    expect(lines.slice(0, 3)).toEqual([
      'ML Prediction: Loaded 25 training samples from cache',
      `✓ ML Prediction: n_jobs=2, chunksize=10, confidence=${percent}%`,
      '  Training samples: 25, Feature match: 100.0%',
    ])
  })

  it.each([
    [
      'too few samples',
      [sample(), sample({ timestampMs: START_MS })],
      'Insufficient training data (2 of 3 samples)',
    ],
    [
      'only other functions',
      Array.from({ length: 5 }, (_, nth) =>
        sample({ functionSignature: '0123456789abcdef', timestampMs: START_MS + nth }),
      ),
      // A guess: at most a half.
      /^ML Prediction: Confidence too low \([1-4]\d\.\d% < 95\.0%\), falling back to dry run$/,
    ],
    [
      'samples that disagree',
      [1, 40, 900].map((contention, nth) => sample({ contention, timestampMs: START_MS + nth })),
      /^ML Prediction: Confidence too low \(\d\d\.\d% < 95\.0%\), falling back to dry run$/,
    ],
  ])('declines with %s, says why, and measures instead', async (_, samples, said) => {
    const lines: string[] = []

    const { source } = await optimize(task, numbers(100), {
      store: await storeWith(samples),
      pool,
      useMlPrediction: true,
      mlConfidenceThreshold: 0.95,
      verbose: true,
      log: (line) => lines.push(line),
    })

    expect(source).toBe('dry-run')
    expect(lines[1]).toMatch(said)
  })

  it('stays within this machine, whatever the history holds', async () => {
    const wild = Array.from({ length: 30 }, (_, nth) =>
      sample({ nJobs: 8192, chunkSize: 1e9, speedup: 1e-9, timestampMs: START_MS + nth }),
    )

    const { nJobs, chunkSize } = await optimize(task, numbers(100), {
      store: await storeWith(wild),
      pool,
      maxWorkers: 2,
      useMlPrediction: true,
      mlConfidenceThreshold: 0,
    })

    expect(nJobs).toBeLessThanOrEqual(2)
    expect(chunkSize).toBeLessThanOrEqual(100)
  })
})

describe('online learning', () => {
  it('keeps what a run measured', async () => {
    const store = createMemoryStore()

    const { execution, optimization } = await execute(task, numbers(20_000), {
      store,
      pool,
      allowMainThread: false,
      sampleBudgetMs: 0,
      enableOnlineLearning: true,
      returnOptimizationResult: true,
    })
    await store.flush()

    const { samples } = await store.loadSamples()
    expect(samples).toHaveLength(1)
    expect(samples[0]).toMatchObject({
      nJobs: optimization.nJobs,
      chunkSize: optimization.chunkSize,
      functionSignature: describeFunction(task).signature,
      machine: detectSystem().fingerprint,
      features: { dataSize: 20_000, startMethod: 'worker_threads' },
    })
    // More where other processes took a part of the cores.
    expect(samples[0]!.speedup).toBeGreaterThan(execution.speedup * 0.99)
  })

  it('keeps nothing unless asked', async () => {
    const store = createMemoryStore()

    await execute(task, numbers(100), { store, pool, allowMainThread: false })

    expect((await store.loadSamples()).samples).toEqual([])
  })
})

describe('explain', () => {
  it('says what was measured, what the alternatives would cost and what was chosen', async () => {
    const heavy = (item: number): number => {
      let sum = 0
      for (let index = 0; index < 2e5; index++) sum += Math.sqrt(index + item)
      return sum
    }

    const result = await optimize(heavy, numbers(2000), {
      store: createMemoryStore(),
      pool,
      maxWorkers: 2,
    })

    const text = result.explain()
    expect(text).toContain('for 2,000 items, decided by dry-run in')
    expect(text).toContain(result.reason)
    expect(result.reason).toMatch(/; what counts is the (items|cores|calling|start)/)
    expect(text).toMatch(
      /workers? \(worker_threads\), chunks of \d+; waits for the (items|cores|calling|start)/,
    )
    expect(text).toMatch(/plain loop +[\d.]+ (ms|s) /)
    expect(text).toMatch(/default N\/\(4P\) +[\d.]+ (ms|s) /)
    expect(text).toMatch(/chosen +[\d.]+ (ms|s) /)
    expect([...result.data]).toEqual(numbers(2000))
  })

  it('is printed by verbose, to the console where no log is given', async () => {
    // Printing is what is tested.
    // oxlint-disable-next-line no-console
    const log = vi.mocked(console.log)
    log.mockImplementation(() => {})

    await optimize(task, numbers(10), { store: createMemoryStore(), pool, verbose: true })

    const printed = log.mock.calls.flat()
    log.mockClear()
    expect(printed).toEqual([
      expect.stringContaining('plain loop on the calling thread for 10 items'),
    ])
  })
})

/** How long predictions take, and what learning from a run costs: with ten thousand samples kept. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createMemoryStore, execute, openStore, optimize, predictParameters } from '@amorsize/core'
import { detectSystem, describeFunction, loadPredictionModel } from '@amorsize/core'
import type { Store, TrainingSample } from '@amorsize/core'
import { median } from '@amorsize/features'

import { collectGarbage } from '../harness/collect-garbage.ts'
import { measureRatio } from '../harness/paired-ratio.ts'
import type { Finding, SuiteReport } from '../harness/report.ts'
import { makeStream } from '../learning/stream.ts'
import { makeFunctions, makeMachines } from '../learning/world.ts'

const SAMPLES = 10_000
const FUNCTIONS = 100
/** Different maps that were simulated; their samples are kept again at other times. */
const SIMULATED_ROUNDS = 4

const PAIRS = 101
const WARM_UPS = 1000
const COLLECTIONS = 41
const PROCESS_PAIRS = 9
const LONGEST_PREDICTION_MS = 0.2
const LONGEST_FIRST_PREDICTION_MS = 80
const LONGEST_LEARNING_MS = 1
const MS_PER_HOUR = 3_600_000

const task = (turns: number): number => {
  let sum = 0
  for (let turn = 0; turn < turns; turn++) sum += Math.sqrt(turn)
  return sum
}
const items = Array.from({ length: 400 }, () => 20_000)

/** Times predictions beside dry runs, in one process and in fresh ones. */
export async function benchLearningTime(): Promise<SuiteReport> {
  const directory = mkdtempSync(join(tmpdir(), 'amorsize-bench-'))
  try {
    const store = await openStore({ directory })
    await fill(store)
    const findings = [
      ...(await timePredictions(store)),
      await timeFirstPrediction(directory),
      await timeLearning(),
    ]
    return { findings }
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Samples of a hundred functions, `task` one of them, half of them on this machine. */
async function fill(store: Store): Promise<void> {
  const { fingerprint } = detectSystem()
  const { signature } = describeFunction(task)
  const functions = makeFunctions('time', FUNCTIONS)
  const machines = makeMachines('time', 2)
  const runs = makeStream(functions, machines, SIMULATED_ROUNDS)
  const Model = await loadPredictionModel()
  const model = new Model()
  const fromMs = Date.now() - MS_PER_HOUR
  const samples = Array.from({ length: SAMPLES }, (_, nth): TrainingSample => {
    const { sample } = runs[nth % runs.length]!
    return {
      ...sample,
      timestampMs: fromMs + nth,
      functionSignature:
        sample.functionSignature === functions[0]!.signature ? signature : sample.functionSignature,
      ...(sample.machine === machines[0]!.name && { machine: fingerprint }),
    }
  })
  for (const sample of samples) await store.addSample({ ...sample, ...model.tryAndLearn(sample) })
  // A load that reads the files one by one leaves the snapshot for those after it.
  await store.loadSamples()
  await store.flush()
}

async function timePredictions(store: Store): Promise<Finding[]> {
  const request = { store, confidenceThreshold: 0 }
  const stranger = { ...request, dataSize: 1000, estimatedItemTimeMs: 1, serializedBytes: 100 }
  const options = { useCache: false, allowMainThread: false } as const
  const byDryRun = (): Promise<number> => timeMs(() => optimize(task, items, options))
  // A warm process: the compiler has settled, also from the first buffer that is handed over, at which
  // V8 gives up all optimised code that reads typed arrays.
  await byDryRun()
  for (let time = 0; time < WARM_UPS; time++) {
    await predictParameters(task, { ...request, dataSize: 1000 + time })
    await predictParameters((item: number) => item * 2, stranger)
  }
  const predictOwn = (): Promise<number> =>
    timeMs(() => predictParameters(task, { ...request, dataSize: 1000 }))
  const own = await measureRatio(predictOwn, byDryRun, PAIRS)
  const other = await measureRatio(
    () => timeMs(() => predictParameters((item: number) => item * 2, stranger)),
    byDryRun,
    PAIRS,
  )
  const findings = [own, other].map((ratio, place) => ({
    what: `decision by prediction, 10,000 samples, ${place === 0 ? 'a known function' : 'a stranger'}`,
    target: `<= ${LONGEST_PREDICTION_MS} ms`,
    measured: `${ratio.subject.toFixed(3)} ms; a dry run with warm workers ${ratio.baseline.toFixed(1)} ms`,
    isMet: ratio.subject <= LONGEST_PREDICTION_MS,
  }))
  return [...findings, await timeAfterCollections(predictOwn)]
}

/** At a major collection V8 forgets the shapes of which no object is left, and the code made for them. */
async function timeAfterCollections(predict: () => Promise<number>): Promise<Finding> {
  const timesMs: number[] = []
  for (let time = 0; time < COLLECTIONS; time++) {
    collectGarbage()
    timesMs.push(await predict())
  }
  const predictionMs = median(timesMs)
  return {
    what: 'the same, a known function, right after a major garbage collection',
    target: `<= ${LONGEST_PREDICTION_MS} ms`,
    measured: `${predictionMs.toFixed(3)} ms`,
    isMet: predictionMs <= LONGEST_PREDICTION_MS,
  }
}

/** Processes that import the package and predict, beside processes that only import it. */
async function timeFirstPrediction(directory: string): Promise<Finding> {
  const start = `import { predictParameters, openStore } from ${JSON.stringify(import.meta.resolve('@amorsize/core'))}
    const start = performance.now()`
  const predict = `
    const store = await openStore({ directory: ${JSON.stringify(directory)} })
    const task = ${String(task)}
    if (!await predictParameters(task, { dataSize: 1000, store, confidenceThreshold: 0 })) process.exit(1)`
  const report = `process.stdout.write(String(performance.now() - start))`
  const ratio = await measureRatio(
    () => inProcess(`${start}\n${predict}\n${report}`),
    () => inProcess(`${start}\n${report}`),
    PROCESS_PAIRS,
  )
  const beyondMs = ratio.subject - ratio.baseline
  return {
    what: 'first prediction of a process, 10,000 samples on disk',
    target: `<= ${LONGEST_FIRST_PREDICTION_MS} ms beyond its start`,
    measured: `${beyondMs.toFixed(1)} ms`,
    isMet: beyondMs <= LONGEST_FIRST_PREDICTION_MS,
  }
}

/** The same map with and without learning; what is written to disk is off the caller's path. */
async function timeLearning(): Promise<Finding> {
  const store = createMemoryStore()
  await fill(store)
  const options = { store, useMlPrediction: true, mlConfidenceThreshold: 0, useCache: false }
  const short = items.slice(0, 40)
  const run = (enableOnlineLearning: boolean): Promise<number> =>
    timeMs(() => execute(task, short, { ...options, enableOnlineLearning }))
  const ratio = await measureRatio(
    () => run(true),
    () => run(false),
    PAIRS,
  )
  const extraMs = ratio.subject - ratio.baseline
  return {
    what: 'online learning on an execution',
    target: `<= ${LONGEST_LEARNING_MS} ms`,
    measured: `${extraMs.toFixed(3)} ms on ${ratio.baseline.toFixed(2)} ms`,
    isMet: extraMs <= LONGEST_LEARNING_MS,
  }
}

function inProcess(script: string): number {
  const { stdout, status, stderr } = spawnSync(process.execPath, [
    '--input-type=module',
    '-e',
    script,
  ])
  if (status !== 0) throw new Error(`A prediction in a process of its own failed: ${stderr}`)
  return Number(stdout.toString())
}

async function timeMs(work: () => unknown): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}

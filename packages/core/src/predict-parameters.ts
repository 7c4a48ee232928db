/** Asking past runs directly, without data and without deciding. */
import type { Store } from '@amorsize/cache'
import type { WorkloadFeatures } from '@amorsize/features'
import { detectSystem } from '@amorsize/features/system'
import { InvalidOptionError, prepareTask } from '@amorsize/sampler'
import type { Runtime, Task } from '@amorsize/sampler'
import type { ExecutorKind } from '@amorsize/cache'

import { middleItemSize } from './cache-key.ts'
import { sharedPool, sharedStore } from './defaults.ts'
import { contextNumber, digestContext } from './context-digest.ts'
import { majorOf, mayWait } from './learning/ask.ts'
import type { Query } from './learning/query.ts'
import { assertOptions, NON_NEGATIVE, OPTION_RULES, SHARE, WHOLE } from './option-rules.ts'
import type { OptionRule } from './option-rules.ts'
import { defaultWorkers } from './request.ts'
import { loadLearning } from './load-learning.ts'

/**
 * What is known of a workload that is asked about.
 * @public
 */
export interface PredictionRequest<C = undefined, I = never, O = never> {
  /** Number of items, an integer from 1. */
  readonly dataSize: number
  /** Time of one item, milliseconds above 0. @defaultValue what the function's past runs took */
  readonly estimatedItemTimeMs?: number | undefined
  /** Size of one serialised result, bytes from 0. @defaultValue the example's, or as of past runs */
  readonly serializedBytes?: number | undefined
  /**
   * An item of middle size and what the task gave for it. They tell how large items (of numbers: how
   * large the number) and results are and, of a function that never ran, what it costs to send them to
   * a thread, which functions like it often tell wrongly; `predictor: 'average'` does not look at that.
   * @defaultValue as of past runs
   */
  readonly example?: readonly [item: I, result: Awaited<O>] | undefined
  /** Standard deviation of the item times over their mean, from 0. @defaultValue as of past runs */
  readonly coefficientOfVariation?: number | undefined
  /**
   * Who answers: `model`, or `average`, the plain mean over the nearest runs.
   * @defaultValue 'model'
   */
  readonly predictor?: 'model' | 'average' | undefined
  /** Confidence that an answer needs, 0..1. @defaultValue 0.7 */
  readonly confidenceThreshold?: number | undefined
  /** Most workers to use, an integer from 1. @defaultValue the cores the process may use */
  readonly maxWorkers?: number | undefined
  /** How workers run. @defaultValue 'worker_threads' */
  readonly runtime?: Runtime | undefined
  /** The context that the task will be called with: it is a part of what the task is. */
  readonly context?: C | undefined
  /** Where the samples are kept. @defaultValue the JSON store in the platform's folder */
  readonly store?: Store | undefined
}

/**
 * What past runs say.
 * @public
 */
export interface PredictionResult {
  /** Workers; for `async`, items in flight at once; 1 for `serial`. */
  readonly nJobs: number
  /** Items per chunk; 1 for `async`, all items for `serial`. */
  readonly chunkSize: number
  /** By what means. */
  readonly executor: ExecutorKind
  /** Expected time of the plan, milliseconds. */
  readonly estimatedTimeMs: number
  /** Expected time of the plain loop over that. */
  readonly estimatedSpeedup: number
  /** How far the answer is to be trusted, 0..1. */
  readonly confidence: number
  /**
   * `calibrated` where the confidence is the probability, by the outcomes of earlier predictions,
   * that the plan runs within 20 % of the best; `raw` where it is a score still.
   */
  readonly confidenceSource: 'raw' | 'calibrated'
  /** How alike the runs that were asked are to the workload, 0..1. */
  readonly featureMatch: number
  /** Runs that are known. */
  readonly trainingSamples: number
  /** Whose runs were asked: the function's own, or those of the functions most like it. */
  readonly basis: 'own' | 'stranger'
  /** The workload, what was not known filled in. */
  readonly features: WorkloadFeatures
}

const DEFAULT_CONFIDENCE_THRESHOLD = 0.7

const RULES: Record<keyof PredictionRequest, OptionRule> = {
  dataSize: WHOLE,
  estimatedItemTimeMs: {
    expected: 'a number of milliseconds above 0',
    accepts: (value) => typeof value === 'number' && value > 0 && value < Infinity,
  },
  serializedBytes: NON_NEGATIVE,
  example: {
    expected: 'an item and its result',
    accepts: (value) => Array.isArray(value) && value.length === 2,
  },
  coefficientOfVariation: NON_NEGATIVE,
  predictor: OPTION_RULES.predictor,
  confidenceThreshold: SHARE,
  maxWorkers: OPTION_RULES.maxWorkers,
  runtime: OPTION_RULES.runtime,
  context: OPTION_RULES.context,
  store: OPTION_RULES.store,
}

/**
 * Predicts how to run a map from past runs, without running anything.
 *
 * @param task - A self-contained function, or a `moduleTask()`.
 * @param request - The size of the workload, and what else is known of it.
 * @returns What past runs say; `undefined` where there are fewer than three, where none says anything
 * of the workload, or where the confidence is below the threshold.
 * @throws `InvalidTaskError` `AMORSIZE_SAMPLER_INVALID_TASK`,
 * `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION`.
 * @example
 * ```ts
 * import { createMemoryStore, predictParameters } from '@amorsize/core'
 *
 * const store = createMemoryStore() // has seen nothing yet
 * await predictParameters((n: number) => n * n, { dataSize: 1000, store }) // => undefined
 * ```
 * @public
 */
export function predictParameters<I, O>(
  task: Task<I, O>,
  request: PredictionRequest<undefined, I, O>,
): Promise<PredictionResult | undefined>
/** {@inheritDoc (predictParameters:1)} @public */
export function predictParameters<I, O, C>(
  task: Task<I, O, C>,
  request: PredictionRequest<C, I, O> & { readonly context: C },
): Promise<PredictionResult | undefined>
export async function predictParameters<I, O, C>(
  task: Task<I, O, C>,
  request: PredictionRequest<C, I, O>,
): Promise<PredictionResult | undefined> {
  assertOptions(request, RULES, ['dataSize'])
  const { liveModelOf, sendingCostsOfExample } = await loadLearning()
  const query = withExample(queryOf(task, request), request, sendingCostsOfExample)
  const model = await liveModelOf(request.store ?? (await sharedStore())).model()
  const maxWorkers = request.maxWorkers ?? defaultWorkers(detectSystem({ maxAgeMs: SYSTEM_AGE_MS }))
  const runtime = request.runtime ?? 'worker_threads'
  const limits = { maxWorkers, runtime }
  const prediction =
    request.predictor === 'average'
      ? model.predictByAverage(query, limits)
      : model.predict(query, limits)
  const threshold = request.confidenceThreshold ?? DEFAULT_CONFIDENCE_THRESHOLD
  if (!prediction || prediction.confidence < threshold) return undefined
  const { plan, estimatedTimeMs, estimatedSpeedup, confidence, confidenceSource } = prediction
  const { featureMatch, trainingSamples, basis, features } = prediction
  const { nJobs, chunkSize, executor } = plan
  return {
    nJobs,
    chunkSize,
    executor,
    estimatedTimeMs,
    estimatedSpeedup,
    confidence,
    confidenceSource,
    featureMatch,
    trainingSamples,
    basis,
    features,
  }
}

/** The question with what the example tells, as far as the caller does not tell it. */
function withExample(
  query: Query,
  {
    example,
    serializedBytes,
    runtime = 'worker_threads',
  }: Pick<PredictionRequest<unknown, unknown, unknown>, 'example' | 'serializedBytes' | 'runtime'>,
  sendingCostsOf: Awaited<ReturnType<typeof loadLearning>>['sendingCostsOfExample'],
): Query {
  if (!example) return query
  const sending = sendingCostsOf(example)
  if (!sending) {
    throw new InvalidOptionError('example', 'values that can be sent to a worker', example)
  }
  return {
    ...query,
    features: { ...query.features, serializedBytes: serializedBytes ?? sending.serializedBytes },
    itemSize: middleItemSize([example[0]]),
    // Cloning to a thread says nothing of cloning to a process.
    cloneMs: runtime === 'worker_threads' ? sending.cloneMs : undefined,
  }
}

/** Free memory changes slowly; reading it takes longer than a prediction. */
const SYSTEM_AGE_MS = 1000

function queryOf<I, O, C>(
  task: Task<I, O, C>,
  {
    dataSize,
    estimatedItemTimeMs,
    runtime = 'worker_threads',
    ...known
  }: PredictionRequest<C, I, O>,
): Query {
  const prepared = prepareTask(task, known.context as C)
  const { serializedBytes, coefficientOfVariation } = known
  const system = detectSystem({ maxAgeMs: SYSTEM_AGE_MS })
  return {
    signature: prepared.signature,
    features: {
      dataSize,
      itemTimeMs: estimatedItemTimeMs,
      physicalCores: system.physicalCores,
      availableMemoryBytes: system.availableMemoryBytes,
      startMethod: runtime,
      serializedBytes,
      coefficientOfVariation,
      functionComplexity: prepared.complexity,
    },
    itemSize: undefined,
    mayWait: mayWait(prepared),
    machine: system.fingerprint,
    runtimeMajor: majorOf(system),
    contextDigest: contextNumber(digestContext(known.context)),
    usableCores: system.usableCores,
    warmWorkers: sharedPool(runtime).readyWorkers,
    allowMainThread: true,
  }
}

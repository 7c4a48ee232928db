/** Teaching directly: for those who run their maps by other means. */
import type { ExecutorKind, Store, WriteReceipt } from '@amorsize/cache'
import { detectSystem } from '@amorsize/features/system'
import { prepareTask } from '@amorsize/sampler'
import type { Runtime, Task } from '@amorsize/sampler'

import { sharedStore } from './defaults.ts'
import { contextNumber, digestContext } from './context-digest.ts'
import { majorOf, mayWait } from './learning/ask.ts'
import { ABOVE_ZERO, assertOptions, NON_NEGATIVE, OPTION_RULES, WHOLE } from './option-rules.ts'
import type { OptionRule } from './option-rules.ts'
import { loadLearning } from './load-learning.ts'

/**
 * A run that was measured. Times are milliseconds.
 * @public
 */
export interface MeasuredExecution<C = undefined> {
  /** Number of items, an integer from 1. */
  readonly dataSize: number
  /** Time of one item alone, above 0. */
  readonly itemTimeMs: number
  /** Workers, an integer from 1; for `async`, items in flight at once. */
  readonly nJobs: number
  /** Items per chunk, an integer from 1. */
  readonly chunkSize: number
  /** Measured time of the plain loop over that of the run, above 0; never an estimate. */
  readonly speedup: number
  /** By what means. @defaultValue `serial` for one worker, else the runtime */
  readonly executor?: ExecutorKind | undefined
  /** How workers ran. @defaultValue 'worker_threads' */
  readonly runtime?: Runtime | undefined
  /** Size of one serialised result, bytes from 0. */
  readonly serializedBytes?: number | undefined
  /** Standard deviation of the item times over their mean, from 0. */
  readonly coefficientOfVariation?: number | undefined
  /** The context that the task was called with: it is a part of what the task is. */
  readonly context?: C | undefined
  /** Where the sample is kept. @defaultValue the JSON store in the platform's folder */
  readonly store?: Store | undefined
}

const RULES: Record<keyof MeasuredExecution, OptionRule> = {
  dataSize: WHOLE,
  itemTimeMs: ABOVE_ZERO,
  nJobs: WHOLE,
  chunkSize: WHOLE,
  speedup: ABOVE_ZERO,
  executor: {
    expected: "'serial', 'async', 'worker_threads' or 'child_process'",
    accepts: (value) =>
      ['serial', 'async', 'worker_threads', 'child_process'].includes(value as string),
  },
  runtime: OPTION_RULES.runtime,
  serializedBytes: NON_NEGATIVE,
  coefficientOfVariation: NON_NEGATIVE,
  context: OPTION_RULES.context,
  store: OPTION_RULES.store,
}

const REQUIRED = ['dataSize', 'itemTimeMs', 'nJobs', 'chunkSize', 'speedup'] as const

/**
 * Keeps a run that was measured elsewhere as a training sample, and tells the model of this process.
 * `execute()` does it by itself with `enableOnlineLearning`.
 *
 * @param task - The function that ran.
 * @param measured - What the run took.
 * @returns Once the sample is durable, or cannot be made so.
 * @throws `InvalidTaskError` `AMORSIZE_SAMPLER_INVALID_TASK`,
 * `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION`; nothing is kept then.
 * @public
 */
export function updateModelFromExecution<I, O>(
  task: Task<I, O>,
  measured: MeasuredExecution,
): Promise<WriteReceipt>
/** {@inheritDoc (updateModelFromExecution:1)} @public */
export function updateModelFromExecution<I, O, C>(
  task: Task<I, O, C>,
  measured: MeasuredExecution<C> & { readonly context: C },
): Promise<WriteReceipt>
export async function updateModelFromExecution<I, O, C>(
  task: Task<I, O, C>,
  measured: MeasuredExecution<C>,
): Promise<WriteReceipt> {
  assertOptions(measured, RULES, REQUIRED)
  const { dataSize, itemTimeMs, nJobs, chunkSize, speedup, runtime = 'worker_threads' } = measured
  const { serializedBytes, coefficientOfVariation } = measured
  const executor = measured.executor ?? (nJobs === 1 ? 'serial' : runtime)
  const prepared = prepareTask(task, measured.context as C)
  const waits = mayWait(prepared)
  const contextDigest = contextNumber(digestContext(measured.context))
  const system = detectSystem()
  const store = measured.store ?? (await sharedStore())
  const sample = {
    features: {
      dataSize,
      itemTimeMs,
      physicalCores: system.physicalCores,
      availableMemoryBytes: system.availableMemoryBytes,
      startMethod: runtime,
      functionComplexity: prepared.complexity,
      ...(serializedBytes !== undefined && { serializedBytes }),
      ...(coefficientOfVariation !== undefined && { coefficientOfVariation }),
    },
    nJobs,
    chunkSize,
    speedup,
    timestampMs: Date.now(),
    functionSignature: prepared.signature,
    machine: system.fingerprint,
    runtimeMajor: majorOf(system),
    executor,
    usableCores: system.usableCores,
    ...(contextDigest !== 0 && { contextDigest }),
    ...(waits !== undefined && { mayWait: Number(waits) }),
  }
  const { liveModelOf } = await loadLearning()
  return store.addSample(liveModelOf(store).learn(sample))
}

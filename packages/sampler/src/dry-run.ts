/**
 * The dry run: runs a few items for real, first on the caller's thread, then on a worker, and says
 * what the rest will cost. Results are kept, so no item is computed twice.
 */
import { cpuSnapshot, foreignCpuShare } from '@amorsize/features/system'

import { abortable } from './abortable.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { Data } from './data.ts'
import { toItems } from './data.ts'
import { InvalidOptionError } from './errors.ts'
import { probeItems } from './probe.ts'
import { Sample } from './sample.ts'
import type { SamplingResult } from './sampling-result.ts'
import { SteadyState } from './steady-state.ts'
import type { PreparedTask, Task } from './task.ts'
import { prepareTask } from './task.ts'
import type { TaskPool } from './task-pool.ts'
import { sampleOnWorker } from './worker-sample.ts'

/**
 * Settings of a dry run.
 * @public
 */
export interface DryRunOptions {
  /** The pool whose first worker is used. */
  readonly pool: TaskPool
  /** Time to spend on sampling in a worker, milliseconds, its start-up not counted. @defaultValue 50 */
  readonly budgetMs?: number
  /**
   * Whether a few items may run on the caller's thread first, which spares short maps a worker.
   * @defaultValue true
   */
  readonly allowMainThread?: boolean
  /**
   * Serial time below which the rest of the map is not worth a worker, milliseconds.
   * @defaultValue 60: a cold worker answers after 40 to 55 ms.
   */
  readonly worthWorkersMs?: number
  /** Ends the dry run. */
  readonly signal?: AbortSignal
  /** Where durations come from. @defaultValue {@link systemClock} */
  readonly clock?: Clock
}

const DEFAULT_BUDGET_MS = 50
const DEFAULT_WORTH_WORKERS_MS = 60

/** With a quarter of the machine in other hands, two workers on two cores already wait for each other. */
const TAINTED_SHARE = 0.25

/**
 * Runs a few of the items and measures what the others will cost.
 *
 * @param task - What to map.
 * @param data - All items; of what is not indexable, all are read.
 * @param options - The pool, the budget and what is allowed.
 * @param context - The task's second argument.
 * @returns Costs, and the results computed on the way.
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where a sampled item fails.
 * @throws {@link InvalidTaskError}, {@link TaskLoadError}, {@link InvalidDataError} for bad input.
 * @public
 */
export async function dryRun<I, O, C = undefined>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: DryRunOptions,
  context?: C,
): Promise<SamplingResult<O>> {
  const prepared = prepareTask(task, context as C)
  return sampleItems(prepared, await toItems(data), options)
}

/**
 * The dry run of a task and items that were checked before.
 *
 * @param task - From {@link prepareTask}.
 * @param items - From {@link toItems}.
 * @param options - As of {@link dryRun}.
 * @returns As {@link dryRun}.
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where a sampled item fails.
 * @public
 */
export async function sampleItems<I, O>(
  task: PreparedTask<I, O>,
  items: ArrayLike<I>,
  options: DryRunOptions,
): Promise<SamplingResult<O>> {
  const settings = settingsOf(options)
  const { pool, clock, signal, allowMainThread } = settings
  signal?.throwIfAborted()
  const startMs = clock.now()
  const cpuBefore = cpuSnapshot()
  const sample = new Sample<I, O>(items)
  const probe = allowMainThread ? await probeItems(task, sample, clock, signal) : undefined
  const main = probe?.steadyState

  const remainingMs = sample.results.restCount * (main?.itemTimeMs ?? Infinity)
  const isWorthWorkers = sample.results.restCount > 0 && remainingMs >= settings.worthWorkersMs
  const worker = isWorthWorkers
    ? await abortable(sampleOnWorker(task, sample, settings), signal, () => pool.terminateBusy(1))
    : undefined

  const foreignShare = foreignCpuShare(cpuBefore, cpuSnapshot()) ?? 0
  // Where the probe left no item, the worker told its costs alone.
  const isFromWorker = worker && worker.steadyState.busyMs > 0
  const steadyState = (isFromWorker ? worker.steadyState : main) ?? new SteadyState()
  return {
    results: sample.results,
    itemCount: items.length,
    itemTimeMs: steadyState.itemTimeMs || 0,
    mainItemTimeMs: main?.itemTimeMs,
    coefficientOfVariation: steadyState.coefficientOfVariation,
    isSettled: steadyState.isSettled,
    relativeError: steadyState.relativeError,
    waitShare: (isFromWorker ? worker : probe)?.waitShare ?? 0,
    worker: worker?.costs,
    dependence: sample.dependence(),
    foreignCpuShare: foreignShare,
    isTainted: foreignShare > TAINTED_SHARE,
    durationMs: clock.now() - startMs,
  }
}

/** Checked options with their defaults. */
type DryRunSettings = Required<Omit<DryRunOptions, 'signal'>> & Pick<DryRunOptions, 'signal'>

function settingsOf(options: DryRunOptions): DryRunSettings {
  const { budgetMs = DEFAULT_BUDGET_MS, worthWorkersMs = DEFAULT_WORTH_WORKERS_MS } = options
  assertMilliseconds('budgetMs', budgetMs)
  assertMilliseconds('worthWorkersMs', worthWorkersMs)
  const { pool, signal, allowMainThread = true, clock = systemClock } = options
  return { pool, budgetMs, worthWorkersMs, allowMainThread, clock, ...(signal && { signal }) }
}

function assertMilliseconds(option: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return
  throw new InvalidOptionError(option, 'a number of milliseconds from 0', value)
}

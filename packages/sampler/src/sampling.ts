/** How a dry run samples, and what it makes of it. */
import { cpuSnapshot, foreignCpuShare } from '@amorsize/features/system'

import { abortable } from './abortable.ts'
import { systemClock } from './clock.ts'
import type { Data } from './data.ts'
import type { DryRunOptions } from './dry-run.ts'
import { InvalidOptionError } from './errors.ts'
import { readHead, wholeOf } from './head.ts'
import type { Head } from './head.ts'
import type { PartialResults } from './partial-results.ts'
import { itemTimesOf } from './item-times.ts'
import { PlainLoop } from './plain-loop.ts'
import { assertItemTimeout, assertWorkerCount } from './pool-options.ts'
import { probeItems } from './probe.ts'
import { Sample } from './sample.ts'
import type { SamplingResult, WorkerCosts } from './sampling-result.ts'
import { SteadyState } from './steady-state.ts'
import type { PreparedTask } from './task.ts'
import { TAINTED_SHARE } from './taint.ts'
import { measureDispatch, sampleOnWorker, startWorker } from './worker-sample.ts'
import type { WorkerSampleResult } from './worker-sample.ts'

const DEFAULT_BUDGET_MS = 50

/** No share of waiting is that large. */
const NEVER = 2

const DEFAULT_WORTH_WORKERS_MS = 60

/** A worker thread's first answer came after 40 to 55 ms on the machines that were measured. */
const QUICKEST_START_UP_MS = 40

/** Work that the caller's thread has done by the time a worker has warmed up, milliseconds. */
const WORTH_SAMPLING_MS = 10

/** The dry run of items that may not all be known yet. */
export async function sampleData<I, O>(
  task: PreparedTask<I, O>,
  data: Data<I>,
  options: DryRunOptions,
): Promise<SamplingResult<O, I>> {
  const settings = settingsOf(options)
  settings.signal?.throwIfAborted()
  const head = await readHead(data, settings)
  try {
    return await sampleHead(task, head, settings)
  } catch (error) {
    head.close()
    throw error
  }
}

/** The dry run of items that are all there. */
export async function sampleItems<I, O>(
  task: PreparedTask<I, O>,
  items: ArrayLike<I>,
  options: DryRunOptions,
  results?: PartialResults<O>,
): Promise<SamplingResult<O, I>> {
  return sampleHead(task, wholeOf(items), settingsOf(options), results)
}

async function sampleHead<I, O>(
  task: PreparedTask<I, O>,
  { items, isWhole, withFollowing }: Head<I>,
  settings: DryRunSettings,
  results?: PartialResults<O>,
): Promise<SamplingResult<O, I>> {
  const { clock, signal, allowMainThread } = settings
  signal?.throwIfAborted()
  const startMs = clock.now()
  const cpuBefore = cpuSnapshot()
  const sample = new Sample<I, O>(items, { ...settings, results })
  const probe = allowMainThread
    ? await abortable(probeItems(task, sample, clock, signal), signal, () => {})
    : undefined
  const main = probe?.steadyState

  const remainingMs = isWhole ? sample.results.restCount * (main?.itemTimeMs ?? Infinity) : Infinity
  const isOverlapped = probe !== undefined && probe.waitShare >= settings.overlapFrom
  const isWorthWorkers =
    sample.results.restCount > 0 && !isOverlapped && remainingMs >= settings.worthWorkersMs
  const loop = new PlainLoop(task, sample, settings)
  const worker = isWorthWorkers
    ? await abortable(askWorker(task, sample, loop, settings), signal, () => {})
    : undefined

  const foreignShare = foreignCpuShare(cpuBefore, cpuSnapshot()) ?? 0
  // Where the probe left no item, the worker told its costs alone.
  const workerState = worker && worker.steadyState.busyMs > 0 ? worker.steadyState : undefined
  const isFromWorker = workerState !== undefined
  const steadyState = workerState ?? main ?? new SteadyState()
  return {
    results: sample.results,
    rest: withFollowing(unsampled(items, sample.results)),
    itemCount: isWhole ? items.length : Infinity,
    ...itemTimesOf(steadyState, isFromWorker, loop),
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

/**
 * What a worker tells. The caller's thread goes on with the items meanwhile, where it may: starting
 * a worker takes as long as many a map.
 */
async function askWorker<I, O>(
  task: PreparedTask<I, O>,
  sample: Sample<I, O>,
  loop: PlainLoop<I, O>,
  settings: DryRunSettings,
): Promise<(WorkerSampleResult & { costs: WorkerCosts }) | undefined> {
  const { allowMainThread } = settings
  const meanwhile = <T>(awaited: Promise<T>): Promise<T> =>
    allowMainThread ? loop.runWhile(awaited) : awaited

  const { startUpMs, wasWarm } = await meanwhile(startWorker(task, settings))
  const started = { startUpMs: withoutOverrun(startUpMs, loop.overrunMs), wasWarm }
  // The probe ran the function cold; the loop knows better what is left.
  const remainingMs = sample.results.restCount * loop.itemTimeMs
  if (allowMainThread && !(remainingMs >= WORTH_SAMPLING_MS || Number.isNaN(remainingMs))) {
    return undefined
  }
  const dispatch = await measureDispatch(task, settings)
  // Not before: the start of another worker would disturb that of the first. Of a pool that is closed
  // meanwhile the next chunk tells.
  settings.pool.warm(workersWorth(remainingMs, settings)).catch(() => {})
  const sampled = await meanwhile(sampleOnWorker(task, sample, settings))
  const { payload, memoryBytes } = sampled
  return { ...sampled, costs: { ...started, ...dispatch, ...payload, memoryBytes } }
}

/** As many workers as have their start's time of work each. */
function workersWorth(remainingMs: number, { warmAhead }: DryRunSettings): number {
  return Number.isNaN(remainingMs)
    ? Math.min(1, warmAhead)
    : Math.min(warmAhead, Math.ceil(remainingMs / QUICKEST_START_UP_MS))
}

/**
 * The steps of a start wait for the caller's thread, and long items keep them waiting. How much of
 * that the start needed anyway is not known, so no less is left than the quickest start takes.
 */
function withoutOverrun(startUpMs: number, overrunMs: number): number {
  return Math.max(startUpMs - overrunMs, Math.min(startUpMs, QUICKEST_START_UP_MS))
}

function* unsampled<I>(items: ArrayLike<I>, results: PartialResults<unknown>): Generator<I> {
  // The positions are within the items.
  for (const index of results.rest()) yield items[index]!
}

/** Checked options with their defaults. */
type DryRunSettings = DryRunOptions &
  Required<
    Pick<
      DryRunOptions,
      'budgetMs' | 'worthWorkersMs' | 'allowMainThread' | 'warmAhead' | 'overlapFrom' | 'clock'
    >
  >

function settingsOf(options: DryRunOptions): DryRunSettings {
  const { budgetMs = DEFAULT_BUDGET_MS, worthWorkersMs = DEFAULT_WORTH_WORKERS_MS } = options
  assertMilliseconds('budgetMs', budgetMs)
  assertMilliseconds('worthWorkersMs', worthWorkersMs)
  const {
    allowMainThread = true,
    warmAhead = 0,
    overlapFrom = NEVER,
    clock = systemClock,
  } = options
  assertWorkerCount('warmAhead', warmAhead)
  assertItemTimeout(options.itemTimeoutMs)
  return { ...options, budgetMs, worthWorkersMs, allowMainThread, warmAhead, overlapFrom, clock }
}

function assertMilliseconds(option: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return
  throw new InvalidOptionError(option, 'a number of milliseconds from 0', value)
}

/** How a dry run samples, and what it makes of it. */
import { cpuSnapshot, foreignCpuShare } from '@amorsize/features/system'

import { abortable } from './abortable.ts'
import { systemClock } from './clock.ts'
import type { Data } from './data.ts'
import type { BegunMap, DryRunOptions } from './dry-run.ts'
import { InvalidOptionError } from './errors.ts'
import { readHead, wholeOf } from './head.ts'
import type { Head } from './head.ts'
import type { PartialResults } from './partial-results.ts'
import { itemTimesOf } from './item-times.ts'
import { PlainLoop } from './plain-loop.ts'
import { assertItemTimeout, assertWorkerCount } from './pool-options.ts'
import { probeItems } from './probe.ts'
import type { ProbeResult } from './probe.ts'
import { Sample } from './sample.ts'
import type { SamplingResult, WorkerCosts } from './sampling-result.ts'
import { SteadyState } from './steady-state.ts'
import type { PreparedTask } from './prepared-task.ts'
import { isTaintedBy } from './taint.ts'
import { measureDispatch, sampleOnWorker, startWorker } from './worker-sample.ts'
import type { WorkerSampleResult } from './worker-sample.ts'

const { setTimeout } = process.getBuiltinModule('node:timers/promises')

const DEFAULT_BUDGET_MS = 50

/** No share of waiting is that large. */
const NEVER = 2

const DEFAULT_WORTH_WORKERS_MS = 60

/** A worker thread's first answer came after 40 to 55 ms on the machines that were measured. */
const QUICKEST_START_UP_MS = 40

/**
 * A start takes some eight turns of the caller's thread, each of which would wait for an item that
 * runs there, and keeps that thread idle for some 150 ms where none does. Where so many items take
 * longer than this, told by the first, which are the slowest, none begins before the start is over or
 * has had its time.
 */
const TURNS_OF_A_START = 8
const WORTH_WAITING_MS = 500
const LONGEST_START_MS = 200

/** A worker that runs already and is not busy answers within this time, and no item is to come before. */
const LONGEST_READY_MS = 5

/** Share of the budget that a worker has in any case: what it tells is what decides. */
const WORKER_SHARE = 0.5

/** A timer that keeps no process alive. */
const UNNOTICED = { ref: false }

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
  begun?: BegunMap<O>,
): Promise<SamplingResult<O, I>> {
  if (begun) assertBegun(begun)
  return sampleHead(task, wholeOf(items), settingsOf(options), begun)
}

async function sampleHead<I, O>(
  task: PreparedTask<I, O>,
  { items, isWhole, withFollowing }: Head<I>,
  settings: DryRunSettings,
  begun?: BegunMap<O>,
): Promise<SamplingResult<O, I>> {
  const { clock, signal } = settings
  signal?.throwIfAborted()
  const startMs = clock.now()
  const cpuBefore = cpuSnapshot()
  const sample = new Sample<I, O>(items, { ...settings, results: begun?.results })
  const probe = begun ? probeOf(begun) : await probeHere(task, sample, settings)
  const main = probe?.steadyState

  const remainingMs = isWhole ? sample.results.restCount * (main?.itemTimeMs ?? Infinity) : Infinity
  const isOverlapped = probe !== undefined && probe.waitShare >= settings.overlapFrom
  const isWorthWorkers =
    sample.results.restCount > 0 && !isOverlapped && remainingMs >= settings.worthWorkersMs
  const loop = new PlainLoop(task, sample, settings)
  const worker = isWorthWorkers
    ? await abortable(
        askWorker(task, sample, loop, {
          ...settings,
          startMs,
          probedMs: main?.itemTimeMs ?? Number.NaN,
        }),
        signal,
        () => {},
      )
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
    isTainted: isTaintedBy(foreignShare),
    durationMs: clock.now() - startMs,
  }
}

/** What the caller's thread tells, where it may be asked. */
async function probeHere<I, O>(
  task: PreparedTask<I, O>,
  sample: Sample<I, O>,
  { allowMainThread, clock, signal }: DryRunSettings,
): Promise<ProbeResult | undefined> {
  if (!allowMainThread) return undefined
  return abortable(probeItems(task, sample, clock, signal), signal, () => {})
}

/** What it has told already. */
function probeOf<O>({ results, itemTimeMs, waitShare }: BegunMap<O>): ProbeResult {
  const steadyState = new SteadyState()
  steadyState.addBatch([itemTimeMs], results.doneCount)
  return { steadyState, waitShare }
}

/** What else is known when a worker is asked. */
type AskSettings = DryRunSettings & {
  /** When the dry run began. */
  readonly startMs: number
  /** Item time on the caller's thread, NaN for none. */
  readonly probedMs: number
}

/**
 * What a worker tells. The caller's thread goes on with the items meanwhile, where it may: starting
 * a worker takes as long as many a map.
 */
async function askWorker<I, O>(
  task: PreparedTask<I, O>,
  sample: Sample<I, O>,
  loop: PlainLoop<I, O>,
  settings: AskSettings,
): Promise<(WorkerSampleResult & { costs: WorkerCosts }) | undefined> {
  const { allowMainThread } = settings
  const meanwhile = <T>(awaited: Promise<T>): Promise<T> =>
    allowMainThread ? loop.runWhile(awaited) : awaited

  // One that others keep busy would have these items wait for theirs.
  const { pool, warmAhead } = settings
  const { warmWorkers } = pool
  const mostWorkers = Math.max(1, warmWorkers, Math.min(warmAhead, warmWorkers + 1))
  const worker = pool.leastBusyPlace(pool.placesFor(mostWorkers))
  const at = { ...settings, worker }
  const undisturbedMs = undisturbedStartMs(sample.results.restCount, at)
  const askedMs = settings.clock.now()
  const starting = startWorker(task, at)
  await Promise.race([
    Promise.allSettled([starting]),
    setTimeout(undisturbedMs, undefined, UNNOTICED),
  ])
  const start = await (allowMainThread ? loop.runUntil(starting) : starting)
  if (!start) return undefined
  // One that another call is starting has not started yet, and a busy one keeps waiting as well.
  const waitedMs = settings.clock.now() - askedMs
  const { startUpMs, wasWarm } = start
  const started = { startUpMs: withoutOverrun(startUpMs, loop.overrunMs), wasWarm }
  // The probe ran the function cold; the loop knows better what is left.
  const itemTimeMs = loop.itemCount === 0 ? settings.probedMs : loop.itemTimeMs
  const remainingMs = sample.results.restCount * itemTimeMs
  if (allowMainThread && remainingMs < WORTH_SAMPLING_MS) return undefined
  const dispatch = await measureDispatch(task, at)
  // Not before: the start of another worker would disturb that of the first. Of a pool that is closed
  // meanwhile the next chunk tells.
  settings.pool.warm(workersWorth(remainingMs, settings)).catch(() => {})
  const spentMs = settings.clock.now() - settings.startMs - waitedMs
  const budgetMs = restOfBudget(settings.budgetMs, spentMs)
  const sampled = await meanwhile(sampleOnWorker(task, sample, { ...at, budgetMs }))
  const { payload, memoryBytes } = sampled
  return { ...sampled, costs: { ...started, ...dispatch, ...payload, memoryBytes } }
}

/** Time that a start is given before the caller's thread runs items. */
function undisturbedStartMs(
  restCount: number,
  { pool, worker, probedMs }: AskSettings & { readonly worker: number },
): number {
  if (Math.min(TURNS_OF_A_START, restCount) * probedMs > WORTH_WAITING_MS) return LONGEST_START_MS
  return pool.isRunning(worker) ? LONGEST_READY_MS : 0
}

/** What the probe and the empty chunks have left of the budget, which is the worker's for the most part. */
function restOfBudget(budgetMs: number, spentMs: number): number {
  return Math.max(WORKER_SHARE * budgetMs, budgetMs - spentMs)
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

function assertBegun<O>({ itemTimeMs, waitShare }: BegunMap<O>): void {
  if (!(itemTimeMs >= 0 && itemTimeMs < Infinity)) {
    throw new InvalidOptionError('itemTimeMs', 'a finite number of milliseconds from 0', itemTimeMs)
  }
  if (waitShare >= 0 && waitShare <= 1) return
  throw new InvalidOptionError('waitShare', 'a number from 0 to 1', waitShare)
}

function assertMilliseconds(option: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return
  throw new InvalidOptionError(option, 'a number of milliseconds from 0', value)
}

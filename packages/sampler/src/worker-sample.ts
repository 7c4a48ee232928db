/**
 * The second part of a dry run: what only a worker can tell. Its start-up, the cost of talking to
 * it, what the items cost over there, and what it costs to send them and to take results back.
 */
import { median, quantile } from '@amorsize/features'

import { TIMED_PAIRS } from './clone-cost.ts'
import type { Clock } from './clock.ts'
import { ItemError } from './errors.ts'
import type { PayloadCost } from './payload.ts'
import { measurePayload } from './payload.ts'
import type { Sample } from './sample.ts'
import type { WorkerCosts } from './sampling-result.ts'
import { SteadyState } from './steady-state.ts'
import type { PreparedTask } from './prepared-task.ts'
import type { ChunkResult } from './chunk-result.ts'
import type { TaskPool } from './task-pool.ts'

/**
 * Empty round trips, the quick ones of which tell the dispatch overhead: the first of a process run cold
 * and take twice as long, and any may be disturbed.
 */
const EMPTY_CHUNKS = 8
const QUICK_SHARE = 0.25

/** The caller's thread works about as long on a reply as on a request. */
const MAIN_SHARES_PER_ROUND_TRIP = 2

/**
 * Of a map that is not long, sampling may take this share. Its results are kept, so what is lost is
 * only that one worker does it and not all.
 */
const SHARE_OF_TOTAL = 0.05

/** The other items are left for all workers to share. */
const MOST_SAMPLED = 0.25

/** More of the quickest items tell nothing new, and to time each takes longer than the item. */
const MOST_ITEMS = 16_384

/** Even of a short map: less would see little but cold code. By bench/estimate-error.mjs. */
const LEAST_SAMPLING_MS = 25

/** Batches double; those of a function that is over with one in less than this grow twice as quickly. */
const SHORT_BATCH_MS = 1
const GROWTH = 2
const GROWTH_OF_SHORT = 4

/** Share of the budget by which the last item may overrun it. */
const OVERRUN_SHARE = 0.25

/** What a worker told. */
export interface WorkerSampleResult {
  readonly steadyState: SteadyState
  readonly waitShare: number
  readonly payload: PayloadCost
  /** Memory that the worker held after the last item. */
  readonly memoryBytes: number
}

/** What a chunk costs beside its items, milliseconds. */
export type DispatchCost = Pick<WorkerCosts, 'dispatchMs' | 'mainDispatchMs'>

/** What a sample in a worker needs to know. */
export interface WorkerSampleSettings {
  readonly pool: TaskPool
  /** Place of the worker that is asked. */
  readonly worker: number
  readonly budgetMs: number
  readonly clock: Clock
  readonly itemTimeoutMs?: number
  readonly signal?: AbortSignal
}

/** A worker that has the task. */
export interface StartedWorker {
  readonly startUpMs: number
  readonly wasWarm: boolean
}

/** Starts the worker, where it is not running, and has it load the task. */
export async function startWorker<I, O>(
  task: PreparedTask<I, O>,
  settings: WorkerSampleSettings,
): Promise<StartedWorker> {
  const wasWarm = settings.pool.isRunning(settings.worker)
  const { durationMs } = await timed(settings.clock, () => sendEmpty(settings, task))
  return { startUpMs: wasWarm ? 0 : durationMs, wasWarm }
}

/** What empty chunks last cost in each pool: the same whatever the task, and both threads are idle for it. */
const dispatchCosts = new WeakMap<
  TaskPool,
  { readonly cost: DispatchCost; readonly atMs: number }
>()

/** The machine may have become busy since. */
const DISPATCH_KNOWN_MS = 10_000

/**
 * What an empty chunk costs; where it has to be measured, the caller's thread has to be idle meanwhile.
 * Beside the chunks of others it waits for them, which is not remembered.
 */
export async function measureDispatch<I, O>(
  task: PreparedTask<I, O>,
  settings: WorkerSampleSettings,
): Promise<DispatchCost> {
  const { pool, clock } = settings
  const known = dispatchCosts.get(pool)
  const ageMs = known ? clock.now() - known.atMs : Infinity
  const wasIdle = pool.isIdle
  if (known && (!wasIdle || (ageMs >= 0 && ageMs < DISPATCH_KNOWN_MS))) return known.cost
  const cost = await timeEmptyChunks(clock, () => sendEmpty(settings, task))
  if (wasIdle && pool.isIdle) dispatchCosts.set(pool, { cost, atMs: clock.now() })
  return cost
}

/** A chunk that is not timed: timing costs the worker more than an empty chunk does. */
function sendEmpty<I, O>(
  { pool, worker, signal }: WorkerSampleSettings,
  task: PreparedTask<I, O>,
): Promise<ChunkResult> {
  return pool.runChunk(task.definition, [], {
    maxWorkers: 1,
    places: [worker],
    ...(signal && { signal }),
  })
}

/**
 * Runs items of the sample in batches of growing size on one worker, until the item
 * time is known or the budget ends; at least one item in any case. After the first batch, whose
 * length nobody knows, the next waits at the worker while one is run: the caller's thread may be busy
 * when a reply comes, and the worker is not to idle meanwhile.
 * @throws {@link ItemError} where an item fails there.
 */
export async function sampleOnWorker<I, O>(
  task: PreparedTask<I, O>,
  sample: Sample<I, O>,
  settings: WorkerSampleSettings,
): Promise<WorkerSampleResult> {
  const sampler = new WorkerSampler(task, sample, settings)
  await sampler.runBatch(1)
  let next = sampler.runBatch(2)
  for (let batchSize = 4; ; batchSize *= sampler.growth) {
    const afterNext = sampler.runBatch(batchSize)
    // Whatever fails is told by the one that is awaited.
    afterNext.catch(() => {})
    const isOver = !(await next)
    next = afterNext
    if (isOver) break
  }
  await next
  return sampler.result()
}

class WorkerSampler<I, O> {
  readonly #task: PreparedTask<I, O>
  readonly #sample: Sample<I, O>
  readonly #settings: WorkerSampleSettings
  readonly #steadyState = new SteadyState()
  readonly #pairs: [I, O][] = []
  readonly #waits: number[] = []
  readonly #startMs: number
  readonly #mostItems: number
  #taken = 0
  /** Items that were sent and have not come back. */
  #underWay = 0
  /** Time that others had the cores, which is no time spent on sampling. */
  #queueMs = 0
  #memoryBytes = 0
  #lastBatchMs = Infinity
  #isLost = false

  constructor(task: PreparedTask<I, O>, sample: Sample<I, O>, settings: WorkerSampleSettings) {
    this.#task = task
    this.#sample = sample
    this.#settings = settings
    this.#startMs = settings.clock.now()
    this.#mostItems = Math.min(
      MOST_ITEMS,
      Math.max(1, Math.floor(sample.items.length * MOST_SAMPLED)),
    )
  }

  result(): WorkerSampleResult {
    return {
      steadyState: this.#steadyState,
      waitShare: this.#waits.length === 0 ? 0 : median(this.#waits),
      payload: measurePayload(this.#pairs, this.#settings.clock),
      memoryBytes: this.#memoryBytes,
    }
  }

  /** How many times as large as the last batch the next one is to be. */
  get growth(): number {
    return this.#lastBatchMs < SHORT_BATCH_MS ? GROWTH_OF_SHORT : GROWTH
  }

  /** Runs up to so many items; resolves with whether there is anything to be run after them. */
  async runBatch(batchSize: number): Promise<boolean> {
    const { signal, pool, worker, itemTimeoutMs } = this.#settings
    signal?.throwIfAborted()
    const positions = this.#take(batchSize)
    if (positions.length === 0) return false
    // The positions are within the items.
    const items = positions.map((index) => this.#sample.items[index]!)
    this.#underWay += positions.length
    try {
      const reply = await pool.runChunk(this.#task.definition, items, {
        maxWorkers: 1,
        places: [worker],
        isTimed: true,
        positions,
        ...(itemTimeoutMs !== undefined && { itemTimeoutMs }),
        ...(signal && { signal }),
      })
      this.#keep(positions, items, reply)
    } catch (error) {
      signal?.throwIfAborted()
      // The worker is gone; what it ran is left to whoever runs the rest.
      this.#isLost = true
      this.#sample.fail(error)
    } finally {
      this.#underWay -= positions.length
    }
    return !this.#isLost
  }

  #take(batchSize: number): number[] {
    const { budgetMs, clock } = this.#settings
    const { itemTimeMs, busyMs, isSettled } = this.#steadyState
    const underWayMs = itemTimeMs > 0 ? this.#underWay * itemTimeMs : 0
    const leftMs = Math.min(
      budgetMs - (clock.now() - this.#startMs - this.#queueMs) - underWayMs,
      longestSampling(this.#steadyState, this.#sample) - busyMs - underWayMs,
    )
    const isOver = isSettled || leftMs <= 0 || leftMs + OVERRUN_SHARE * budgetMs < itemTimeMs
    if (this.#isLost || (batchSize > 1 && isOver)) return []
    const fitting = countFitting(leftMs, this.#steadyState)
    const positions = this.#sample.take(Math.min(batchSize, fitting, this.#mostItems - this.#taken))
    this.#taken += positions.length
    return positions
  }

  #keep(positions: readonly number[], items: readonly I[], reply: ChunkResult): void {
    const { values, failure, itemTimesMs, busyMs, waitShare, memoryBytes, queueMs } = reply
    this.#memoryBytes = memoryBytes
    this.#queueMs += queueMs
    this.#lastBatchMs = busyMs
    for (const [offset, value] of values.entries()) {
      this.#sample.results.set(positions[offset]!, value as O)
      if (this.#pairs.length < TIMED_PAIRS) this.#pairs.push([items[offset]!, value as O])
    }
    if (failure) this.#sample.fail(new ItemError(positions[failure.offset]!, failure.error))
    // After one that failed, the others of the batch did not run.
    if (itemTimesMs.length === 0) return
    this.#sample.note(positions.slice(0, itemTimesMs.length), itemTimesMs)
    this.#steadyState.addBatch(itemTimesMs)
    this.#waits.push(waitShare)
  }
}

/** Time in the task that is in proportion to the map; unknown before the first item. */
function longestSampling<I, O>({ itemTimeMs }: SteadyState, { results }: Sample<I, O>): number {
  const shareMs = SHARE_OF_TOTAL * results.restCount * itemTimeMs
  return Number.isNaN(shareMs) ? Infinity : Math.max(shareMs, LEAST_SAMPLING_MS)
}

/** Number of items that the time left is enough for, at least one. */
function countFitting(leftMs: number, { itemTimeMs }: SteadyState): number {
  return itemTimeMs > 0 ? Math.max(1, Math.ceil(leftMs / itemTimeMs)) : 1
}

async function timeEmptyChunks(
  clock: Clock,
  send: () => Promise<ChunkResult>,
): Promise<DispatchCost> {
  const trips: { durationMs: number; value: ChunkResult }[] = []
  for (let trip = 0; trip < EMPTY_CHUNKS; trip++) trips.push(await timed(clock, send))
  return {
    dispatchMs: quickOf(trips.map(({ durationMs }) => durationMs)),
    mainDispatchMs: quickOf(trips.map(({ value }) => value.sendMs)) * MAIN_SHARES_PER_ROUND_TRIP,
  }
}

function quickOf(timesMs: readonly number[]): number {
  const ascending = timesMs.toSorted((a, b) => a - b)
  return quantile(ascending, QUICK_SHARE)
}

async function timed<T>(
  clock: Clock,
  run: () => Promise<T>,
): Promise<{ durationMs: number; value: T }> {
  const startMs = clock.now()
  const value = await run()
  return { durationMs: clock.now() - startMs, value }
}

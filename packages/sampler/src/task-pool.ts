/** The workers that dry runs and executions share: started when first needed, kept warm. */
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { InvalidOptionError, PoolClosedError, TaskLoadError } from './errors.ts'
import { fromTransferredError } from './error-transfer.ts'
import { isCloneable } from './cloneable.ts'
import { startPoolWorker } from './pool-worker.ts'
import type { PoolWorker, Runtime } from './pool-worker.ts'
import type { ChunkReply, TaskDefinition } from './protocol.ts'

/**
 * Settings of a {@link TaskPool}.
 * @public
 */
export interface TaskPoolOptions {
  /** How workers run. @defaultValue `'worker_threads'` */
  readonly runtime?: Runtime
  /** Where durations come from. @defaultValue {@link systemClock} */
  readonly clock?: Clock
}

/**
 * What became of a chunk of items.
 * @public
 */
export interface ChunkResult {
  /** Results of the items before the failed one, in order; of all items where none failed. */
  readonly values: readonly unknown[]
  /** The first item that failed, by its place in the chunk, and what it threw. */
  readonly failure?: { readonly offset: number; readonly error: unknown }
  /** Time the worker spent on the items, milliseconds. */
  readonly busyMs: number
  /** Share of that time in which the worker had nothing to compute, 0..1. */
  readonly waitShare: number
  /** One time an item, milliseconds, where asked for; else empty. */
  readonly itemTimesMs: Float64Array
  /** Time the caller's thread spent on sending the chunk, milliseconds. */
  readonly sendMs: number
}

/**
 * How a chunk is run.
 * @public
 */
export interface RunChunkOptions {
  /** Only the first so many workers may take the chunk, an integer from 1. */
  readonly maxWorkers: number
  /** Whether each item is timed. @defaultValue `false` */
  readonly isTimed?: boolean
}

/** A worker holds the code and context of so many tasks; a dropped one is sent again when needed. */
const TASKS_PER_WORKER = 16

interface Slot {
  readonly index: number
  readonly worker: Promise<PoolWorker>
  /** Tasks that the worker holds, least recently used first. */
  readonly knownTasks: Set<number>
  inFlight: number
}

/**
 * A pool of warm workers for any number of tasks.
 *
 * @remarks
 * A worker starts when a chunk needs it, learns a task with the first chunk of it, and is replaced
 * after it dies. Idle workers keep no process alive, so closing is a courtesy, not a duty.
 * @public
 */
export class TaskPool {
  /** How the workers of this pool run. */
  readonly runtime: Runtime
  readonly #clock: Clock
  readonly #slots: (Slot | undefined)[] = []
  readonly #taskIds = new WeakMap<TaskDefinition, number>()
  #nextTaskId = 0
  #isClosed = false

  /**
   * @param options - Runtime and clock.
   * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION` for an unknown runtime.
   */
  constructor(options: TaskPoolOptions = {}) {
    const { runtime = 'worker_threads', clock = systemClock } = options
    if (runtime !== 'worker_threads' && runtime !== 'child_process') {
      throw new InvalidOptionError('runtime', "'worker_threads' or 'child_process'", runtime)
    }
    this.runtime = runtime
    this.#clock = clock
  }

  /** Number of workers that are started and alive. */
  get warmWorkers(): number {
    return this.#slots.filter(Boolean).length
  }

  /** Whether {@link TaskPool.close} was called. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Runs a chunk on the least busy of the first `maxWorkers` workers.
   *
   * @param definition - The task; the same object for every chunk of one task, so that a worker
   * gets it, and the context in it, only once.
   * @param items - The items of the chunk.
   * @returns What became of the items. A failed item is part of the result, not an exception.
   * @throws {@link WorkerExitError} `AMORSIZE_SAMPLER_WORKER_EXIT` where the worker died.
   * @throws {@link TaskLoadError} `AMORSIZE_SAMPLER_TASK_LOAD` where the task cannot be made.
   * @throws {@link PoolClosedError} `AMORSIZE_SAMPLER_POOL_CLOSED` after `close()`.
   */
  async runChunk(
    definition: TaskDefinition,
    items: readonly unknown[],
    options: RunChunkOptions,
  ): Promise<ChunkResult> {
    if (this.#isClosed) throw new PoolClosedError()
    const slot = this.#leastBusySlot(options.maxWorkers)
    slot.inFlight++
    try {
      return await this.#runOn(slot, definition, items, options.isTimed ?? false)
    } finally {
      slot.inFlight--
    }
  }

  /** Ends the first `count` workers that are busy, whatever they run; the next chunk starts new ones. */
  async terminateBusy(count: number = this.#slots.length): Promise<void> {
    const busy = this.#slots.slice(0, count).filter((slot) => slot && slot.inFlight > 0)
    await Promise.all(busy.map((slot) => this.#end(slot!)))
  }

  /** Ends all workers; resolves within a few seconds whatever they are doing. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#slots.map((slot) => (slot ? this.#end(slot) : Promise.resolve())))
  }

  /** Lets `await using` close the pool. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #leastBusySlot(maxWorkers: number): Slot {
    let best: Slot | undefined
    for (let index = 0; index < maxWorkers; index++) {
      const slot = this.#slots[index]
      if (!slot) return best?.inFlight === 0 ? best : this.#startSlot(index)
      if (!best || slot.inFlight < best.inFlight) best = slot
    }
    return best ?? this.#startSlot(0)
  }

  #startSlot(index: number): Slot {
    const slot: Slot = {
      index,
      worker: startPoolWorker(this.runtime),
      knownTasks: new Set(),
      inFlight: 0,
    }
    this.#slots[index] = slot
    slot.worker.then(
      (worker) => worker.gone.then(() => this.#forget(slot)),
      () => this.#forget(slot),
    )
    return slot
  }

  async #runOn(
    slot: Slot,
    definition: TaskDefinition,
    items: readonly unknown[],
    isTimed: boolean,
  ): Promise<ChunkResult> {
    const worker = await slot.worker
    const taskId = this.#idOf(definition)
    const isKnown = slot.knownTasks.has(taskId)
    const forget = remember(slot.knownTasks, taskId)
    const request = { taskId, items, isTimed, ...(forget !== undefined && { forget }) }
    const startMs = this.#clock.now()
    const replied = worker.run(isKnown ? request : { ...request, definition })
    const sendMs = this.#clock.now() - startMs
    try {
      return toResult(await replied, sendMs)
    } catch (error) {
      if (!isKnown) slot.knownTasks.delete(taskId)
      return uncloneableItem(items, error, sendMs)
    }
  }

  #idOf(definition: TaskDefinition): number {
    let id = this.#taskIds.get(definition)
    if (id === undefined) this.#taskIds.set(definition, (id = this.#nextTaskId++))
    return id
  }

  #forget(slot: Slot): void {
    if (this.#slots[slot.index] === slot) this.#slots[slot.index] = undefined
  }

  async #end(slot: Slot): Promise<void> {
    this.#forget(slot)
    const worker = await slot.worker
    await worker.terminate()
  }
}

/** Marks a task as just used; returns the one that the worker has to drop for it, if any. */
function remember(knownTasks: Set<number>, taskId: number): number | undefined {
  knownTasks.delete(taskId)
  knownTasks.add(taskId)
  const [oldest] = knownTasks
  if (knownTasks.size <= TASKS_PER_WORKER || oldest === undefined) return undefined
  knownTasks.delete(oldest)
  return oldest
}

/** @throws {@link TaskLoadError} as the worker threw it. */
function toResult(reply: ChunkReply, sendMs: number): ChunkResult {
  if (!reply.ok) {
    const error = fromTransferredError(reply.error)
    // The worker threw one of ours; only its class was lost on the way.
    throw error instanceof Error ? Object.setPrototypeOf(error, TaskLoadError.prototype) : error
  }
  const { values, failure, busyMs, waitShare, itemTimesMs } = reply
  return {
    values,
    ...(failure && {
      failure: { offset: failure.offset, error: fromTransferredError(failure.error) },
    }),
    busyMs,
    waitShare,
    itemTimesMs,
    sendMs,
  }
}

/** The item that could not be sent, as a failure of that item; any other error is thrown on. */
function uncloneableItem(items: readonly unknown[], error: unknown, sendMs: number): ChunkResult {
  const offset = items.findIndex((item) => !isCloneable(item))
  if (!(error instanceof Error) || error.name !== 'DataCloneError') throw error
  if (offset === -1) {
    throw new TaskLoadError(
      `The context cannot be sent to a worker: ${error.message}.`,
      undefined,
      'Give a context of plain data: no functions, class instances with methods or open handles.',
      error,
    )
  }
  return {
    values: [],
    failure: { offset, error: new TypeError('it cannot be sent to a worker', { cause: error }) },
    busyMs: 0,
    waitShare: 0,
    itemTimesMs: new Float64Array(),
    sendMs,
  }
}

/** The workers that dry runs and executions share: started when first needed, kept warm. */
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { watchChunk } from './chunk-watch.ts'
import { InvalidOptionError, PoolClosedError, TaskLoadError, WorkerExitError } from './errors.ts'
import { fromTransferredError } from './error-transfer.ts'
import { assertCloneable, assertEncodable, isSendable } from './cloneable.ts'
import { SendError, startPoolWorker } from './pool-worker.ts'
import type { PoolWorker, ResourceLimits, Runtime, WorkerSettings } from './pool-worker.ts'
import type { ChunkReply, TaskDefinition } from './protocol.ts'
import { workerFlags } from './worker-flags.ts'
import { WorkerLoss } from './worker-loss.ts'

/**
 * Settings of a {@link TaskPool}.
 * @public
 */
export interface TaskPoolOptions {
  /** How workers run. @defaultValue `'worker_threads'` */
  readonly runtime?: Runtime
  /**
   * Flags of `node` for the workers, such as `--max-old-space-size=512`.
   * @defaultValue those of this process, without the ones about its own script
   */
  readonly execArgv?: readonly string[]
  /** Limits of each thread's heap; a child process is limited by `execArgv` instead. */
  readonly resourceLimits?: ResourceLimits
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
  /**
   * Part of that time in which others had the cores, milliseconds: known on Linux, where items are
   * timed, else 0.
   */
  readonly queueMs: number
  /** One time an item, milliseconds, without the waits for a core, where asked for; else empty. */
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
  /** Position in the data of each item, for errors. @defaultValue its place in the chunk */
  readonly positions?: ArrayLike<number>
  /** Longest time of one item, milliseconds above 0; its worker is ended. @defaultValue any time */
  readonly itemTimeoutMs?: number
  /** Ends the chunk, and its worker where the chunk has started. */
  readonly signal?: AbortSignal
}

/** A worker holds the code and context of so many tasks; a dropped one is sent again when needed. */
const TASKS_PER_WORKER = 16

/** A chunk that was never started is sent to so many workers before it is given up. */
const MOST_ATTEMPTS = 3

/** The largest delay of a timer. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** A reply of a worker that knew the task. */
type TaskReply = Exclude<ChunkReply, { kind: 'unknown task' }>

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
  readonly #settings: WorkerSettings
  readonly #clock: Clock
  readonly #slots: (Slot | undefined)[] = []
  /** Workers that take no more chunks, but may not be gone yet. */
  readonly #leaving = new Set<PoolWorker>()
  readonly #taskIds = new WeakMap<TaskDefinition, number>()
  #nextTaskId = 0
  #isClosed = false

  /**
   * @param options - Runtime, its flags and limits, and clock.
   * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION` for an unknown runtime.
   */
  constructor(options: TaskPoolOptions = {}) {
    const { runtime = 'worker_threads', clock = systemClock, resourceLimits } = options
    if (runtime !== 'worker_threads' && runtime !== 'child_process') {
      throw new InvalidOptionError('runtime', "'worker_threads' or 'child_process'", runtime)
    }
    const { execArgv = workerFlags(process.execArgv) } = options
    if (!Array.isArray(execArgv) || execArgv.some((flag) => typeof flag !== 'string')) {
      throw new InvalidOptionError('execArgv', 'an array of strings', execArgv)
    }
    this.runtime = runtime
    this.#settings = { runtime, execArgv, resourceLimits }
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
   * @throws {@link WorkerExitError} `AMORSIZE_SAMPLER_WORKER_EXIT` where the worker died; its `index`
   * names the item that was running. A chunk of which no item had started runs on another worker.
   * @throws {@link ItemTimeoutError} `AMORSIZE_SAMPLER_ITEM_TIMEOUT` where an item took too long.
   * @throws {@link TaskLoadError} `AMORSIZE_SAMPLER_TASK_LOAD` where the task cannot be made.
   * @throws {@link PoolClosedError} `AMORSIZE_SAMPLER_POOL_CLOSED` after `close()`.
   * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION`
   * @throws `signal.reason` after an abort.
   */
  async runChunk(
    definition: TaskDefinition,
    items: readonly unknown[],
    options: RunChunkOptions,
  ): Promise<ChunkResult> {
    assertChunkOptions(options)
    for (let attempt = 1; ; attempt++) {
      options.signal?.throwIfAborted()
      if (this.#isClosed) throw new PoolClosedError()
      const slot = this.#leastBusySlot(options.maxWorkers)
      slot.inFlight++
      try {
        return await this.#runOn(slot, definition, items, options)
      } catch (error) {
        if (!(error instanceof WorkerLoss)) throw error
        if (this.#isClosed) throw new PoolClosedError()
        const isLastAttempt = !error.canRunElsewhere || attempt === MOST_ATTEMPTS
        if (isLastAttempt) throw exitError(error, options)
      } finally {
        slot.inFlight--
      }
    }
  }

  /** Ends the first `count` workers that are busy, whatever they run; the next chunk starts new ones. */
  async terminateBusy(count: number = this.#slots.length): Promise<void> {
    const busy = this.#slots.slice(0, count).filter((slot) => slot && slot.inFlight > 0)
    await Promise.all(busy.map((slot) => this.#end(slot!)))
  }

  /**
   * Ends all workers, whatever they run; resolves when they are gone, within a few seconds. Chunks in
   * flight reject with {@link PoolClosedError}.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    const open = this.#slots.filter((slot) => slot !== undefined)
    await Promise.all(open.map((slot) => this.#end(slot)))
    await Promise.all([...this.#leaving].map((worker) => worker.terminate()))
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
      worker: startPoolWorker(this.#settings, (worker) => this.#replace(slot, worker)),
      knownTasks: new Set(),
      inFlight: 0,
    }
    this.#slots[index] = slot
    slot.worker.catch(() => this.#forget(slot))
    return slot
  }

  async #runOn(
    slot: Slot,
    definition: TaskDefinition,
    items: readonly unknown[],
    options: RunChunkOptions,
  ): Promise<ChunkResult> {
    const worker = await slot.worker
    options.signal?.throwIfAborted()
    const taskId = this.#idOf(definition)
    const isKnown = slot.knownTasks.has(taskId)
    const forget = remember(slot.knownTasks, taskId)
    const startMs = this.#clock.now()
    const running = worker.run({
      taskId,
      items,
      isTimed: options.isTimed ?? false,
      ...(!isKnown && { definition }),
      ...(forget !== undefined && { forget }),
    })
    const sendMs = this.#clock.now() - startMs
    try {
      const reply = await watchChunk(running, worker, {
        itemTimeoutMs: options.itemTimeoutMs,
        signal: options.signal,
        indexOf: (offset) => positionOf(offset, options),
        clock: this.#clock,
      })
      if (reply.kind !== 'unknown task') return toResult(reply, sendMs)
    } catch (error) {
      slot.knownTasks.delete(taskId)
      if (!(error instanceof SendError)) throw error
      return this.#uncloneable(items, error.cause, sendMs)
    }
    // The chunk that the worker should have learned the task from did not arrive.
    slot.knownTasks.delete(taskId)
    return this.#runOn(slot, definition, items, options)
  }

  #idOf(definition: TaskDefinition): number {
    let id = this.#taskIds.get(definition)
    if (id === undefined) this.#taskIds.set(definition, (id = this.#nextTaskId++))
    return id
  }

  #forget(slot: Slot): void {
    if (this.#slots[slot.index] === slot) this.#slots[slot.index] = undefined
  }

  /** The next chunk starts another worker in its place; `close()` waits for this one too. */
  #replace(slot: Slot, worker: PoolWorker): void {
    this.#forget(slot)
    this.#leaving.add(worker)
    void worker.gone.then(() => this.#leaving.delete(worker))
  }

  async #end(slot: Slot): Promise<void> {
    this.#forget(slot)
    const worker = await slot.worker
    await worker.terminate()
  }

  /** The item that could not be sent, as a failure of that item. */
  #uncloneable(items: readonly unknown[], cause: unknown, sendMs: number): ChunkResult {
    const assertSendable = this.runtime === 'child_process' ? assertEncodable : assertCloneable
    const offset = items.findIndex((item) => !isSendable(item, assertSendable))
    const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
    if (offset === -1) {
      throw new TaskLoadError(
        `The context cannot be sent to a worker: ${reason}.`,
        undefined,
        'Give a context of plain data: no functions, class instances with methods or open handles.',
        cause,
      )
    }
    return {
      values: [],
      failure: {
        offset,
        error: new TypeError(`it cannot be sent to a worker, ${reason}`, { cause }),
      },
      busyMs: 0,
      waitShare: 0,
      queueMs: 0,
      itemTimesMs: new Float64Array(),
      sendMs,
    }
  }
}

function assertChunkOptions({ maxWorkers, itemTimeoutMs, signal }: RunChunkOptions): void {
  if (!Number.isInteger(maxWorkers) || maxWorkers < 1) {
    throw new InvalidOptionError('maxWorkers', 'an integer from 1', maxWorkers)
  }
  const isTimeout = typeof itemTimeoutMs === 'number' && itemTimeoutMs > 0
  if (itemTimeoutMs !== undefined && !(isTimeout && itemTimeoutMs <= LONGEST_TIMEOUT_MS)) {
    const expected = `a number of milliseconds above 0, at most ${LONGEST_TIMEOUT_MS}`
    throw new InvalidOptionError('itemTimeoutMs', expected, itemTimeoutMs)
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidOptionError('signal', 'an AbortSignal', signal)
  }
}

function positionOf(offset: number, { positions }: RunChunkOptions): number {
  return positions?.[offset] ?? offset
}

function exitError({ how, cause, offset }: WorkerLoss, options: RunChunkOptions): WorkerExitError {
  const index = offset === undefined ? undefined : positionOf(offset, options)
  return new WorkerExitError(how, cause, index)
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
function toResult(reply: TaskReply, sendMs: number): ChunkResult {
  if (reply.kind === 'no task') {
    const error = fromTransferredError(reply.error)
    // The worker threw one of ours; only its class was lost on the way.
    throw error instanceof Error ? Object.setPrototypeOf(error, TaskLoadError.prototype) : error
  }
  const { values, failure, busyMs, waitShare, queueMs, itemTimesMs } = reply
  return {
    values,
    ...(failure && {
      failure: { offset: failure.offset, error: fromTransferredError(failure.error) },
    }),
    busyMs,
    waitShare,
    queueMs,
    itemTimesMs,
    sendMs,
  }
}

/** The workers that dry runs and executions share: started when first needed, kept warm. */
import { abortable } from './abortable.ts'
import { toResult, unsentResult } from './chunk-result.ts'
import type { ChunkResult } from './chunk-result.ts'
import { watchChunk } from './chunk-watch.ts'
import type { Clock } from './clock.ts'
import { PoolClosedError, WorkerExitError } from './errors.ts'
import { packNumbers } from './number-packing.ts'
import { assertChunkOptions, assertWorkerCount, checked } from './pool-options.ts'
import type { RunChunkOptions, TaskPoolOptions } from './pool-options.ts'
import type { PoolWorker, Runtime, WorkerSettings } from './pool-worker.ts'
import type { TaskDefinition } from './protocol.ts'
import { rememberTask } from './task-memory.ts'
import { SendError, WorkerLoss } from './worker-loss.ts'
import { firstPlaces, freePlaces, leastBusyPlace } from './worker-places.ts'
import { ISOLATED, WorkerSlot } from './worker-slot.ts'

/** A chunk that so many workers were lost with before its first item is given up. */
const MOST_LOSSES = 3

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
  readonly #maxWorkerMemoryBytes: number
  readonly #clock: Clock
  readonly #slots: (WorkerSlot | undefined)[] = []
  /** Workers that were started for one chunk. */
  readonly #isolated = new Set<WorkerSlot>()
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
    const { runtime, execArgv, resourceLimits, maxWorkerMemoryBytes, clock } = checked(options)
    this.runtime = runtime
    this.#maxWorkerMemoryBytes = maxWorkerMemoryBytes
    this.#settings = { runtime, execArgv, resourceLimits }
    this.#clock = clock
  }

  /** Number of workers that are alive, those that are starting included. */
  get warmWorkers(): number {
    return this.#slots.filter(Boolean).length
  }

  /** Number of workers that have started and are alive: one that is starting keeps a chunk waiting. */
  get readyWorkers(): number {
    return this.#slots.filter((slot) => slot?.isReady).length
  }

  /**
   * Whether a worker is alive, or starting.
   *
   * @param place - Its place, an integer from 0.
   */
  isRunning(place: number): boolean {
    return this.#slots[place] !== undefined
  }

  /** Whether no chunk is under way. */
  get isIdle(): boolean {
    return !this.#slots.some((slot) => slot && slot.inFlight > 0)
  }

  /** Whether {@link TaskPool.close} was called. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Places of so many workers for one map: the first ones, but for those that have been at the same
   * chunk for long, which others would have to wait for. At most as many again are started instead.
   *
   * @param count - Number of workers, an integer from 0.
   * @returns As many places, integers from 0 and below twice the number.
   * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION`
   */
  placesFor(count: number): number[] {
    assertWorkerCount('count', count)
    return freePlaces(this.#slots, count)
  }

  /**
   * Place of the worker with the fewest chunks under way; of one yet to be started where all are busy.
   *
   * @param places - Those to choose from, in the order in which they are started; one or more.
   */
  leastBusyPlace(places: readonly number[]): number {
    return leastBusyPlace(this.#slots, places)
  }

  /**
   * Runs a chunk on the least busy of the first `maxWorkers` workers, or of those in `places`, or on a
   * new one of its own.
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
    // A typed array would be taken for packed numbers, whose memory is handed over.
    const list = Array.isArray(items) ? items : Array.from(items)
    let losses = 0
    for (;;) {
      options.signal?.throwIfAborted()
      if (this.#isClosed) throw new PoolClosedError()
      const slot = this.#slotFor(options)
      slot.begin()
      try {
        return await this.#runOn(slot, definition, list, options)
      } catch (error) {
        if (!(error instanceof WorkerLoss)) throw error
        if (this.#isClosed) throw new PoolClosedError()
        if (!error.isOthers) losses++
        if (!error.canRunElsewhere || losses === MOST_LOSSES) throw exitError(error, options)
      } finally {
        slot.settle()
        if (slot.isRetired && slot.inFlight === 0) void this.#end(slot)
        this.#isolated.delete(slot)
      }
    }
  }

  /**
   * Starts workers ahead of the chunks that will need them, at the places that a map would have now.
   * Nobody has to wait for it: a chunk goes to the first of them meanwhile.
   *
   * @param count - Number of workers to have, those that run already included, an integer from 0.
   * @returns Once they can take chunks. One that cannot be started is no error here; the chunk that
   * needs it says why.
   * @throws {@link PoolClosedError} `AMORSIZE_SAMPLER_POOL_CLOSED` after `close()`.
   * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION`
   */
  async warm(count: number): Promise<void> {
    assertWorkerCount('count', count)
    if (this.#isClosed) throw new PoolClosedError()
    const slots = this.placesFor(count).map((place) => this.#slots[place] ?? this.#startSlot(place))
    await Promise.allSettled(slots.map(({ worker }) => worker))
  }

  /**
   * Ends the first `count` workers that are busy, whatever they run and whoever runs it; the next chunk
   * starts new ones.
   */
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
    const open = [...this.#slots.filter((slot) => slot !== undefined), ...this.#isolated]
    await Promise.all(open.map((slot) => this.#end(slot)))
    await Promise.all([...this.#leaving].map((worker) => worker.terminate()))
  }

  /** Lets `await using` close the pool. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #slotFor({ isIsolated, maxWorkers, places }: RunChunkOptions): WorkerSlot {
    if (isIsolated) return this.#isolate()
    const place = leastBusyPlace(this.#slots, places ?? firstPlaces(this.#slots, maxWorkers))
    return this.#slots[place] ?? this.#startSlot(place)
  }

  #startSlot(index: number): WorkerSlot {
    const slot = this.#createSlot(index)
    this.#slots[index] = slot
    return slot
  }

  #isolate(): WorkerSlot {
    const slot = this.#createSlot(ISOLATED)
    this.#isolated.add(slot)
    slot.isRetired = true
    return slot
  }

  #createSlot(index: number): WorkerSlot {
    const slot: WorkerSlot = new WorkerSlot(index, this.#settings, this.#clock, (worker) =>
      this.#replace(slot, worker),
    )
    slot.worker.catch(() => this.#forget(slot))
    return slot
  }

  async #runOn(
    slot: WorkerSlot,
    definition: TaskDefinition,
    items: readonly unknown[],
    options: RunChunkOptions,
  ): Promise<ChunkResult> {
    // Others may wait for the same worker to start.
    const isWaiting = !slot.isReady && options.signal
    const worker = await (isWaiting
      ? abortable(slot.worker, options.signal, () => {})
      : slot.worker)
    options.signal?.throwIfAborted()
    const taskId = this.#idOf(definition)
    const isKnown = slot.knownTasks.has(taskId)
    const forget = rememberTask(slot.knownTasks, taskId)
    const startMs = this.#clock.now()
    const running = worker.run({
      taskId,
      items: packNumbers(items) ?? items,
      isTimed: options.isTimed ?? false,
      ...(!isKnown && { definition }),
      ...(forget !== undefined && { forget }),
    })
    const sendMs = this.#clock.now() - startMs
    try {
      const reply = await watchChunk(running, {
        itemTimeoutMs: options.itemTimeoutMs,
        signal: options.signal,
        indexOf: (offset) => positionOf(offset, options),
        clock: this.#clock,
      })
      const isTold = reply.kind === 'run' && items.length > 0
      if (isTold && slot.holdsTooMuch(reply.memoryBytes, this.#maxWorkerMemoryBytes)) {
        this.#retire(slot, worker)
      }
      if (reply.kind !== 'unknown task') return toResult(reply, sendMs)
    } catch (error) {
      slot.knownTasks.delete(taskId)
      if (!(error instanceof SendError)) throw error
      return unsentResult(items, error.cause, { runtime: this.runtime, sendMs })
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

  #forget(slot: WorkerSlot): void {
    if (this.#slots[slot.index] === slot) this.#slots[slot.index] = undefined
  }

  /** The next chunk starts another worker in its place; `close()` waits for this one too. */
  #replace(slot: WorkerSlot, worker: PoolWorker): void {
    this.#forget(slot)
    this.#leaving.add(worker)
    void worker.gone.then(() => this.#leaving.delete(worker))
  }

  #retire(slot: WorkerSlot, worker: PoolWorker): void {
    slot.isRetired = true
    this.#replace(slot, worker)
  }

  async #end(slot: WorkerSlot): Promise<void> {
    this.#forget(slot)
    await slot.end()
  }
}

function positionOf(offset: number, { positions }: RunChunkOptions): number {
  return positions?.[offset] ?? offset
}

function exitError(loss: WorkerLoss, options: RunChunkOptions): WorkerExitError {
  const { how, cause, offset, progress } = loss
  const index = offset === undefined ? undefined : positionOf(offset, options)
  return new WorkerExitError(how, cause, index, progress)
}

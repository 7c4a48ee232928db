/** A run on the workers of a pool: chunks are sent, what they give is kept, lost ones are isolated. */
import { CHUNKS_IN_FLIGHT_PER_WORKER, ItemError } from '@amorsize/sampler'
import type { ChunkResult, TaskDefinition } from '@amorsize/sampler'

import { tell } from '../diagnostics.ts'
import { settledWithin } from '../settled-within.ts'
import { usualDispatch } from '../usual-dispatch.ts'
import { ChunkLosses } from './chunk-losses.ts'
import { ChunkPace } from './chunk-pace.ts'
import { Dispatcher } from './dispatcher.ts'
import { DEFAULT_RETRIES } from './executor.ts'
import type { Execution, ExecutionCosts } from './executor.ts'
import { ItemTimes } from './item-times.ts'
import type { Chunk, Work } from './work.ts'

const events = process.getBuiltinModule('node:events')

/** Settings of a run on workers. */
export type ChunkRunSettings = Omit<
  Execution<never, never>,
  'task' | 'items' | 'results' | 'onItemError'
>

/** Time that chunks under way get to end by themselves, milliseconds. */
const LEAVING_GRACE_MS = 100

/** Sends chunks until none is left. */
export class ChunkRun<I, O> {
  readonly #definition: TaskDefinition
  readonly #work: Work<I, O>
  readonly #settings: ChunkRunSettings
  readonly #times = new ItemTimes()
  readonly #pace: ChunkPace
  readonly #losses: ChunkLosses<I>
  readonly #dispatcher: Dispatcher<I>
  /** Ends the chunks under way. */
  readonly #ending = new AbortController()
  /** Places of its workers in the pool; under a limit the first of them are in use. */
  readonly #places: readonly number[]
  #chunkCount = 0
  #computingMs = 0

  constructor(definition: TaskDefinition, work: Work<I, O>, settings: ChunkRunSettings) {
    const { plan, pool, plannedItemTimeMs = 0 } = settings
    const { dispatchMs = usualDispatch(pool.runtime).dispatchMs } = settings
    const { coefficientOfVariation = 0, trend = 0 } = settings
    this.#definition = definition
    this.#work = work
    this.#settings = settings
    const { chunkSize } = plan
    this.#pace = new ChunkPace(
      { chunkSize, itemTimeMs: plannedItemTimeMs, dispatchMs, coefficientOfVariation, trend },
      this.#times,
    )
    this.#places = settings.pool.placesFor(plan.nJobs)
    this.#losses = new ChunkLosses(settings.retries ?? DEFAULT_RETRIES)
    this.#dispatcher = new Dispatcher({
      work,
      slots: () => this.#workers() * CHUNKS_IN_FLIGHT_PER_WORKER,
      size: () => this.#pace.next(work.remaining, this.#workers()),
      run: (chunk) => this.#run(chunk),
      signal: settings.signal,
    })
    // Every chunk under way listens, which is more than Node takes for a leak.
    events.setMaxListeners(0, this.#ending.signal)
  }

  get costs(): ExecutionCosts {
    const computingMs = this.#computingMs
    return { ...this.#times.toCosts(this.#chunkCount, this.#losses.count), computingMs }
  }

  /** Resolves when every item has been run; rejects as soon as one of them ends the run. */
  complete(): Promise<void> {
    return this.#dispatcher.complete()
  }

  /** No chunk starts any more; those under way go on. */
  stop(): void {
    this.#dispatcher.stop()
  }

  /**
   * Ends the run; the chunks under way get a moment, as to end them ends their workers. Resolves when they
   * are over, or their workers are being ended.
   */
  async leave(reason: unknown): Promise<void> {
    this.stop()
    const isIdle = await settledWithin(this.#dispatcher.idle(), LEAVING_GRACE_MS)
    if (!isIdle) this.abort(reason)
  }

  /** Ends the run at once, and the workers that are at it: there is no other way to stop an item. */
  abort(reason: unknown): void {
    this.stop()
    this.#ending.abort(reason)
  }

  #workers(): number {
    const { plan, workerLimit } = this.#settings
    return workerLimit ? Math.max(1, Math.min(plan.nJobs, Math.floor(workerLimit()))) : plan.nJobs
  }

  async #run(chunk: Chunk<I>): Promise<void> {
    const startMs = performance.now()
    let result: ChunkResult
    try {
      result = await this.#send(chunk)
    } catch (error) {
      if (this.#ending.signal.aborted) return
      this.#runAgain(chunk, error)
      return
    }
    this.#keep(chunk, result)
    const { busyMs, waitShare, failure } = result
    const itemCount = result.values.length + (failure ? 1 : 0)
    this.#times.add(itemCount, busyMs)
    this.#computingMs += busyMs * (1 - waitShare)
    tell('chunk', () => ({
      itemCount,
      firstIndex: chunk.positions[0]!,
      busyMs,
      roundTripMs: performance.now() - startMs,
    }))
    this.#settings.onProgress()
    if (this.#isToEnd()) this.#dispatcher.finish()
  }

  #send({ positions, items, isIsolated = false }: Chunk<I>): Promise<ChunkResult> {
    const { pool, itemTimeoutMs } = this.#settings
    this.#chunkCount++
    const maxWorkers = this.#workers()
    return pool.runChunk(this.#definition, items, {
      maxWorkers,
      places: this.#places.slice(0, maxWorkers),
      positions,
      isIsolated,
      ...(itemTimeoutMs !== undefined && { itemTimeoutMs }),
      signal: this.#ending.signal,
    })
  }

  #keep({ positions, items }: Chunk<I>, { values, failure }: ChunkResult): void {
    // Without an iterator, which takes as long as some items do.
    for (let offset = 0; offset < values.length; offset++) {
      this.#work.succeed(positions[offset]!, values[offset] as O)
    }
    if (!failure) return
    const position = positions[failure.offset]!
    this.#work.fail(position, new ItemError(position, failure.error))
    // The worker stopped there, and never began where an item could not be sent.
    const isLeft = (_: unknown, offset: number): boolean =>
      offset >= values.length && offset !== failure.offset
    const left = { positions: positions.filter(isLeft), items: items.filter(isLeft) }
    if (left.positions.length > 0) this.#dispatcher.runFirst([left])
  }

  #runAgain(chunk: Chunk<I>, error: unknown): void {
    const parts = this.#losses.partsOf(chunk, error, ({ position, error: verdict }) =>
      this.#work.fail(position, verdict),
    )
    this.#dispatcher.runFirst(parts)
    this.#settings.onProgress()
  }

  #isToEnd(): boolean {
    const { reconsider } = this.#settings
    if (!reconsider) return false
    const { itemCount, recentMs } = this.#times
    const { remaining } = this.#work
    const lostWorkers = this.#losses.count
    return reconsider({ itemTimeMs: recentMs, itemCount, remaining, lostWorkers })
  }
}

/** Hands out the chunks of a run: so many at once, of the size that is right when each is sent. */
import { CHUNKS_IN_FLIGHT_PER_WORKER } from '@amorsize/sampler'

import type { Chunk, Work } from './work.ts'

/** How chunks are run. */
export interface Dispatch<I> {
  readonly work: Pick<Work<I, unknown>, 'take' | 'giveBack'>
  /** Chunks that may be under way now, at least 1; asked before each is sent. */
  readonly slots: () => number
  /** Items of the next chunk, at least 1. */
  readonly size: () => number
  /** Runs a chunk. What it rejects with ends the run. */
  readonly run: (chunk: Chunk<I>) => Promise<void>
  /** No chunk starts after its abort, whoever else is told of it late. */
  readonly signal: AbortSignal | undefined
}

/**
 * Runs chunks until none is left. Not lanes that each loop: how many chunks may be under way changes
 * during a run, and parts of a lost chunk are run by whoever is free.
 */
export class Dispatcher<I> {
  readonly #dispatch: Dispatch<I>
  readonly #returned: Chunk<I>[] = []
  #running = 0
  #isTaking = false
  #isExhausted = false
  #isFinishing = false
  #isStopped = false
  #resolve: () => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(dispatch: Dispatch<I>) {
    this.#dispatch = dispatch
  }

  /** Chunks under way. */
  get running(): number {
    return this.#running
  }

  /**
   * Resolves when every chunk has been run, or, after `stop()`, those under way; rejects as soon as
   * one of them does.
   */
  complete(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#advance()
    })
  }

  /** No chunk starts any more. */
  stop(): void {
    this.#isStopped = true
  }

  /** Takes no more; what comes back of the chunks under way is still run. */
  finish(): void {
    this.#isFinishing = true
  }

  /** Resolves when those under way have ended, well or not, of a run that has stopped or failed. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#advance()
    })
  }

  /** Runs chunks before those that were not handed out yet. To be called while one is under way. */
  runFirst(chunks: readonly Chunk<I>[]): void {
    this.#returned.push(...chunks)
  }

  #advance(): void {
    while (!this.#hasStopped() && this.#hasRoom(this.#returned[0])) {
      const chunk = this.#returned.shift() ?? this.#take()
      if (!chunk) break
      this.#running++
      const run = this.#dispatch.run(chunk)
      const ended = chunk.isIsolated ? this.#withOwnWorker(run) : run
      ended.then(this.#settle, this.#settleFailed)
    }
    if (this.#running > 0 || this.#isTaking) return
    const isDone = (this.#isExhausted || this.#isFinishing) && this.#returned.length === 0
    if (!isDone && !this.#isStopped) return
    this.#dispatch.work.giveBack(this.#returned.splice(0))
    this.#resolve()
  }

  /** Chunks under way are so many for each worker; one that has a worker of its own takes the place of all. */
  #hasRoom(chunk: Chunk<I> | undefined): boolean {
    const taken = chunk?.isIsolated ? CHUNKS_IN_FLIGHT_PER_WORKER : 1
    return this.#running + taken <= this.#dispatch.slots()
  }

  async #withOwnWorker(run: Promise<void>): Promise<void> {
    const more = CHUNKS_IN_FLIGHT_PER_WORKER - 1
    this.#running += more
    try {
      await run
    } finally {
      this.#running -= more
    }
  }

  #hasStopped(): boolean {
    if (this.#dispatch.signal?.aborted) this.stop()
    return this.#isStopped
  }

  readonly #settle = (): void => {
    this.#running--
    this.#advance()
  }

  readonly #settleFailed = (error: unknown): void => {
    this.#fail(error)
    this.#settle()
  }

  readonly #failToTake = (error: unknown): void => {
    this.#isTaking = false
    this.#fail(error)
    this.#advance()
  }

  #fail(error: unknown): void {
    this.#isStopped = true
    this.#reject(error)
  }

  #take(): Chunk<I> | undefined {
    if (this.#isTaking || this.#isExhausted || this.#isFinishing) return undefined
    const taken = this.#takeNow()
    if (taken instanceof Promise) {
      this.#isTaking = true
      taken.then(this.#receive, this.#failToTake)
      return undefined
    }
    this.#isExhausted = taken === undefined
    return taken
  }

  #takeNow(): ReturnType<Work<I, unknown>['take']> {
    try {
      return this.#dispatch.work.take(this.#dispatch.size())
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  readonly #receive = (chunk: Chunk<I> | undefined): void => {
    this.#isTaking = false
    if (chunk) this.#returned.push(chunk)
    else this.#isExhausted = true
    this.#advance()
  }
}

/** Many items of a stream at once: a run goes on by itself, and its outcomes are taken as they come. */
import type { ItemRun } from '../executors/async.ts'
import { ChunkRun } from '../executors/chunk-run.ts'
import type { ExecutionCosts } from '../executors/executor.ts'
import { settledWithin } from '../settled-within.ts'
import type { Outcome, Outputs } from './outputs.ts'
import type { Phase } from './phase.ts'
import type { StreamWork } from './stream-work.ts'

/** What the phase needs. */
export interface ParallelSettings<I, O> {
  readonly run: ItemRun<I, O> | ChunkRun<I, O>
  /** Workers, or items at once. */
  readonly nJobs: number
  readonly work: StreamWork<I, O>
  readonly outputs: Outputs<O>
  readonly signal: AbortSignal | undefined
}

/** Time that items on this thread get to end when the consumer leaves, milliseconds: nobody can end them. */
const END_GRACE_MS = 100

/** Lets a run fill the window and takes its outcomes out of it. */
export class ParallelPhase<I, O> implements Phase<O> {
  readonly #settings: ParallelSettings<I, O>
  readonly #running: Promise<void>
  #end: { readonly error?: unknown } | undefined

  constructor(settings: ParallelSettings<I, O>) {
    this.#settings = settings
    const { run, nJobs, work, signal } = settings
    work.start(nJobs)
    signal?.addEventListener('abort', this.#abort, { once: true })
    this.#running = run.complete().then(
      () => this.#noteEnd({}),
      (error: unknown) => this.#noteEnd({ error }),
    )
  }

  next(): Outcome<O> | undefined | Promise<Outcome<O> | undefined> {
    const { outputs, work, signal } = this.#settings
    signal?.throwIfAborted()
    const outcome = outputs.shift()
    if (outcome) work.noteDelivery()
    return outcome ?? this.#nextLate()
  }

  get costs(): ExecutionCosts {
    return this.#settings.run.costs
  }

  async end(): Promise<void> {
    const { run, work, signal } = this.#settings
    work.stop()
    run.stop()
    if (run instanceof ChunkRun) await run.leave(signal?.reason)
    else if (!signal?.aborted) await settledWithin(this.#running, END_GRACE_MS)
    signal?.removeEventListener('abort', this.#abort)
  }

  async #nextLate(): Promise<Outcome<O> | undefined> {
    const { work } = this.#settings
    if (!this.#end) {
      await work.change()
      return this.next()
    }
    if ('error' in this.#end) throw this.#end.error
    return undefined
  }

  /** At once: the consumer may be busy with what it has. */
  readonly #abort = (): void => {
    const { run, work, signal } = this.#settings
    if (run instanceof ChunkRun) run.abort(signal?.reason)
    work.noteChange()
  }

  #noteEnd(end: { readonly error?: unknown }): void {
    this.#end = end
    this.#settings.work.noteChange()
  }
}

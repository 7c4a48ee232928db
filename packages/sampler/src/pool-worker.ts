/**
 * One worker thread or child process, by tinypool. The only file that knows tinypool, so that
 * another pool can take its place: a pool of ours is many tinypools of one worker each, because
 * then it is known which worker has seen a task, which one died, and which one to end.
 */
import type { Tinypool } from 'tinypool'

import { WorkerExitError } from './errors.ts'
import type { ChunkReply, ChunkRequest } from './protocol.ts'

/**
 * How workers run: `worker_threads` share the process and are quicker to start and to talk to;
 * `child_process` survives what would abort the process, such as one huge allocation.
 * @public
 */
export type Runtime = 'worker_threads' | 'child_process'

/** A worker that takes chunks until it is ended or dies. */
export interface PoolWorker {
  /** Resolves, once and for all, when the worker is gone. */
  readonly gone: Promise<void>
  /** @throws {@link WorkerExitError} where the worker ends before it answers. */
  run(request: ChunkRequest, transfer?: readonly ArrayBuffer[]): Promise<ChunkReply>
  /** Ends the worker whatever it is doing; resolves when it is gone or after a bounded time. */
  terminate(): Promise<void>
}

/** `dist/worker.js`, also where this file is run from `src`: Node 20 loads no TypeScript. */
const WORKER_FILE = new URL('../dist/worker.js', import.meta.url).href

/**
 * Chunks to have in flight for each worker: one runs while the next one waits in the worker itself,
 * so that it never idles while the caller's thread is busy.
 * @public
 */
export const CHUNKS_IN_FLIGHT_PER_WORKER = 2

/** Longer than tinypool's own second between SIGTERM and SIGKILL. */
const LONGEST_TERMINATION_MS = 3000

/** The largest delay of a timer: tinypool must not end an idle worker by itself. */
const NEVER_MS = 2 ** 31 - 1

/** Starts a worker. It keeps no process alive while it has nothing to do. */
export async function startPoolWorker(runtime: Runtime): Promise<PoolWorker> {
  const { Tinypool: Pool } = await import('tinypool')
  return new TinypoolWorker(
    new Pool({
      runtime,
      filename: WORKER_FILE,
      name: 'runChunk',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: NEVER_MS,
      concurrentTasksPerWorker: CHUNKS_IN_FLIGHT_PER_WORKER,
      // Waiting by Atomics would freeze timers and sockets that a task left behind.
      useAtomics: false,
      // The JSON default drops undefined, Map, Date and functions without a word.
      serialization: 'advanced',
      // tinypool gives a child no environment at all unless told.
      ...(runtime === 'child_process' && { env: process.env as Record<string, string> }),
    }),
  )
}

class TinypoolWorker implements PoolWorker {
  readonly gone: Promise<void>
  readonly #pool: Tinypool
  readonly #waiting = new Set<(error: WorkerExitError) => void>()
  #isWatched = false
  #exit: WorkerExitError | undefined
  #resolveGone: () => void = () => {}

  constructor(pool: Tinypool) {
    this.#pool = pool
    this.gone = new Promise((resolve) => (this.#resolveGone = resolve))
    // An error outside any chunk: without a listener it would end the caller's process.
    pool.on('error', (error: unknown) => this.#end('failed', error))
  }

  run(request: ChunkRequest, transfer: readonly ArrayBuffer[] = []): Promise<ChunkReply> {
    if (this.#exit) return Promise.reject(this.#exit)
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      const settle = (): boolean => this.#waiting.delete(reject)
      this.#pool.run(request, { transferList: [...transfer] }).then(
        (reply: ChunkReply) => settle() && resolve(reply),
        (error: unknown) => {
          if (!settle()) return
          if (isDataCloneError(error)) return reject(error)
          this.#end('failed', error)
          reject(this.#exit)
        },
      )
      this.#watch()
    })
  }

  async terminate(): Promise<void> {
    const isRunning = this.#exit === undefined && this.#isWatched
    this.#end('was ended')
    const destroyed = this.#pool.destroy().catch(() => {})
    if (isRunning) await Promise.race([destroyed, elapsed(LONGEST_TERMINATION_MS)])
  }

  /** tinypool does not notice that a thread called `process.exit()`; its task would never settle. */
  #watch(): void {
    const [worker] = this.#pool.threads
    if (this.#isWatched || !worker) return
    this.#isWatched = true
    worker.once('exit', (code: unknown) => this.#end(`exited with code ${String(code)}`))
  }

  #end(how: string, cause?: unknown): void {
    if (this.#exit) return
    const error = new WorkerExitError(how, cause)
    this.#exit = error
    for (const reject of this.#waiting) reject(error)
    this.#waiting.clear()
    this.#resolveGone()
    void this.#pool.destroy().catch(() => {})
  }
}

function isDataCloneError(error: unknown): boolean {
  return error instanceof Error && error.name === 'DataCloneError'
}

function elapsed(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs).unref())
}

/**
 * One worker thread or child process, by tinypool. The only file that knows tinypool, but for the mark
 * of a reply (movable.ts), so that another pool can take its place: a pool of ours is many tinypools
 * of one worker each, because then it is known which worker has seen a task, which one died, and
 * which one to end.
 */
import type { ChildProcess } from 'node:child_process'

import type { Tinypool } from 'tinypool'

import { carryToProcess, carryToThread } from './carried-message.ts'
import type { Carried } from './carried-message.ts'
import { forgetChild, killWithCaller } from './child-exit.ts'
import { fromTransferredError, toTransferredError } from './error-transfer.ts'
import { decodeMessage } from './message-codec.ts'
import { CHUNKS_IN_FLIGHT_PER_WORKER } from './pool-options.ts'
import type { PoolWorker, RunningChunk, Runtime, WorkerSettings } from './pool-worker.ts'
import { AFTER_ITEMS, fileProgress, sharedProgress } from './progress.ts'
import type { Position, ProgressReader } from './progress.ts'
import type { ChunkReply, ChunkRequest, Greeting, Reply, UnnumberedRequest } from './protocol.ts'
import { itemOf, SendError, WorkerLoss } from './worker-loss.ts'

/** What is known of a worker that is lost. */
interface LossOptions {
  /** Whether chunks that had not started may run elsewhere. */
  readonly isRetryable?: boolean
  /** Where the worker was. */
  readonly position?: Position | undefined
}

/** `dist/worker.js`, also where this file is run from `src`: Node 20 loads no TypeScript. */
const WORKER_FILE = new URL('../dist/worker.js', import.meta.url).href

/** Stands for the number of a chunk in the first message, which is none. */
const GREETING = -1

/** Longer than tinypool's own second between SIGTERM and SIGKILL. */
const LONGEST_TERMINATION_MS = 3000

/**
 * Turns of the event loop in which what a worker has sent arrives: the first may be over already, and
 * tinypool passes on the message of a child by another port.
 */
const TURNS_TO_HEAR = 3

/** The largest delay of a timer: tinypool must not end an idle worker by itself. */
const NEVER_MS = 2 ** 31 - 1

/**
 * Starts a worker and waits until it can take chunks. It keeps no process alive while it has nothing
 * to do.
 * @param onLost - Called when the worker takes no more chunks, before any chunk is told.
 * @throws {@link WorkerLoss} where it ends before that.
 */
export async function startPoolWorker(
  settings: WorkerSettings,
  onLost: (worker: PoolWorker) => void,
  signal: AbortSignal,
): Promise<PoolWorker> {
  const { runtime, execArgv, resourceLimits } = settings
  const { Tinypool: Pool } = await import('tinypool')
  const pool = new Pool({
    runtime,
    filename: WORKER_FILE,
    name: 'handleMessage',
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: NEVER_MS,
    concurrentTasksPerWorker: CHUNKS_IN_FLIGHT_PER_WORKER,
    // Waiting by Atomics would freeze timers and sockets that a task left behind.
    useAtomics: false,
    // The JSON default turns the bytes of a message into text.
    serialization: 'advanced',
    ...(execArgv && { execArgv: [...execArgv] }),
    ...(resourceLimits && { resourceLimits }),
    // tinypool gives a child no environment at all unless told.
    ...(runtime === 'child_process' && { env: process.env as Record<string, string> }),
  })
  const worker = new TinypoolWorker(pool, runtime, onLost)
  const end = (): void => void worker.terminate()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  await worker.greet()
  return worker
}

/** What tinypool wraps a thread or a child in. */
interface WrappedWorker {
  once(event: 'exit', listener: (code: number | null, signal?: string | null) => void): void
  once(event: 'error', listener: (error: unknown) => void): void
  removeListener?: (event: string, listener: () => void) => void
  readonly thread?: NodeJS.EventEmitter
  readonly process?: ChildProcess
  readonly onUnexpectedExit?: () => void
}

class TinypoolWorker implements PoolWorker {
  readonly gone: Promise<void>
  readonly #pool: Tinypool
  readonly #runtime: Runtime
  readonly #onLost: (worker: PoolWorker) => void
  readonly #progress: ProgressReader | undefined
  /** What to do with each chunk in flight, by its number, when the worker is lost. */
  readonly #waiting = new Map<number, (loss: WorkerLoss) => void>()
  /** Chunks that are to run no item, and wait for their turn to end the worker. */
  readonly #unwanted = new Set<number>()
  #lastChunk = 0
  #wrapped: WrappedWorker | undefined
  #loss: ((chunk: number) => WorkerLoss) | undefined
  #resolveGone: () => void = () => {}

  constructor(pool: Tinypool, runtime: Runtime, onLost: (worker: PoolWorker) => void) {
    this.#pool = pool
    this.#onLost = onLost
    this.#runtime = runtime
    this.#progress = runtime === 'child_process' ? fileProgress() : sharedProgress()
    this.gone = new Promise((resolve) => (this.#resolveGone = resolve))
    // An error outside any chunk: without a listener it would end the caller's process.
    pool.on('error', (error: unknown) => this.#lose('failed', error))
  }

  /** A chunk sent before the worker is ready would wait for ever where the one before it fails. */
  async greet(): Promise<void> {
    try {
      await this.#send({ progress: this.#progress?.place }, GREETING)
    } catch (error) {
      this.#lose('could not be started', error)
      throw error instanceof WorkerLoss
        ? error
        : new WorkerLoss('could not be started', {
            cause: error,
            isRetryable: false,
            chunk: GREETING,
            position: undefined,
          })
    }
  }

  run(unnumbered: UnnumberedRequest): RunningChunk {
    const chunk = ++this.#lastChunk
    const reply = this.#send({ ...unnumbered, chunk }, chunk).then((value) => value as ChunkReply)
    return {
      reply,
      currentOffset: () => itemOf(chunk, this.#progress?.read()),
      endWorker: () => this.#endDuring(chunk),
      endWorkerInTurn: () => {
        if (this.#waiting.has(chunk)) this.#unwanted.add(chunk)
        return this.#endDuring(chunk)
      },
    }
  }

  async terminate(): Promise<void> {
    this.#lose('was ended', undefined, { isRetryable: false })
    let timer: NodeJS.Timeout | undefined
    const isLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_TERMINATION_MS)
    })
    await Promise.race([this.gone, isLate])
    clearTimeout(timer)
  }

  #send(message: Greeting | ChunkRequest, chunk: number): Promise<unknown> {
    if (this.#loss) return Promise.reject(this.#loss(chunk))
    return new Promise((resolve, reject) => {
      const carried = carry(message, this.#runtime)
      this.#waiting.set(chunk, reject)
      this.#pool.run(carried.message, { transferList: carried.buffers }).then(
        (reply: unknown) => this.#receive(chunk, reply, resolve),
        (error: unknown) => {
          // The worker's own errors come by its events; this one was thrown while sending.
          if (!this.#loss && this.#settle(chunk)) reject(new SendError(error))
        },
      )
      this.#watch()
    })
  }

  #receive(chunk: number, carried: unknown, resolve: (reply: unknown) => void): void {
    const reply = readReply(carried)
    if (reply?.kind === 'crashed') return this.#lose('failed', fromTransferredError(reply.error))
    const reject = this.#waiting.get(chunk)
    this.#settle(chunk)
    if (reply?.kind !== 'lost') return resolve(reply)
    const cause = fromTransferredError(reply.error)
    reject?.(new WorkerLoss(reply.how, { cause, isRetryable: false, chunk, position: undefined }))
  }

  /** Whether the chunk was in flight. */
  #settle(chunk: number): boolean {
    if (this.#unwanted.delete(chunk)) this.#progress?.stopAfter(this.#lastWanted())
    return this.#waiting.delete(chunk)
  }

  /** The last chunk that may start; 0 where all of them may. The first has nothing to be stopped after. */
  #lastWanted(): number {
    const first = Math.min(...this.#unwanted)
    return Number.isFinite(first) ? Math.max(1, first - 1) : 0
  }

  /** tinypool does not notice that a thread called `process.exit()`; its task would never settle. */
  #watch(): void {
    const [worker] = this.#pool.threads
    if (this.#wrapped || !worker) return
    const wrapped = worker as unknown as WrappedWorker
    this.#wrapped = wrapped
    // tinypool waits for exits by `once` of node:events, which needs this method when the worker
    // fails meanwhile; without it a TypeError ends the caller's process.
    const emitter = wrapped.thread ?? wrapped.process
    wrapped.removeListener = (event, listener) => emitter?.removeListener(event, listener)
    if (wrapped.process) {
      killWithCaller(wrapped.process)
      // It drops the replies that are on their way.
      wrapped.process.off('exit', wrapped.onUnexpectedExit!)
    }
    wrapped.once('error', (error) => {
      // A child that has ended says more by its exit event, which comes next.
      const hasExited = wrapped.process && hasEnded(wrapped.process)
      if (!hasExited) this.#lose('failed', error)
    })
    wrapped.once('exit', (code, signal) => {
      this.#lose(signal ? `was ended by ${signal}` : `exited with code ${String(code)}`)
      this.#end()
    })
  }

  #endDuring(chunk: number): boolean {
    if (this.#loss) return true
    const isUnwanted = this.#unwanted.has(chunk)
    this.#progress?.stopAfter(isUnwanted ? this.#lastWanted() : chunk)
    const position = this.#progress?.read()
    if (!this.#isAt(chunk, position)) {
      this.#progress?.stopAfter(this.#lastWanted())
      return false
    }
    this.#lose('was ended', undefined, { position })
    return true
  }

  /** A worker is also at a chunk that it has not taken up yet, where nothing is before it. */
  #isAt(chunk: number, position: Position | undefined): boolean {
    if (position?.chunk === chunk) return position.offset !== AFTER_ITEMS
    const [first] = this.#waiting.keys()
    return first === chunk && (!position || position.chunk < chunk)
  }

  /** The worker takes no more chunks. */
  #lose(how: string, cause?: unknown, options: LossOptions = {}): void {
    if (this.#loss) return
    const { isRetryable = true, position = this.#progress?.read() } = options
    this.#loss = (chunk) => new WorkerLoss(how, { cause, isRetryable, chunk, position })
    this.#onLost(this)
    void this.#leave(this.#loss)
  }

  /** Ends the worker, where it is not dead already, once all that it said before is heard. */
  async #leave(loss: (chunk: number) => WorkerLoss): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_HEAR; turn++) await nextTurn()
    for (const [chunk, reject] of this.#waiting) reject(loss(chunk))
    this.#waiting.clear()
    this.#pool.destroy().catch(() => {})
    if (!this.#wrapped) this.#end()
  }

  #end(): void {
    if (this.#wrapped?.process) forgetChild(this.#wrapped.process)
    this.#progress?.close()
    this.#resolveGone()
  }
}

/** @throws {@link SendError} */
function carry(message: Greeting | ChunkRequest, runtime: Runtime): Carried {
  try {
    return runtime === 'child_process' ? carryToProcess(message) : carryToThread(message)
  } catch (error) {
    throw new SendError(error)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Never throws: nobody would hear it. */
function readReply(carried: unknown): Reply {
  try {
    return (carried instanceof Uint8Array ? decodeMessage(carried) : carried) as Reply
  } catch (error) {
    const how = 'gave results that cannot be read'
    return { kind: 'lost', how, error: toTransferredError(error) }
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

/** What the pool wants of a worker. How one is had is in tinypool-worker.ts. */
import type { ChunkReply, UnnumberedRequest } from './protocol.ts'

/**
 * How workers run: `worker_threads` share the process and are quicker to start and to talk to;
 * `child_process` survives what would abort the process, such as one huge allocation.
 * @public
 */
export type Runtime = 'worker_threads' | 'child_process'

/** How a worker is started. */
export interface WorkerSettings {
  readonly runtime: Runtime
  /** Flags of `node` for the worker; `undefined` for those of this process. */
  readonly execArgv: readonly string[] | undefined
  /** Limits of a thread's heap. */
  readonly resourceLimits: ResourceLimits | undefined
}

/**
 * Limits of a thread's heap, as of `new Worker()`: many small objects beyond it end the thread, one
 * huge allocation ends the process all the same.
 * @public
 */
export interface ResourceLimits {
  /** Size of the old generation, megabytes. */
  readonly maxOldGenerationSizeMb?: number
  /** Size of the young generation, megabytes. */
  readonly maxYoungGenerationSizeMb?: number
  /** Size of the stack, megabytes. */
  readonly stackSizeMb?: number
}

/** A worker that takes chunks until it is ended or dies. */
export interface PoolWorker {
  /** Resolves, once and for all, when the worker is gone. */
  readonly gone: Promise<void>
  /** @throws {@link WorkerLoss} where the worker ends before it answers. */
  run(request: UnnumberedRequest): RunningChunk
  /** Ends the worker whatever it is doing; resolves when it is gone or after a bounded time. */
  terminate(): Promise<void>
}

/** A chunk that was sent. */
export interface RunningChunk {
  readonly reply: Promise<ChunkReply>
  /** Place in the chunk of the item that runs now; `undefined` before the first and after the last. */
  currentOffset(): number | undefined
  /**
   * Ends the worker where it is at this chunk. What the chunks before it gave is heard, and those
   * behind it run elsewhere.
   * @returns Whether the worker ends.
   */
  endWorker(): boolean
  /** The same for a chunk that waits behind others: until it is its turn, none behind those starts. */
  endWorkerInTurn(): boolean
}

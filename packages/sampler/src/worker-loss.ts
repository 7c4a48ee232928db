/** A worker that ended while chunks were in flight, seen from one of the chunks. */
import type { ChunkProgress } from './errors.ts'
import type { Position } from './progress.ts'

/** How the worker ended. */
export interface LossDetails {
  readonly cause?: unknown
  /** Whether the end says nothing against chunks that had not started. */
  readonly isRetryable: boolean
  /** Number of the chunk. */
  readonly chunk: number
  /** Where the worker was; `undefined` where that is not known. */
  readonly position: Position | undefined
}

/** What the chunk's promise rejects with, inside the pool; callers get a `WorkerExitError`. */
export class WorkerLoss extends Error {
  /** How the worker ended, to be read after "A worker". */
  readonly how: string
  /** Whether the chunk can run again without any of its items being run twice. */
  readonly canRunElsewhere: boolean
  /** Place in the chunk of the item that was running; `undefined` where none was. */
  readonly offset: number | undefined
  /** How far the chunk was; `some` too where nobody could see. */
  readonly progress: ChunkProgress

  constructor(how: string, { cause, isRetryable, chunk, position }: LossDetails) {
    super(how, { cause })
    this.how = how
    this.canRunElsewhere = isRetryable && position !== undefined && position.chunk < chunk
    const isRunning = position?.chunk === chunk && position.offset >= 0
    this.offset = isRunning ? position.offset : undefined
    this.progress = progressOf(chunk, position)
  }
}

function progressOf(chunk: number, position: Position | undefined): ChunkProgress {
  // Chunks are numbered from 1; before them the worker is still starting.
  if (chunk < 1) return 'none'
  if (!position) return 'some'
  if (position.chunk < chunk) return 'none'
  return position.chunk === chunk && position.offset >= 0 ? 'some' : 'all'
}

/** A request that cannot be cloned. The worker knows nothing of it and is as good as before. */
export class SendError extends Error {
  /** @param cause - What was thrown while the request was serialised. */
  constructor(cause: unknown) {
    super('The chunk cannot be sent.', { cause })
  }
}

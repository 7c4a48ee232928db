/** A worker that ended while chunks were in flight, seen from one of the chunks. */
import type { ChunkProgress } from './errors.ts'
import { AFTER_ITEMS, BEFORE_ITEMS } from './progress.ts'
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

/** Before it the worker is still starting. */
const FIRST_CHUNK = 1

/** What the chunk's promise rejects with, inside the pool; callers get a `WorkerExitError`. */
export class WorkerLoss extends Error {
  /** How the worker ended, to be read after "A worker". */
  readonly how: string
  /** Whether the chunk can run again without any of its items being run twice. */
  readonly canRunElsewhere: boolean
  /** Whether the worker was at a chunk before this one, which had nothing to do with the end. */
  readonly isOthers: boolean
  /** Place in the chunk of the item that was running; `undefined` where none was. */
  readonly offset: number | undefined
  /** How far the chunk was; `some` too where nobody could see. */
  readonly progress: ChunkProgress

  constructor(how: string, { cause, isRetryable, chunk, position }: LossDetails) {
    super(how, { cause })
    this.how = how
    this.offset = itemOf(chunk, position)
    this.progress = progressOf(chunk, position)
    this.canRunElsewhere = isRetryable && chunk >= FIRST_CHUNK && this.progress === 'none'
    this.isOthers =
      position !== undefined && position.chunk >= FIRST_CHUNK && position.chunk < chunk
  }
}

function progressOf(chunk: number, position: Position | undefined): ChunkProgress {
  if (chunk < FIRST_CHUNK) return 'none'
  if (!position) return 'some'
  if (position.chunk !== chunk) return position.chunk < chunk ? 'none' : 'all'
  if (position.offset === BEFORE_ITEMS) return 'none'
  return position.offset === AFTER_ITEMS ? 'all' : 'some'
}

/** Place in the chunk of the item that was running. */
export function itemOf(chunk: number, position: Position | undefined): number | undefined {
  return position?.chunk === chunk && position.offset >= 0 ? position.offset : undefined
}

/** A request that cannot be cloned. The worker knows nothing of it and is as good as before. */
export class SendError extends Error {
  /** @param cause - What was thrown while the request was serialised. */
  constructor(cause: unknown) {
    super('The chunk cannot be sent.', { cause })
  }
}

/** What the pool and a worker say to each other. Everything here crosses by structured clone. */
import type { TransferredError } from './error-transfer.ts'
import type { ProgressPlace } from './progress.ts'

/**
 * What a worker needs to make the task's function: sent to each worker once, with the context.
 * @public
 */
export type TaskDefinition =
  | {
      readonly kind: 'source'
      /** Source text of the function. */
      readonly source: string
      /** Its name, for stack traces. */
      readonly name: string
      /** Second argument of every call. */
      readonly context: unknown
    }
  | {
      readonly kind: 'module'
      /** `file:` URL of the module. */
      readonly url: string
      /** The export to call. */
      readonly exportName: string
      /** Second argument of every call. */
      readonly context: unknown
    }

/** The first message to a worker, before any chunk; the reply is empty. */
export interface Greeting {
  /** Where to tell what is being run; `undefined` where there is no such place. */
  readonly progress: ProgressPlace | undefined
}

/** A chunk of items for a worker. */
export interface ChunkRequest {
  /** Number of the chunk in its worker, from 1 in the order of sending. */
  readonly chunk: number
  /** Which of the registered tasks to run. */
  readonly taskId: number
  /** Given with the first chunk of a task that this worker sees. */
  readonly definition?: TaskDefinition
  /** A task that the worker may drop. */
  readonly forget?: number
  /** Numbers are packed into a buffer that is handed over. */
  readonly items: readonly unknown[] | Float64Array<ArrayBuffer>
  /** Whether each item is timed; the chunk as a whole always is. */
  readonly isTimed: boolean
}

/** A request before the worker it goes to has numbered it. */
export type UnnumberedRequest = Omit<ChunkRequest, 'chunk'>

/** What became of items. */
export interface RunReply {
  /** The items were run, up to the first that failed. */
  readonly kind: 'run'
  /** Results of the items before the failed one, in order. */
  readonly values: readonly unknown[] | Float64Array<ArrayBuffer>
  /** The item that failed, by its place in the chunk. */
  readonly failure?: { readonly offset: number; readonly error: TransferredError }
  /** Time the worker spent on the items. */
  readonly busyMs: number
  /** Share of that time in which the worker's thread was idle, 0..1. */
  readonly waitShare: number
  /** Memory that the worker holds; 0 after no items. */
  readonly memoryBytes: number
  /** Time in which others had the cores that the thread needed; 0 where items are not timed. */
  readonly queueMs: number
  /** One time an item, without the waits for a core, where asked for. */
  readonly itemTimesMs: Float64Array
}

/** What became of a chunk. */
export type ChunkReply =
  | RunReply
  | {
      /** The task could not be made; no item was run. */
      readonly kind: 'no task'
      readonly error: TransferredError
    }
  | {
      /** The worker has not got the task's definition; no item was run. */
      readonly kind: 'unknown task'
    }

/** An error outside any item (a timer, a rejection without a handler) left the worker unfit. */
export interface CrashReply {
  readonly kind: 'crashed'
  readonly error: TransferredError
}

/** The chunk or what became of it was lost on its way. The worker is as good as before. */
export interface LostReply {
  readonly kind: 'lost'
  /** What the worker did, to be read after "A worker". */
  readonly how: string
  readonly error: TransferredError
}

/** What a worker says to a message: nothing to a greeting. */
export type Reply = ChunkReply | CrashReply | LostReply | undefined

/** What the pool tells about a chunk. */
import { assertEncodable, isSendable } from './cloneable.ts'
import { TaskLoadError } from './errors.ts'
import { fromTransferredError } from './error-transfer.ts'
import { unpackNumbers } from './number-packing.ts'
import type { Runtime } from './pool-worker.ts'
import type { ChunkReply } from './protocol.ts'

/**
 * What became of a chunk of items.
 * @public
 */
export interface ChunkResult {
  /**
   * Results of the items before the failed one, in order; of all items where none failed; of none where
   * the failed one could not be sent.
   */
  readonly values: readonly unknown[]
  /** The first item that failed, by its place in the chunk, and what it threw. */
  readonly failure?: { readonly offset: number; readonly error: unknown }
  /** Time the worker spent on the items, milliseconds. */
  readonly busyMs: number
  /** Share of that time in which the worker had nothing to compute, 0..1. */
  readonly waitShare: number
  /**
   * Part of that time in which others had the cores, milliseconds: known on Linux, where items are
   * timed, else 0.
   */
  readonly queueMs: number
  /** One time an item, milliseconds, without the waits for a core, where asked for; else empty. */
  readonly itemTimesMs: Float64Array
  /**
   * Memory that the worker holds, bytes: the resident set of a child process; of a thread its heap
   * and the buffers outside it. Up to 50 ms old; 0 after no items.
   */
  readonly memoryBytes: number
  /** Time the caller's thread spent on sending the chunk, milliseconds. */
  readonly sendMs: number
}

/** A reply of a worker that knew the task. */
type TaskReply = Exclude<ChunkReply, { kind: 'unknown task' }>

/** @throws {@link TaskLoadError} as the worker threw it. */
export function toResult(reply: TaskReply, sendMs: number): ChunkResult {
  if (reply.kind === 'no task') {
    const error = fromTransferredError(reply.error)
    // The worker threw one of ours; only its class was lost on the way.
    throw error instanceof Error ? Object.setPrototypeOf(error, TaskLoadError.prototype) : error
  }
  const { values, failure, busyMs, waitShare, queueMs, memoryBytes, itemTimesMs } = reply
  return {
    values: unpackNumbers(values),
    ...(failure && {
      failure: { offset: failure.offset, error: fromTransferredError(failure.error) },
    }),
    busyMs,
    waitShare,
    queueMs,
    memoryBytes,
    itemTimesMs,
    sendMs,
  }
}

/**
 * The item that could not be sent, as a failure of that item. No item was run: not those before either.
 * @throws {@link TaskLoadError} where it was the context.
 */
export function unsentResult(
  items: readonly unknown[],
  cause: unknown,
  { runtime, sendMs }: { runtime: Runtime; sendMs: number },
): ChunkResult {
  const assertSendable = runtime === 'child_process' ? assertEncodable : structuredClone
  const offset = items.findIndex((item) => !isSendable(item, assertSendable))
  const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
  if (offset === -1) {
    throw new TaskLoadError(
      `The context cannot be sent to a worker: ${reason}.`,
      undefined,
      'Give a context of plain data: no functions, class instances with methods or open handles.',
      cause,
    )
  }
  return {
    values: [],
    failure: {
      offset,
      error: new TypeError(`it cannot be sent to a worker, ${reason}`, { cause }),
    },
    busyMs: 0,
    waitShare: 0,
    queueMs: 0,
    memoryBytes: 0,
    itemTimesMs: new Float64Array(),
    sendMs,
  }
}

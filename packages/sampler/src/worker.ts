/** The code in each worker: makes the task's function once, then runs chunks of items through it. */
import { isMainThread } from 'node:worker_threads'

import { assertCloneable, assertEncodable } from './cloneable.ts'
import { toTransferredError } from './error-transfer.ts'
import { loadTask } from './load-task.ts'
import type { LoadedTask } from './load-task.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { openProgress } from './progress.ts'
import type { ProgressWriter } from './progress.ts'
import type { ChunkReply, ChunkRequest } from './protocol.ts'
import { isThenable } from './thenable.ts'
import { watchWaiting } from './wait-share.ts'

interface KnownTask {
  readonly run: LoadedTask | Promise<LoadedTask>
  readonly context: unknown
}

/** What follows the last item of a chunk. */
const NO_ITEM = -1

const isChildProcess = isMainThread
const assertSendable = isChildProcess ? assertEncodable : assertCloneable
const knownTasks = new Map<number, KnownTask>()
let tellProgress: ProgressWriter | undefined
let lastChunk: Promise<unknown> = Promise.resolve()

// What a task left behind (a timer, a socket) must not outlive the caller's process.
if (isChildProcess) process.once('disconnect', () => process.exit())

/** Handles one message of the pool. Never throws: what goes wrong is part of the reply. */
export function runChunk(message: ChunkRequest | Uint8Array): Promise<ChunkReply | Uint8Array> {
  const request = message instanceof Uint8Array ? (decodeMessage(message) as ChunkRequest) : message
  // Chunks wait for one another, also asynchronous ones: at any time one item is being run.
  const reply = lastChunk.then(() => answer(request))
  lastChunk = reply
  return isChildProcess ? reply.then(encodeMessage) : reply
}

async function answer(request: ChunkRequest): Promise<ChunkReply> {
  const { progress, definition, forget, taskId, chunk } = request
  try {
    if (progress !== undefined) tellProgress ??= openProgress(progress)
    if (forget !== undefined) knownTasks.delete(forget)
    if (definition) {
      knownTasks.set(taskId, { run: loadTask(definition), context: definition.context })
    }
    const task = knownTasks.get(taskId)
    return task ? await runItems(await task.run, task.context, request) : { kind: 'unknown task' }
  } catch (error) {
    knownTasks.delete(taskId)
    return { kind: 'no task', error: toTransferredError(error) }
  } finally {
    tellProgress?.(chunk, NO_ITEM)
  }
}

async function runItems(
  run: LoadedTask,
  context: unknown,
  request: ChunkRequest,
): Promise<ChunkReply> {
  const { chunk, items, isTimed } = request
  const values: unknown[] = []
  const itemTimesMs = new Float64Array(isTimed ? items.length : 0)
  const waitShare = watchWaiting()
  const startMs = performance.now()
  let failure: { offset: number; error: ReturnType<typeof toTransferredError> } | undefined

  for (const [offset, item] of items.entries()) {
    tellProgress?.(chunk, offset)
    const itemStartMs = isTimed ? performance.now() : 0
    try {
      const returned = run(item, context)
      const value = isThenable(returned) ? await returned : returned
      if (isTimed) itemTimesMs[offset] = performance.now() - itemStartMs
      assertResult(value)
      values.push(value)
    } catch (error) {
      failure = { offset, error: toTransferredError(error) }
      break
    }
  }

  return {
    kind: 'run',
    values,
    ...(failure && { failure }),
    busyMs: performance.now() - startMs,
    waitShare: waitShare(),
    itemTimesMs: itemTimesMs.subarray(0, values.length),
  }
}

function assertResult(value: unknown): void {
  try {
    assertSendable(value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`its result cannot be sent back from a worker, ${reason}`, { cause })
  }
}

/** The code in each worker: makes the task's function once, then runs chunks of items through it. */
import { isMainThread } from 'node:worker_threads'

import { carryFromProcess, carryFromThread } from './carried-message.ts'
import { assertCloneable, assertEncodable, isSendable } from './cloneable.ts'
import type { AssertSendable } from './cloneable.ts'
import { toTransferredError } from './error-transfer.ts'
import type { TransferredError } from './error-transfer.ts'
import { loadTask } from './load-task.ts'
import type { LoadedTask } from './load-task.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { packNumbers } from './number-packing.ts'
import { AFTER_ITEMS, BEFORE_ITEMS, openProgress } from './progress.ts'
import type { ProgressWriter } from './progress.ts'
import type {
  ChunkReply,
  ChunkRequest,
  CrashReply,
  Greeting,
  LostReply,
  Reply,
  RunReply,
} from './protocol.ts'
import { measureClockCost } from './clock-cost.ts'
import { removeQueueTime, watchQueue } from './queue-time.ts'
import { isThenable } from './thenable.ts'
import { watchWaiting } from './wait-share.ts'
import { joinParts } from './whole-string.ts'
import { watchMemory } from './worker-memory.ts'

interface KnownTask {
  readonly run: LoadedTask | Promise<LoadedTask>
  readonly context: unknown
}

/** How often a chunk that may not start yet looks whether it may, milliseconds. */
const PAUSE_MS = 1

const isChildProcess = isMainThread
const carry: (reply: Reply) => unknown = isChildProcess ? encodeReply : carryFromThread
const assertSendable = isChildProcess ? assertEncodable : assertCloneable
const memoryBytes = watchMemory(isChildProcess)
const knownTasks = new Map<number, KnownTask>()
let progress: ProgressWriter | undefined
let lastChunk: Promise<unknown> = Promise.resolve()
let lastTaskId: number | undefined
/** Results of which it is not known yet that they can be posted, by the number of their chunk. */
const unsentRuns = new Map<number, RunReply>()

/** Set by the first error outside any item, after which no item is run any more. */
let crash: CrashReply | undefined
let endRunningChunk: ((reply: CrashReply) => void) | undefined

// Said in a reply, because a worker that dies of it would take replies on their way with it.
process.on('uncaughtException', (error) => {
  // Without its cause: a DOMException would arrive as nothing.
  if (isReplyLost(error)) throw new TypeError(resultError(error).message)
  crash ??= { kind: 'crashed', error: toTransferredError(error) }
  if (endRunningChunk) endRunningChunk(crash)
  else process.emitWarning(`An error was thrown after its task had ended: ${describe(error)}`)
})

// What a task left behind (a timer, a socket) must not outlive the caller's process.
if (isChildProcess) process.once('disconnect', () => process.exit())

type Message = Greeting | ChunkRequest

/** Handles one message of the pool. Never throws: what goes wrong is part of the reply. */
export function handleMessage(carried: Message | Uint8Array): Promise<unknown> {
  let message: Message
  try {
    message = carried instanceof Uint8Array ? (decodeMessage(carried) as Message) : carried
  } catch (error) {
    return Promise.resolve(carry(lost('could not read its chunk', error)))
  }
  // Chunks wait for one another, also asynchronous ones: at any time one item is being run.
  const reply = lastChunk.then((): Reply | Promise<Reply> =>
    'items' in message ? answer(message) : greet(message),
  )
  const carriedReply = reply.then(carry)
  // After the line above, so that tinypool sends the reply before the next chunk, which may end the
  // worker, is taken up. And the last results are not kept until that one comes.
  lastChunk = reply.then(() => undefined)
  return carriedReply
}

function greet({ progress: place }: Greeting): undefined {
  if (place !== undefined) progress = openProgress(place)
  return undefined
}

async function answer(request: ChunkRequest): Promise<ChunkReply | CrashReply> {
  if (request.taskId !== lastTaskId) await repliesSent()
  lastTaskId = request.taskId
  if (crash) return crash
  progress?.tell(request.chunk, BEFORE_ITEMS)
  const crashed = new Promise<CrashReply>((resolve) => (endRunningChunk = resolve))
  const reply = await Promise.race([crashed, runTask(request)])
  endRunningChunk = undefined
  // The place of the crash stays for the pool to see.
  if (reply.kind !== 'crashed') progress?.tell(request.chunk, AFTER_ITEMS)
  if (reply.kind === 'run' && !isChildProcess) keepUntilSent(request.chunk, reply)
  return reply
}

/**
 * A clone reads the fields in their order, and comes to the last one where it took those before it. What
 * is handed over reads it sooner: numbers and typed arrays, which nothing refuses.
 */
function keepUntilSent(chunk: number, reply: RunReply): void {
  unsentRuns.set(chunk, reply)
  Object.defineProperty(reply, 'isSent', { enumerable: true, get: () => unsentRuns.delete(chunk) })
}

/**
 * Results of another caller are not to be lost with the worker that an item ends. A child's event loop
 * writes what did not fit into the pipe at once.
 */
async function repliesSent(): Promise<void> {
  // So long does tinypool hold a reply back.
  while (process.stdout.writableLength + process.stderr.writableLength > 0) await pause()
  if (!isChildProcess) return
  await new Promise<void>((resolve) => {
    process.send!(null, undefined, undefined, () => resolve())
  })
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}

async function runTask(request: ChunkRequest): Promise<ChunkReply> {
  const { chunk, definition, forget, taskId } = request
  while (progress?.mayStart(chunk) === false) await pause()
  try {
    if (forget !== undefined) knownTasks.delete(forget)
    if (definition) {
      knownTasks.set(taskId, { run: loadTask(definition), context: definition.context })
    }
    const task = knownTasks.get(taskId)
    return task ? await runItems(await task.run, task.context, request) : { kind: 'unknown task' }
  } catch (error) {
    knownTasks.delete(taskId)
    return { kind: 'no task', error: toTransferredError(error) }
  }
}

async function runItems(
  run: LoadedTask,
  context: unknown,
  request: ChunkRequest,
): Promise<ChunkReply> {
  const { items, isTimed } = request
  const itemTimesMs = new Float64Array(isTimed ? items.length : 0)
  const clockCostMs = isTimed ? measureClockCost() : 0
  const chunkRun: ChunkRun = { run, context, request, clockCostMs, values: [], itemTimesMs }
  const { values } = chunkRun
  const queueTime = isTimed ? watchQueue() : () => 0
  const waitShare = watchWaiting()
  const startMs = performance.now()
  let failure: { offset: number; error: TransferredError } | undefined

  try {
    for (;;) {
      const waiting = runUntilPromise(chunkRun)
      if (!waiting) break
      keepResult(chunkRun, await waiting.pending, waiting.startMs)
    }
  } catch (error) {
    failure = { offset: values.length, error: toTransferredError(error) }
  }

  const busyMs = performance.now() - startMs
  const queueMs = queueTime()
  const timesMs = itemTimesMs.subarray(0, values.length)
  removeQueueTime(timesMs, queueMs)
  return {
    kind: 'run',
    values: packNumbers(values) ?? values,
    ...(failure && { failure }),
    busyMs,
    waitShare: waitShare(queueMs),
    queueMs,
    // An answer from before the first items would stand for what they need.
    memoryBytes: items.length === 0 ? 0 : memoryBytes(),
    itemTimesMs: timesMs,
  }
}

/** Items that are being run, and what came of those before. */
interface ChunkRun {
  readonly run: LoadedTask
  readonly context: unknown
  readonly request: ChunkRequest
  readonly clockCostMs: number
  readonly values: unknown[]
  readonly itemTimesMs: Float64Array
}

/**
 * Runs items from the first without a result to the end, or to one that gives a promise. A function of
 * its own, and not asynchronous: V8 makes less of a loop that awaits, which the quickest items show.
 */
function runUntilPromise(
  chunkRun: ChunkRun,
): { readonly pending: PromiseLike<unknown>; readonly startMs: number } | undefined {
  const { run, context, request, values } = chunkRun
  const { chunk, items, isTimed } = request
  // Nothing is told of a crash before the loop is over.
  if (crash) return undefined
  while (values.length < items.length) {
    progress?.tell(chunk, values.length)
    const startMs = isTimed ? performance.now() : 0
    const returned = run(items[values.length], context)
    if (isThenable(returned)) return { pending: returned, startMs }
    keepResult(chunkRun, returned, startMs)
  }
  return undefined
}

/** @throws What says that the value cannot be sent back. */
function keepResult(chunkRun: ChunkRun, value: unknown, startMs: number): void {
  const { request, clockCostMs, values, itemTimesMs } = chunkRun
  if (request.isTimed) itemTimesMs[values.length] = performance.now() - startMs - clockCostMs
  assertResult(value)
  joinParts(value)
  values.push(value)
}

function assertResult(value: unknown): void {
  try {
    assertSendable(value)
  } catch (cause) {
    throw resultError(cause)
  }
}

function resultError(cause: unknown): TypeError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TypeError(`its result cannot be sent back from a worker, ${reason}`, { cause })
}

/** A result that only the encoding refuses, past {@link assertResult}, is a failure of its item too. */
function encodeReply(reply: Reply): Uint8Array {
  try {
    return carryFromProcess(reply)
  } catch (cause) {
    const offset = reply?.kind === 'run' ? refusedOffset(reply, encodeMessage) : -1
    if (reply?.kind !== 'run' || offset === -1) {
      return encodeMessage(lost('could not send its results', cause))
    }
    const failure = { offset, error: toTransferredError(resultError(cause)) }
    return encodeReply({ ...reply, values: reply.values.slice(0, offset), failure })
  }
}

/**
 * Whether the error is that of a reply that could not be posted. tinypool tells nobody of that, so that
 * the chunk would wait for ever. Only the end of the thread settles it, at the item that is to blame
 * where that is known.
 */
function isReplyLost(error: unknown): boolean {
  if (isChildProcess) return false
  for (const [chunk, reply] of unsentRuns) {
    const offset = refusedOffset(reply, structuredClone)
    if (offset === -1) continue
    progress?.tell(chunk, offset)
    return true
  }
  return error instanceof DOMException && error.name === 'DataCloneError' && !endRunningChunk
}

/** Place of the first result that cannot be sent, or -1. */
function refusedOffset({ values }: RunReply, send: AssertSendable): number {
  return values.findIndex((value: unknown) => !isSendable(value, send))
}

function lost(how: string, error: unknown): LostReply {
  return { kind: 'lost', how, error: toTransferredError(error) }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/**
 * What ends a chunk from outside: an item beyond its time, or the caller's signal. A worker cannot
 * be told to stop, it can only be ended, by the chunk whose turn it is; the one that waits behind
 * then runs elsewhere.
 */
import type { Clock } from './clock.ts'
import { ItemTimeoutError } from './errors.ts'
import type { RunningChunk } from './pool-worker.ts'
import type { ChunkReply } from './protocol.ts'

/** What a chunk is watched for. */
export interface WatchSettings {
  /** Longest time of one item, milliseconds; `undefined` for any. */
  readonly itemTimeoutMs: number | undefined
  readonly signal: AbortSignal | undefined
  /** Position in the data of an item of the chunk. */
  readonly indexOf: (offset: number) => number
  readonly clock: Clock
}

/** An item is ended at most two such shares of its time too late. */
const CHECKS_PER_TIMEOUT = 8

/** How often it is seen whether it is an aborted chunk's turn, milliseconds. */
const ABORT_CHECK_MS = 5

/**
 * The chunk's reply, or a rejection as soon as one of its items is out of time or the signal aborts.
 * @throws {@link ItemTimeoutError}, `signal.reason`, or what the reply rejects with.
 */
export async function watchChunk(
  running: RunningChunk,
  settings: WatchSettings,
): Promise<ChunkReply> {
  const { itemTimeoutMs, signal } = settings
  if (itemTimeoutMs === undefined && !signal) return running.reply
  return new Promise((resolve, reject) => {
    const stopTimer =
      itemTimeoutMs === undefined ? () => {} : watchItems(running, itemTimeoutMs, settings, reject)
    const abort = (): void => {
      // The reason is the caller's and is passed on as it is, as fetch does.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      reject(signal?.reason)
      endInTurn(running)
    }
    const stop = (): void => {
      stopTimer()
      signal?.removeEventListener('abort', abort)
    }
    signal?.addEventListener('abort', abort, { once: true })
    // Before anybody could listen.
    if (signal?.aborted) abort()
    running.reply.then(resolve, reject).finally(stop)
  })
}

/** Looks now and then at which item runs, and for how long it has been the same. */
function watchItems(
  running: RunningChunk,
  itemTimeoutMs: number,
  { clock, indexOf }: WatchSettings,
  onTimeout: (error: ItemTimeoutError) => void,
): () => void {
  let seenOffset: number | undefined
  let seenSinceMs = 0
  const timer = setInterval(check, itemTimeoutMs / CHECKS_PER_TIMEOUT)
  return () => clearInterval(timer)

  function check(): void {
    const offset = running.currentOffset()
    if (offset !== seenOffset) seenSinceMs = clock.now()
    seenOffset = offset
    if (offset === undefined || clock.now() - seenSinceMs < itemTimeoutMs) return
    if (!running.endWorker()) return
    clearInterval(timer)
    onTimeout(new ItemTimeoutError(indexOf(offset), itemTimeoutMs))
  }
}

/** Another caller's chunk that runs before this one in the same worker is left alone; none starts after it. */
function endInTurn(running: RunningChunk): void {
  const timer = setInterval(check, ABORT_CHECK_MS)
  const stop = (): void => clearInterval(timer)
  running.reply.then(stop, stop)
  check()

  function check(): void {
    if (running.endWorkerInTurn()) stop()
  }
}

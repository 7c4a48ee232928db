/**
 * The plain loop that a map begins with where nothing is known about it. Most maps are over before
 * the machine has been looked at, a store opened or a worker started, and need none of it.
 */
import { abortable, PartialResults, watchWaiting } from '@amorsize/sampler'

import { BatchLoop } from './batch-loop.ts'
import { overlapFrom } from './request.ts'
import type { Request } from './request.ts'

/** What the loop has done. */
export interface Opening<O> {
  readonly results: PartialResults<O>
  /** Time it took, milliseconds. */
  readonly busyMs: number
  /** Time that what is left seems to take, milliseconds. */
  readonly leftMs: number
  /** Share of its time in which the thread was idle, 0..1. */
  readonly waitShare: number
}

/** A function's first calls are its slowest: so much of what seems left is looked at before it counts. */
const FIRST_LOOK_SHARE = 0.05
const SHORTEST_LOOK_MS = 1
const LONGEST_LOOK_MS = 5

/** Work that half the time, on two warm workers, would hardly repay the dry run for. */
const WORTH_WARM_WORKERS_MS = 25

/**
 * Work not worth finding out more about in a process without workers: to look at the machine, to
 * open the store and to start a worker takes about as long.
 */
const WORTH_COLD_WORKERS_MS = 50

/**
 * Whether to know it the next time is worth opening the store, where it is not open. Of some maps only
 * the last items, or the collector in the end, show how long they are.
 */
export function isWorthRemembering<O>({ busyMs, leftMs }: Opening<O>): boolean {
  return busyMs + leftMs >= WORTH_COLD_WORKERS_MS
}

/** The first call may wait for what the others find ready; calls are cold while each is much quicker. */
const FEWEST_WAITS = 2
const MOST_WAITS = 5
const MUCH_QUICKER = 0.5

/** Time of a batch, milliseconds: what is left is looked at after each. */
const BATCH_MS = 0.25

/**
 * Runs items in order until none is left, or until what is left looks worth deciding about.
 *
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where the task throws.
 * @throws The signal's reason after an abort.
 */
export async function runOpening<I, O>(request: Request<I, O>): Promise<Opening<O>> {
  const { items, task, pool, signal, onItemError } = request
  const results = new PartialResults<O>(items.length)
  const run = await task.load()
  const worthMs = pool.warmWorkers > 0 ? WORTH_WARM_WORKERS_MS : WORTH_COLD_WORKERS_MS
  const watchedWaitShare = watchWaiting()
  let waitShare = 0
  let busyMs = 0
  let leftMs = 0
  let lastItemMs = Infinity

  const isWorthDeciding = (itemCount: number, batchStartMs: number, nowMs: number): boolean => {
    busyMs = nowMs - startMs
    if (busyMs < SHORTEST_LOOK_MS) return false
    // The mean counts the first calls, which are slow; one batch may have been disturbed.
    const batchItemMs = (nowMs - batchStartMs) / itemCount
    const isStillCold = batchItemMs < MUCH_QUICKER * lastItemMs && results.doneCount < MOST_WAITS
    lastItemMs = batchItemMs
    const itemTimeMs = Math.min(busyMs / results.doneCount, batchItemMs)
    leftMs = itemTimeMs * results.restCount
    if (loop.mayWait) {
      // Before the machine is looked at, which takes long enough to look like computing.
      waitShare = watchedWaitShare()
      const isSeen = results.doneCount >= FEWEST_WAITS && !isStillCold
      if (isSeen && waitShare >= overlapFrom(request)) return true
    }
    const lookMs = Math.min(LONGEST_LOOK_MS, FIRST_LOOK_SHARE * leftMs)
    return leftMs >= worthMs && busyMs >= lookMs
  }
  const loop = new BatchLoop({
    run,
    items,
    results,
    signal,
    batchMs: BATCH_MS,
    onBatch: isWorthDeciding,
    onTurn: () => false,
    onItemError: (error) => {
      if (!onItemError) throw error
      results.set(error.index, undefined as O)
      onItemError(error)
    },
  })
  const startMs = performance.now()
  await abortable(loop.complete(), signal, () => {})
  signal?.throwIfAborted()
  return { results, busyMs, leftMs, waitShare }
}

/**
 * Whether the opening says all that there is to decide: nothing is left, or the items wait so much
 * that many of them at once are better than any worker.
 */
export function tellsEnough<I, O>(request: Request<I, O>, opening: Opening<O>): boolean {
  return opening.results.restCount === 0 || opening.waitShare >= overlapFrom(request)
}

/**
 * The plain loop that a map begins with where nothing is known about it. Most maps are over before
 * the machine has been looked at, a store opened or a worker started, and need none of it.
 */
import { abortable, PartialResults, watchWaiting } from '@amorsize/sampler'

import { BatchLoop } from './batch-loop.ts'
import { BatchSpread } from './batch-spread.ts'
import type { ItemSpread } from './batch-spread.ts'
import type { ProgressReporter } from './progress.ts'
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
  /** How its items differ. */
  readonly spread: () => ItemSpread
}

/** A function's first calls are its slowest: so much of what seems left is looked at before it counts. */
const FIRST_LOOK_SHARE = 0.1
const SHORTEST_LOOK_MS = 1
const LONGEST_LOOK_MS = 20

/** To send a number and take its result back costs the calling thread as much: no worker gains by less. */
const SHORTEST_SENT_MS = 0.00005

/**
 * Items that are this quick go on growing quicker for ten thousands of calls, and a sample of them on a
 * worker takes longer than most maps of them (`pnpm bench regret --only mixing`).
 */
const QUICK_ITEM_MS = 0.002
const QUICK_LOOK_SHARE = 0.5
const WORTH_QUICK_ITEMS_MS = 100

/** Where workers are ready, a look for nothing costs some round trips, and the items are not kept waiting. */
const LONGEST_WARM_LOOK_MS = 5

/** Work that half the time, on two warm workers, would hardly repay the dry run for. */
const WORTH_WARM_WORKERS_MS = 25

/**
 * What workers cost a process that has none: to load what decides, look at the machine, open the store,
 * start two of them and sample. By `pnpm bench first-call`.
 */
const COLD_WORKERS_MS = 150

/** To know a shorter map the next time is worth nothing, nor are workers that it would find. */
const WORTH_KNOWING_MS = 50

/** A process whose maps took as long in their openings is likely to go on with them. */
const WORTH_INVESTING_MS = 300

/** Of a map that comes again and again, two warm workers would spare half of this each time. */
const WORTH_KNOWING_AGAIN_MS = 10

/** Time of this process's maps that were over with their opening, milliseconds. */
let openedMs = 0

/** Whether what a call alone would not repay is worth it for those to come. */
function isInvesting(): boolean {
  return openedMs >= WORTH_INVESTING_MS
}

/**
 * Whether to know it the next time is worth opening the store, where it is not open: of a map that goes
 * on, of one more in a process that comes back again and again, or where the caller looks at the decision.
 */
export function isWorthRemembering<O>(
  { busyMs, leftMs, results }: Opening<O>,
  isLookedAt: boolean,
): boolean {
  const wholeMs = busyMs + leftMs
  if (isInvesting()) return wholeMs >= WORTH_KNOWING_AGAIN_MS
  return (isLookedAt || results.restCount > 0) && wholeMs >= WORTH_KNOWING_MS
}

/** Time left from which workers would gain more than they cost. */
function worthWorkersMs<I, O>({ pool, useMlPrediction, cpuBefore }: Request<I, O>): number {
  if (pool.readyWorkers > 0) return WORTH_WARM_WORKERS_MS
  // A run that is to teach something has to be one.
  const isLearning = useMlPrediction || cpuBefore !== undefined
  if (isLearning || isInvesting()) return WORTH_KNOWING_MS
  return COLD_WORKERS_MS / (1 - 1 / Math.max(2, cores()))
}

/** The kernel is asked once: it takes as long as all else that a call adds to a short loop. */
let knownCores: number | undefined

function cores(): number {
  return (knownCores ??= process.getBuiltinModule('node:os').availableParallelism())
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
 * @param reporter - Told how far the map is: now and then, and when the loop is over.
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where the task throws.
 * @throws The signal's reason after an abort.
 */
export async function runOpening<I, O>(
  request: Request<I, O>,
  reporter: ProgressReporter | undefined,
): Promise<Opening<O>> {
  const { items, itemCount: total, task, signal, onItemError } = request
  const results = new PartialResults<O>(total)
  const report = (): void => reporter?.report(results.doneCount, results.itemCount)
  const run = await task.load(signal)
  const watchedWaitShare = watchWaiting()
  let waitShare = 0
  let busyMs = 0
  let leftMs = 0
  let lastItemMs = Infinity

  const batches = new BatchSpread()

  const isWorthDeciding = (itemCount: number, batchStartMs: number, nowMs: number): boolean => {
    batches.add(itemCount, nowMs - batchStartMs)
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
    if ((isStillCold && busyMs < LONGEST_LOOK_MS) || itemTimeMs < SHORTEST_SENT_MS) return false
    // Workers that were starting when the loop began may be ready by now.
    const worthMs = worthWorkersMs(request)
    const longestLookMs = request.pool.readyWorkers > 0 ? LONGEST_WARM_LOOK_MS : LONGEST_LOOK_MS
    const isQuick = itemTimeMs < QUICK_ITEM_MS
    const lookMs = isQuick
      ? Math.min(LONGEST_LOOK_MS, QUICK_LOOK_SHARE * leftMs)
      : Math.min(longestLookMs, FIRST_LOOK_SHARE * leftMs)
    return (
      leftMs >= (isQuick ? Math.max(worthMs, WORTH_QUICK_ITEMS_MS) : worthMs) && busyMs >= lookMs
    )
  }
  const loop = new BatchLoop({
    run,
    items,
    results,
    signal,
    batchMs: BATCH_MS,
    onBatch: isWorthDeciding,
    onTurn: () => {
      report()
      return false
    },
    onItemError: (error) => {
      if (!onItemError) throw error
      results.set(error.index, undefined as O)
      onItemError(error)
    },
  })
  const startMs = performance.now()
  const looped = loop.complete()
  await (signal ? abortable(looped, signal, () => {}) : looped)
  signal?.throwIfAborted()
  report()
  if (results.restCount === 0) openedMs += busyMs
  return { results, busyMs, leftMs, waitShare, spread: () => batches.spread() }
}

/**
 * Whether the opening says all that there is to decide: nothing is left, or the items wait so much
 * that many of them at once are better than any worker.
 */
export function tellsEnough<I, O>(request: Request<I, O>, opening: Opening<O>): boolean {
  return opening.results.restCount === 0 || opening.waitShare >= overlapFrom(request)
}

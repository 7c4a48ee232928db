/**
 * The plain loop that a map begins with where nothing is known about it. Most maps are over before
 * the machine has been looked at, a store opened or a worker started, and need none of it.
 */
import { abortable, ItemError, PartialResults, runItems } from '@amorsize/sampler'

import type { Costs } from './cost-model.ts'
import type { Decision } from './decide/source.ts'
import type { Request } from './request.ts'

/** What the loop has done. */
export interface Opening<O> {
  readonly results: PartialResults<O>
  /** Time it took, milliseconds. */
  readonly busyMs: number
  /** Time that what is left seems to take, milliseconds. */
  readonly leftMs: number
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

/** Between two looks at the clock: enough that reading it costs nothing beside the quickest items. */
const LARGEST_BATCH = 256
const BATCH_MS = 0.25

/** How long the loop may hold the thread before timers and aborts get their turn, milliseconds. */
const LONGEST_HOLD_MS = 50

/**
 * Runs items in order until none is left, or until what is left looks worth deciding about.
 *
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where the task throws.
 * @throws The signal's reason after an abort.
 */
export async function runOpening<I, O>({
  items,
  task,
  pool,
  signal,
  onItemError,
}: Request<I, O>): Promise<Opening<O>> {
  const results = new PartialResults<O>(items.length)
  const run = await task.load()
  const worthMs = pool.warmWorkers > 0 ? WORTH_WARM_WORKERS_MS : WORTH_COLD_WORKERS_MS
  const startMs = performance.now()
  let heldSinceMs = startMs
  let batchSize = 1
  let leftMs = 0
  while (results.restCount > 0) {
    signal?.throwIfAborted()
    const batchStartMs = performance.now()
    const from = results.doneCount
    const to = Math.min(items.length, from + batchSize)
    try {
      const pending = runItems(run, items, results, from, to)
      if (pending) await abortable(pending, signal, () => {})
    } catch (error) {
      if (!onItemError || !(error instanceof ItemError)) throw error
      results.set(error.index, undefined as O)
      onItemError(error)
    }
    const nowMs = performance.now()
    const batchMs = nowMs - batchStartMs
    batchSize = nextBatchSize(batchSize, batchMs)
    if (nowMs - startMs < SHORTEST_LOOK_MS) continue
    // The mean counts the first calls, which are slow; one batch may have been disturbed.
    const itemTimeMs = Math.min(
      (nowMs - startMs) / results.doneCount,
      batchMs / (results.doneCount - from),
    )
    leftMs = itemTimeMs * results.restCount
    const lookMs = Math.min(LONGEST_LOOK_MS, FIRST_LOOK_SHARE * leftMs)
    if (leftMs >= worthMs && nowMs - startMs >= lookMs) break
    if (nowMs - heldSinceMs < LONGEST_HOLD_MS) continue
    await new Promise(setImmediate)
    heldSinceMs = performance.now()
  }
  return { results, busyMs: performance.now() - startMs, leftMs }
}

function nextBatchSize(batchSize: number, batchMs: number): number {
  return batchMs < BATCH_MS ? Math.min(LARGEST_BATCH, batchSize * 2) : Math.ceil(batchSize / 2)
}

/** The account of a map that was over with its opening. */
export function decideFromOpening<I, O>(
  { items, task, system, runtime }: Request<I, O>,
  { results, busyMs }: Opening<O>,
): Decision<O> {
  const itemTimeMs = busyMs / Math.max(1, items.length)
  const costs: Costs = {
    itemCount: 0,
    mainItemTimeMs: itemTimeMs,
    workerItemTimeMs: itemTimeMs,
    coefficientOfVariation: 0,
    waitShare: 0,
    dispatch: undefined,
    usableCores: system.usableCores,
    contention: 0,
  }
  return {
    source: 'dry-run',
    plan: { executor: 'serial', nJobs: 1, chunkSize: Math.max(1, items.length) },
    estimatedTimeMs: 0,
    estimatedSpeedup: 1,
    reason: 'The plain loop was over before anything else was worth a try',
    warnings: [],
    features: {
      dataSize: items.length,
      itemTimeMs,
      physicalCores: system.physicalCores,
      availableMemoryBytes: system.availableMemoryBytes,
      startMethod: runtime,
      functionComplexity: task.complexity,
    },
    costs,
    results,
  }
}

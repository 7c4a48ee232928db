/** The plain loop, on the calling thread. */
import { abortable, runItems } from '@amorsize/sampler'
import type { ItemError } from '@amorsize/sampler'

import { LONGEST_HOLD_MS } from '../longest-hold.ts'
import { asyncExecutor } from './async.ts'
import { throwItemError } from './executor.ts'
import type { Execution, ExecutionCosts, Executor } from './executor.ts'
import { ItemTimes } from './item-times.ts'

/** Between two looks at the clock: enough that reading it costs nothing beside the quickest items. */
const LARGEST_BATCH = 512
const BATCH_MS = 1

/** Runs one item after the other. */
export const serialExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { signal, plan } = execution
    signal?.throwIfAborted()
    if (execution.itemTimeoutMs !== undefined) {
      return asyncExecutor.run({ ...execution, plan: { ...plan, nJobs: 1 } })
    }
    const times = new ItemTimes()
    await abortable(runLoop(execution, times), signal, () => {})
    signal?.throwIfAborted()
    return times.toCosts()
  },
}

async function runLoop<I, O>(execution: Execution<I, O>, times: ItemTimes): Promise<void> {
  const { task, items, results, signal, onItemError = throwItemError } = execution
  const run = await task.load()
  let batchStartMs = performance.now()
  let heldSinceMs = batchStartMs
  let batchSize = 1
  let from = results.nextMissing(0)
  for (let to: number; from < items.length; from = results.nextMissing(to)) {
    const doneBefore = results.doneCount
    to = Math.min(items.length, from + batchSize)
    try {
      const pending = runItems(run, items, results, from, to)
      if (pending) await pending
    } catch (error) {
      // What runItems throws is an ItemError.
      const failure = error as ItemError
      onItemError(failure.index, failure)
      to = failure.index + 1
    }
    if (signal?.aborted) return
    const nowMs = performance.now()
    const batchMs = nowMs - batchStartMs
    times.add(results.doneCount - doneBefore, batchMs)
    batchSize = batchMs < BATCH_MS ? Math.min(LARGEST_BATCH, batchSize * 2) : (batchSize + 1) >> 1
    batchStartMs = nowMs
    if (nowMs - heldSinceMs < LONGEST_HOLD_MS) continue
    if (await isToEnd(execution, times)) return
    batchStartMs = heldSinceMs = performance.now()
  }
}

/** Gives timers and aborts their turn, tells how far the run is, and asks whether it is to go on. */
async function isToEnd<I, O>(execution: Execution<I, O>, times: ItemTimes): Promise<boolean> {
  const { results, signal, onProgress, reconsider } = execution
  onProgress()
  await new Promise(setImmediate)
  if (signal?.aborted) return true
  const { recentMs, itemCount } = times
  const measured = {
    itemTimeMs: recentMs,
    itemCount,
    remaining: results.restCount,
    lostWorkers: 0,
  }
  return reconsider?.(measured) ?? false
}

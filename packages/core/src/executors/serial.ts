/** The plain loop, on the calling thread. */
import { abortable, runItem } from '@amorsize/sampler'

import { asyncExecutor } from './async.ts'
import { throwItemError } from './executor.ts'
import type { Execution, ExecutionCosts, Executor } from './executor.ts'
import { ItemTimes } from './item-times.ts'

/** How long the loop may hold the thread before timers and aborts get their turn, milliseconds. */
export const LONGEST_HOLD_MS = 50

/** Reading the clock after every item would cost more than a quick item itself. */
const MOST_ITEMS_PER_CHECK = 32

/** Items that take longer than this together are few enough to look at the clock. */
const CHECK_MS = 1

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
  let sliceStartMs = performance.now()
  let heldSinceMs = sliceStartMs
  let sliceSize = 1
  let index = results.nextMissing(0)
  while (index < items.length) {
    let count = 0
    try {
      for (; count < sliceSize && index < items.length; index = results.nextMissing(index + 1)) {
        const pending = runItem(run, items, results, index)
        count++
        if (!pending) continue
        await pending
        if (signal?.aborted) return
      }
    } catch (error) {
      // What runItem throws is an ItemError.
      onItemError(index, error as Error)
      index = results.nextMissing(index + 1)
    }
    const nowMs = performance.now()
    const sliceMs = nowMs - sliceStartMs
    times.add(count, sliceMs)
    sliceSize =
      sliceMs < CHECK_MS ? Math.min(sliceSize * 2, MOST_ITEMS_PER_CHECK) : (sliceSize + 1) >> 1
    sliceStartMs = nowMs
    if (signal?.aborted) return
    if (nowMs - heldSinceMs < LONGEST_HOLD_MS) continue
    if (await isToEnd(execution, times)) return
    sliceStartMs = heldSinceMs = performance.now()
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

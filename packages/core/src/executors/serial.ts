/** The plain loop, on the calling thread. */
import { abortable, watchWaiting } from '@amorsize/sampler'

import { BatchLoop } from '../batch-loop.ts'
import { asyncExecutor } from './async.ts'
import { throwItemError } from './executor.ts'
import type { Execution, ExecutionCosts, Executor } from './executor.ts'
import { ItemTimes } from './item-times.ts'

/** Time of a batch, milliseconds: what the last items took is told by about ten of them. */
const BATCH_MS = 1

/** Runs one item after the other. */
export const serialExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { task, items, results, signal, plan, onItemError = throwItemError } = execution
    signal?.throwIfAborted()
    if (execution.itemTimeoutMs !== undefined) {
      return asyncExecutor.run({ ...execution, plan: { ...plan, nJobs: 1 } })
    }
    const times = new ItemTimes()
    const loop = new BatchLoop({
      run: await task.load(signal),
      items,
      results,
      signal,
      batchMs: BATCH_MS,
      onBatch: (itemCount, startMs, endMs) => {
        times.add(itemCount, endMs - startMs)
        return false
      },
      onTurn: () => isToEnd(execution, times),
      onItemError: (error) => onItemError(error.index, error),
    })
    const waitShare = watchWaiting()
    await abortable(loop.complete(), signal, () => {})
    signal?.throwIfAborted()
    return { ...times.toCosts(), computingMs: times.busyMs * (1 - waitShare()) }
  },
}

/** Tells how far the run is, and asks whether it is to go on. */
function isToEnd<I, O>(
  { results, onProgress, reconsider }: Execution<I, O>,
  { recentMs, itemCount }: ItemTimes,
): boolean {
  onProgress()
  const measured = {
    itemTimeMs: recentMs,
    itemCount,
    remaining: results.restCount,
    lostWorkers: 0,
  }
  return reconsider?.(measured) ?? false
}

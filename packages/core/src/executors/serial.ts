/** The plain loop, on the calling thread. */
import { runItems } from '@amorsize/sampler'

import type { Execution, ExecutionCosts, Executor } from './executor.ts'

/** How long the loop may hold the thread before timers and aborts get their turn, milliseconds. */
const LONGEST_HOLD_MS = 50

/** Between two looks at the clock: enough that reading it costs nothing beside the quickest items. */
const LARGEST_BATCH = 256
const BATCH_MS = 1

/** Runs one item after the other. */
export const serialExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { task, items, results, signal, onProgress } = execution
    signal?.throwIfAborted()
    const run = await task.load()
    const startMs = performance.now()
    let heldSinceMs = startMs
    let batchSize = 1
    for (let from = 0, to: number; from < items.length; from = to) {
      to = Math.min(items.length, from + batchSize)
      const batchStartMs = performance.now()
      const pending = runItems(run, items, results, from, to)
      if (pending) await pending
      const nowMs = performance.now()
      const isQuick = !pending && nowMs - batchStartMs < BATCH_MS
      batchSize = isQuick ? Math.min(LARGEST_BATCH, batchSize * 2) : 1
      if (pending) signal?.throwIfAborted()
      if (nowMs - heldSinceMs < LONGEST_HOLD_MS) continue
      onProgress()
      await new Promise(setImmediate)
      signal?.throwIfAborted()
      heldSinceMs = performance.now()
    }
    signal?.throwIfAborted()
    return { busyMs: performance.now() - startMs, chunkCount: 0 }
  },
}

/** The plain loop, on the calling thread. */
import { runItem } from '@amorsize/sampler'

import type { Execution, ExecutionCosts, Executor } from './executor.ts'

/** How long the loop may hold the thread before timers and aborts get their turn, milliseconds. */
const LONGEST_HOLD_MS = 50

/** Runs one item after the other. */
export const serialExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { task, items, results, signal, onProgress } = execution
    const run = await task.load()
    const startMs = performance.now()
    let heldSinceMs = startMs
    for (const index of results.rest()) {
      const pending = runItem(run, items, results, index)
      if (pending) await pending
      const nowMs = performance.now()
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

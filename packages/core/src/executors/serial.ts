/** The plain loop, on the calling thread. */
import { runItem } from '@amorsize/sampler'

import type { Execution, ExecutionCosts, Executor } from './executor.ts'

/** How long the loop may hold the thread before timers and aborts get their turn, milliseconds. */
const LONGEST_HOLD_MS = 50

/** Reading the clock after every item would cost more than a quick item itself. */
const ITEMS_PER_CHECK = 16

/** Runs one item after the other. */
export const serialExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { task, items, results, signal, onProgress } = execution
    signal?.throwIfAborted()
    const run = await task.load()
    const startMs = performance.now()
    let heldSinceMs = startMs
    let untilCheck = ITEMS_PER_CHECK
    for (
      let index = results.nextMissing(0);
      index < items.length;
      index = results.nextMissing(index + 1)
    ) {
      const pending = runItem(run, items, results, index)
      if (pending) await pending
      if (--untilCheck > 0) continue
      untilCheck = ITEMS_PER_CHECK
      if (performance.now() - heldSinceMs < LONGEST_HOLD_MS) continue
      onProgress()
      await new Promise(setImmediate)
      signal?.throwIfAborted()
      heldSinceMs = performance.now()
    }
    signal?.throwIfAborted()
    return { busyMs: performance.now() - startMs, chunkCount: 0 }
  },
}

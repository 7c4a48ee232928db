/** Many items at once on the calling thread: for tasks that mostly wait. */
import { abortable, runItem } from '@amorsize/sampler'

import type { Execution, ExecutionCosts, Executor } from './executor.ts'

/** Keeps `nJobs` items in flight. */
export const asyncExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { task, items, results, plan, signal, onProgress } = execution
    const run = await task.load()
    let cursor = 0
    let busyMs = 0
    let isStopped = false

    async function runLane(): Promise<void> {
      while (!isStopped) {
        const index = results.nextMissing(cursor)
        if (index === items.length) return
        cursor = index + 1
        const startMs = performance.now()
        try {
          await runItem(run, items, results, index)
        } catch (error) {
          isStopped = true
          throw error
        }
        busyMs += performance.now() - startMs
        onProgress()
      }
    }

    signal?.throwIfAborted()
    const lanes = Promise.all(Array.from({ length: plan.nJobs }, runLane))
    await abortable(lanes, signal, () => (isStopped = true))
    return { busyMs, chunkCount: 0 }
  },
}

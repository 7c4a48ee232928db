/** Chunks of items on the workers of a pool, about two a worker in flight. */
import { abortable } from '@amorsize/sampler'

import { ChunkRun } from './chunk-run.ts'
import { throwItemError } from './executor.ts'
import type { Execution, ExecutionCosts, Executor } from './executor.ts'
import { ArrayWork } from './work.ts'

/** Sends chunks to `nJobs` workers. */
export const poolExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { task, items, results, signal, onItemError = throwItemError } = execution
    signal?.throwIfAborted()
    const work = new ArrayWork(items, results, onItemError)
    const run = new ChunkRun(task.definition, work, execution)
    try {
      await abortable(run.complete(), signal, () => run.abort(signal?.reason))
    } catch (error) {
      // The caller knows by now, and need not wait for the chunks that nobody wants any more.
      void run.leave(error)
      throw error
    }
    return run.costs
  },
}

/** Chunks of items on the workers of a pool, about two a worker in flight. */
import { abortable, CHUNKS_IN_FLIGHT_PER_WORKER, ItemError } from '@amorsize/sampler'

import type { Execution, ExecutionCosts, Executor } from './executor.ts'

/** Time that chunks under way get to end by themselves after an abort, milliseconds. */
const ABORT_GRACE_MS = 100

/** Sends chunks to `nJobs` workers. */
export const poolExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { signal } = execution
    signal?.throwIfAborted()
    const run = new PoolRun(execution)
    await abortable(run.complete(), signal, () => run.abort())
    return run.costs
  },
}

class PoolRun<I, O> {
  readonly #execution: Execution<I, O>
  #cursor = 0
  #isStopped = false
  #busyMs = 0
  #chunkCount = 0
  #inFlight = 0

  constructor(execution: Execution<I, O>) {
    this.#execution = execution
  }

  get costs(): ExecutionCosts {
    return { busyMs: this.#busyMs, chunkCount: this.#chunkCount }
  }

  async complete(): Promise<void> {
    const lanes = this.#execution.plan.nJobs * CHUNKS_IN_FLIGHT_PER_WORKER
    await Promise.all(Array.from({ length: lanes }, () => this.#runLane()))
  }

  /** No chunk starts any more; what still runs after a moment is ended with its worker. */
  abort(): void {
    this.#isStopped = true
    const { pool, plan } = this.#execution
    setTimeout(() => {
      if (this.#inFlight > 0) void pool.terminateBusy(plan.nJobs)
    }, ABORT_GRACE_MS).unref()
  }

  async #runLane(): Promise<void> {
    for (let chunk = this.#nextChunk(); chunk.length > 0; chunk = this.#nextChunk()) {
      try {
        await this.#runChunk(chunk)
      } catch (error) {
        this.#isStopped = true
        throw error
      }
    }
  }

  #nextChunk(): number[] {
    const { results, plan } = this.#execution
    const positions: number[] = []
    while (!this.#isStopped && positions.length < plan.chunkSize) {
      const index = results.nextMissing(this.#cursor)
      if (index === results.itemCount) break
      positions.push(index)
      this.#cursor = index + 1
    }
    return positions
  }

  async #runChunk(positions: readonly number[]): Promise<void> {
    const { task, items, results, plan, pool, onProgress } = this.#execution
    // A missing result is that of one of the items.
    const chunk = positions.map((index) => items[index]!)
    this.#inFlight++
    this.#chunkCount++
    const { values, failure, busyMs } = await pool
      .runChunk(task.definition, chunk, { maxWorkers: plan.nJobs, positions })
      .finally(() => this.#inFlight--)
    this.#busyMs += busyMs
    for (const [offset, value] of values.entries()) results.set(positions[offset]!, value as O)
    if (failure) throw new ItemError(positions[failure.offset]!, failure.error)
    onProgress()
  }
}

/** Carrying out a fixed plan and the plain loop, as somebody would who knew the best plan. */
import { CHUNKS_IN_FLIGHT_PER_WORKER, prepareTask } from '@amorsize/sampler'
import type { TaskDefinition, TaskPool } from '@amorsize/sampler'

import type { Workload } from '../workloads/index.ts'
import type { FixedPlan } from './grid.ts'

/** Runs plans of one workload over the same items. */
export class PlanRunner {
  readonly #workload: Workload
  readonly #items: readonly unknown[]
  readonly #pool: TaskPool
  #definition: TaskDefinition | undefined

  constructor(workload: Workload, items: readonly unknown[], pool: TaskPool) {
    this.#workload = workload
    this.#items = items
    this.#pool = pool
  }

  /** The loop that a user would write. */
  loop(): unknown[] | Promise<unknown[]> {
    const { isAsync } = this.#workload
    return isAsync ? this.#asyncLoop() : this.#syncLoop()
  }

  /** Fixed chunks on workers, or so many items in flight here. */
  run(plan: FixedPlan): Promise<unknown[]> {
    return plan.executor === 'async' ? this.#inFlight(plan.nJobs) : this.#chunks(plan)
  }

  #syncLoop(): unknown[] {
    const { run } = this.#workload
    const results: unknown[] = []
    for (const item of this.#items) results.push(run(item))
    return results
  }

  async #asyncLoop(): Promise<unknown[]> {
    const { run } = this.#workload
    const results: unknown[] = []
    for (const item of this.#items) results.push(await run(item))
    return results
  }

  async #inFlight(count: number): Promise<unknown[]> {
    const { run } = this.#workload
    const items = this.#items
    const results: unknown[] = Array.from({ length: items.length })
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < items.length) {
        const index = next++
        results[index] = await run(items[index])
      }
    }
    await Promise.all(Array.from({ length: Math.min(count, items.length) }, lane))
    return results
  }

  async #chunks({ nJobs, chunkSize }: FixedPlan): Promise<unknown[]> {
    // Checked and described when first sent, as part of the first run's time; the same ever after, so
    // that workers keep the compiled function.
    const definition = (this.#definition ??= prepareTask(this.#workload.task, undefined).definition)
    const items = this.#items
    const results: unknown[] = Array.from({ length: items.length })
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < items.length) {
        const start = next
        next += chunkSize
        const chunk = items.slice(start, next)
        const { values, failure } = await this.#pool.runChunk(definition, chunk, {
          maxWorkers: nJobs,
        })
        if (failure) throw failure.error
        for (let offset = 0; offset < values.length; offset++) {
          results[start + offset] = values[offset]
        }
      }
    }
    await Promise.all(Array.from({ length: nJobs * CHUNKS_IN_FLIGHT_PER_WORKER }, lane))
    return results
  }
}

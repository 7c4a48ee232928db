/** A map on real workers, in the plan that a simulation is to predict. */
import type { TaskDefinition, TaskPool } from '@amorsize/sampler'
import { CHUNKS_IN_FLIGHT_PER_WORKER } from '@amorsize/sampler'

/** What a real run took. */
export interface RealRun {
  readonly makespanMs: number
  /** Time that workers spent on items, added up, milliseconds. */
  readonly busyMs: number
}

/** Runs every item in chunks of one size, two chunks a worker in flight, as the pool executor does. */
export async function runForReal(
  pool: TaskPool,
  definition: TaskDefinition,
  items: readonly unknown[],
  plan: { readonly workers: number; readonly chunkSize: number },
): Promise<RealRun> {
  let cursor = 0
  let busyMs = 0
  const results: unknown[] = []

  async function runLane(): Promise<void> {
    while (cursor < items.length) {
      const first = cursor
      const chunk = items.slice(first, (cursor += plan.chunkSize))
      const reply = await pool.runChunk(definition, chunk, { maxWorkers: plan.workers })
      if (reply.failure) throw reply.failure.error
      for (const [offset, value] of reply.values.entries()) results[first + offset] = value
      busyMs += reply.busyMs
    }
  }

  const startMs = performance.now()
  const lanes = plan.workers * CHUNKS_IN_FLIGHT_PER_WORKER
  await Promise.all(Array.from({ length: lanes }, runLane))
  return { makespanMs: performance.now() - startMs, busyMs }
}

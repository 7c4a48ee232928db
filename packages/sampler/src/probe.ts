/** The first part of a dry run: a few items on the caller's thread, in about the time of a frame. */
import type { Clock } from './clock.ts'
import { runItem } from './run-item.ts'
import type { Sample } from './sample.ts'
import { SteadyState } from './steady-state.ts'
import type { PreparedTask } from './task.ts'
import { watchWaiting } from './wait-share.ts'

/** Long enough for a quick function to warm up, too short for anyone to notice. */
const PROBE_BUDGET_MS = 5

/** Below this item time the clock would cost more than a tenth of what it measures. */
const SHORTEST_TIMED_ITEM_MS = 0.002

/** Items timed together where one alone is too short. */
const ITEMS_PER_GROUP = 64

/** What a probe found out. */
export interface ProbeResult {
  readonly steadyState: SteadyState
  /** Share of the time in which the thread was idle. */
  readonly waitShare: number
}

/**
 * Runs items of the sample on this thread until the budget ends or none is left.
 * @throws {@link ItemError} where the task throws.
 */
export async function probeItems<I, O>(
  task: PreparedTask<I, O>,
  sample: Sample<I, O>,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<ProbeResult> {
  const steadyState = new SteadyState()
  const run = await task.load()
  const waitShare = watchWaiting()
  const endMs = clock.now() + PROBE_BUDGET_MS

  for (let batchSize = 1; clock.now() < endMs; batchSize *= 2) {
    signal?.throwIfAborted()
    const isTiny = steadyState.itemTimeMs < SHORTEST_TIMED_ITEM_MS
    const groupSize = isTiny ? ITEMS_PER_GROUP : 1
    const batch = sample.take(Math.max(batchSize, groupSize))
    if (batch.length === 0) break
    const times: number[] = []
    for (let from = 0; from < batch.length && clock.now() < endMs; from += groupSize) {
      const startMs = clock.now()
      const group = batch.slice(from, from + groupSize)
      for (const index of group) {
        const pending = runItem(run, sample.items, sample.results, index)
        if (pending) await pending
      }
      times.push((clock.now() - startMs) / group.length)
    }
    steadyState.addBatch(times)
  }
  return { steadyState, waitShare: waitShare() }
}

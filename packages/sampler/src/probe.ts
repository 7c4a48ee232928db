/** The first part of a dry run: a few items on the caller's thread, in about the time of a frame. */
import type { Clock } from './clock.ts'
import { removeQueueTime, watchQueue } from './queue-time.ts'
import { runItem } from './run-item.ts'
import type { Sample } from './sample.ts'
import { SteadyState } from './steady-state.ts'
import type { PreparedTask } from './prepared-task.ts'
import { watchWaiting } from './wait-share.ts'

/** Long enough for a quick function to warm up, too short for anyone to notice. */
const PROBE_BUDGET_MS = 5

/**
 * The first call alone may take the whole budget and ten times as long as the next: so many items
 * are run in any case, unless they are so long that it does not matter.
 */
const FEWEST_ITEMS = 4
const LONGEST_PROBE_MS = 20

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
  const run = await task.load(signal)
  const waitShare = watchWaiting()
  const startMs = clock.now()
  let hasBegun = false
  const isOver = (): boolean => {
    // A thread that had to wait for its core meanwhile knows nothing yet.
    if (!hasBegun) return false
    const budgetMs = sample.results.doneCount < FEWEST_ITEMS ? LONGEST_PROBE_MS : PROBE_BUDGET_MS
    return clock.now() - startMs >= budgetMs
  }

  let queueMs = 0
  for (let batchSize = 1; !isOver(); batchSize *= 2) {
    const isTiny = steadyState.itemTimeMs < SHORTEST_TIMED_ITEM_MS
    const groupSize = isTiny ? ITEMS_PER_GROUP : 1
    const positions: number[] = []
    const times: number[] = []
    const queueTime = watchQueue()
    while (positions.length < batchSize && !isOver()) {
      signal?.throwIfAborted()
      hasBegun = true
      // Taken only when it is run: what is left is sampled in a worker.
      const group = sample.take(groupSize)
      if (group.length === 0) break
      const groupStartMs = clock.now()
      for (const index of group) {
        let pending: undefined | Promise<void>
        try {
          pending = runItem(run, sample.items, sample.results, index)
          if (pending) await pending
        } catch (error) {
          sample.fail(error)
        }
        if (pending) signal?.throwIfAborted()
      }
      times.push((clock.now() - groupStartMs) / group.length)
      positions.push(...group)
    }
    if (positions.length === 0) break
    const timesMs = Float64Array.from(times)
    const batchQueueMs = queueTime()
    queueMs += batchQueueMs
    removeQueueTime(timesMs, batchQueueMs / groupSize)
    if (groupSize === 1) sample.note(positions, timesMs)
    steadyState.addBatch(timesMs, groupSize)
  }
  return { steadyState, waitShare: waitShare(queueMs) }
}

/**
 * Time in which a thread had something to compute but others had the cores. On a busy machine it
 * would pass for the cost of the items that it fell on. Linux counts it for each thread.
 */
const { readFileSync } = process.getBuiltinModule('node:fs')

/** Of the current thread: time on a core, time waiting for one (both nanoseconds), time slices. */
const SCHEDULER_STATISTICS = '/proc/thread-self/schedstat'

const NANOSECONDS_PER_MS = 1e6

/** Starts watching the current thread; the returned function tells its waits for a core, milliseconds. */
export function watchQueue(): () => number {
  const startMs = readQueueMs()
  return () => Math.max(0, readQueueMs() - startMs)
}

/** 0 where the system does not count it. */
function readQueueMs(): number {
  if (process.platform !== 'linux') return 0
  try {
    const waited = readFileSync(SCHEDULER_STATISTICS, 'latin1').split(' ')[1]
    return Number(waited) / NANOSECONDS_PER_MS || 0
  } catch {
    return 0
  }
}

/**
 * Takes the waits out of item times. Which items they fell on is not known; one that took far longer
 * than others is the likeliest, so waits are taken from the slowest first, and none is made quicker
 * than the median. The sum is right in any case.
 *
 * @param timesMs - Changed in place.
 * @param queueMs - Time to take out in all.
 */
export function removeQueueTime(timesMs: Float64Array, queueMs: number): void {
  if (queueMs <= 0 || timesMs.length === 0) return
  const slowestFirst = [...timesMs.keys()].toSorted((a, b) => timesMs[b]! - timesMs[a]!)
  // `slowestFirst` holds positions of `timesMs`.
  const medianMs = timesMs[slowestFirst[slowestFirst.length >> 1]!]!
  let leftMs = queueMs
  for (const place of slowestFirst) {
    const takenMs = Math.min(leftMs, timesMs[place]! - medianMs)
    if (takenMs <= 0) break
    timesMs[place]! -= takenMs
    leftMs -= takenMs
  }
}

/** How far a run is, told often enough for a bar and too seldom to cost anything. */

/**
 * How far a run is.
 * @public
 */
export interface Progress {
  /** Items with a result. */
  readonly done: number
  /** Items in all. */
  readonly total: number
  /** Items a second since the run began. */
  readonly rate: number
  /** Time until the end at this rate, milliseconds; infinite before the first item. */
  readonly etaMs: number
}

/** At most 20 calls a second. */
const SHORTEST_INTERVAL_MS = 50

const MS_PER_SECOND = 1000

/** Calls `onProgress` with what is done, now and then and once when all is. */
export class ProgressReporter {
  readonly #onProgress: (progress: Progress) => void
  readonly #now: () => number
  readonly #startMs: number
  #lastMs = -Infinity
  #hasEnded = false

  /** To be made when the run begins: the rate counts from here. */
  constructor(
    onProgress: (progress: Progress) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#onProgress = onProgress
    this.#now = now
    this.#startMs = now()
  }

  /** Says that so many items are done. */
  report(done: number, total: number): void {
    if (this.#hasEnded) return
    const nowMs = this.#now()
    this.#hasEnded = done === total
    if (!this.#hasEnded && nowMs - this.#lastMs < SHORTEST_INTERVAL_MS) return
    this.#lastMs = nowMs
    const elapsedMs = Math.max(nowMs - this.#startMs, Number.EPSILON)
    const etaMs = done === 0 ? Infinity : (elapsedMs / done) * (total - done)
    this.#onProgress({ done, total, rate: (done / elapsedMs) * MS_PER_SECOND, etaMs })
  }
}

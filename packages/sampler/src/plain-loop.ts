/**
 * The plain loop on the caller's thread while a worker is awaited: a map that turns out too short
 * for workers has then lost nothing, and one that is not has come that much further.
 */
import type { Clock } from './clock.ts'
import { watchQueue } from './queue-time.ts'
import { runItem } from './run-item.ts'
import type { Sample } from './sample.ts'
import type { PreparedTask } from './prepared-task.ts'

/** How long the loop holds the thread before what is awaited gets its turn, milliseconds. */
const SLICE_MS = 2

/**
 * Items in a row between two looks at the clock, which would cost more than a quick item itself. To
 * find where the next row begins takes as long as some hundred of the quickest items.
 */
const SHORTEST_ROW = 64
const LONGEST_ROW = 4096
const ROW_MS = 0.25

/** Runs items of a sample, slice by slice. */
export class PlainLoop<I, O> {
  readonly #task: PreparedTask<I, O>
  readonly #sample: Sample<I, O>
  readonly #clock: Clock
  readonly #signal: AbortSignal | undefined
  #itemCount = 0
  #busyMs = 0
  /** Mean time of an item of the last row: the next may be unlike all those before. */
  #rowItemMs = Infinity
  #overrunMs = 0

  constructor(
    task: PreparedTask<I, O>,
    sample: Sample<I, O>,
    { clock, signal }: { clock: Clock; signal?: AbortSignal },
  ) {
    this.#task = task
    this.#sample = sample
    this.#clock = clock
    this.#signal = signal
  }

  /** Number of items so far. */
  get itemCount(): number {
    return this.#itemCount
  }

  /** Mean time of the items so far, without waits for a core, milliseconds; NaN before the first. */
  get itemTimeMs(): number {
    return this.#busyMs / this.#itemCount
  }

  /** Time for which long items held the thread beyond their slices, milliseconds. */
  get overrunMs(): number {
    return this.#overrunMs
  }

  /**
   * Runs items until the promise settles or none is left.
   *
   * @returns What the promise gives.
   * @throws {@link ItemError} where the task throws here.
   */
  async runWhile<T>(awaited: Promise<T>): Promise<T> {
    await this.#run(awaited)
    return awaited
  }

  /**
   * Runs items until the promise settles or none is left, and does not wait for it then.
   *
   * @returns What the promise gives; `undefined` where the items came to an end before it.
   * @throws {@link ItemError} where the task throws here.
   */
  async runUntil<T>(awaited: Promise<T>): Promise<T | undefined> {
    return (await this.#run(awaited)) ? awaited : undefined
  }

  /** Whether the promise has settled. */
  async #run(awaited: Promise<unknown>): Promise<boolean> {
    const state = { isSettled: false }
    const settle = (): void => void (state.isSettled = true)
    awaited.then(settle, settle)
    const run = await this.#task.load(this.#signal)
    const queueTime = watchQueue()
    const startMs = this.#clock.now()
    const busyBeforeMs = this.#busyMs
    // What is awaited may have more to do on this thread first, and a slice may be one long item.
    do await new Promise(setImmediate)
    while (!state.isSettled && (await this.#runSlice(run)))
    // The start of a worker takes a core as well, and the items are not slower for that. The thread
    // always has something to do meanwhile, so its waits fall on all of that alike.
    const durationMs = this.#clock.now() - startMs
    const runningShare = durationMs > 0 ? Math.max(0, 1 - queueTime() / durationMs) : 1
    this.#busyMs = busyBeforeMs + (this.#busyMs - busyBeforeMs) * runningShare
    return state.isSettled
  }

  async #runSlice(run: (item: I) => O | Promise<O>): Promise<boolean> {
    const sample = this.#sample
    const startMs = this.#clock.now()
    let positions = [0]
    let durationMs = 0
    while (positions.length > 0 && durationMs < SLICE_MS) {
      this.#signal?.throwIfAborted()
      const isQuick = this.#rowItemMs * SHORTEST_ROW < SLICE_MS
      positions = isQuick ? sample.takeRow(rowLength(this.#rowItemMs)) : sample.take(1)
      const itemCount = await this.#runRow(run, positions, startMs + SLICE_MS)
      sample.giveBack(positions.slice(itemCount))
      this.#itemCount += itemCount
      const beforeMs = durationMs
      durationMs = this.#clock.now() - startMs
      this.#rowItemMs = (durationMs - beforeMs) / itemCount
    }
    this.#busyMs += durationMs
    this.#overrunMs += Math.max(0, durationMs - SLICE_MS)
    return positions.length > 0
  }

  /** Runs items until the time is over, and says how many. */
  async #runRow(
    run: (item: I) => O | Promise<O>,
    positions: readonly number[],
    endMs: number,
  ): Promise<number> {
    const { items, results } = this.#sample
    let itemCount = 0
    for (const index of positions) {
      let pending: undefined | Promise<void>
      try {
        pending = runItem(run, items, results, index)
        if (pending) await pending
      } catch (error) {
        this.#sample.fail(error)
      }
      itemCount++
      if (!pending && itemCount % SHORTEST_ROW > 0) continue
      this.#signal?.throwIfAborted()
      if (this.#clock.now() >= endMs) break
    }
    return itemCount
  }
}

function rowLength(itemTimeMs: number): number {
  return Math.min(LONGEST_ROW, Math.max(SHORTEST_ROW, Math.ceil(ROW_MS / itemTimeMs)))
}

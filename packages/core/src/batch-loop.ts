/** The plain loop on the calling thread, in batches between which it looks at the clock. */
import { assertWhole, ItemError, runItems } from '@amorsize/sampler'
import type { PartialResults } from '@amorsize/sampler'

import { LONGEST_HOLD_MS } from './longest-hold.ts'

/** Enough that to account for a batch costs nothing beside the quickest items, in cold code as well. */
const LARGEST_BATCH = 8192

/** What a loop works on, and who watches it. */
export interface BatchLoopSettings<I, O> {
  readonly run: (item: I) => O | Promise<O>
  readonly items: ArrayLike<I>
  readonly results: PartialResults<O>
  readonly signal: AbortSignal | undefined
  /** Time that a batch is to take, milliseconds: the batches grow and shrink towards it. */
  readonly batchMs: number
  /** Told of each batch: its items, when it began and ended, milliseconds. Ends the loop by `true`. */
  readonly onBatch: (itemCount: number, startMs: number, endMs: number) => boolean
  /** Told when the thread has been held for long and others had their turn. Ends the loop by `true`. */
  readonly onTurn: () => boolean
  /** Told of each item that fails; it sets a result for the item, or throws what ends the loop. */
  readonly onItemError: (error: ItemError) => void
}

/** Runs the items that have no result, one after the other. */
export class BatchLoop<I, O> {
  readonly #settings: BatchLoopSettings<I, O>
  #from: number
  #batchSize = 1
  #isOver = false
  #mayWait = false

  constructor(settings: BatchLoopSettings<I, O>) {
    this.#settings = settings
    this.#from = settings.results.nextMissing(0)
  }

  /** Whether an item gave a promise. */
  get mayWait(): boolean {
    return this.#mayWait
  }

  /** Resolves when no item is left, somebody ended the loop, or the signal did. */
  async complete(): Promise<void> {
    const { onTurn } = this.#settings
    let heldSinceMs = performance.now()
    while (!this.#isEnded()) {
      const pending = this.#runBatches(heldSinceMs + LONGEST_HOLD_MS)
      if (pending) await pending
      if (this.#isEnded()) return
      if (performance.now() - heldSinceMs < LONGEST_HOLD_MS) continue
      await new Promise(setImmediate)
      if (this.#settings.signal?.aborted || onTurn()) return
      heldSinceMs = performance.now()
    }
  }

  #isEnded(): boolean {
    const { results, signal } = this.#settings
    return this.#isOver || this.#from >= results.itemCount || signal?.aborted === true
  }

  /**
   * Runs batches until the time is over or an item gives a promise. A function of its own, and not
   * asynchronous: where V8 merges it with a loop that awaits, the quickest items take twice as
   * long (`pnpm bench regret --only mixing`).
   */
  #runBatches(untilMs: number): undefined | Promise<void> {
    const { run, items, results, signal, batchMs } = this.#settings
    let startMs = performance.now()
    // The items of a batch may be slower than those that it was made for.
    const isToStop = (): boolean =>
      signal?.aborted === true || performance.now() - startMs >= batchMs
    while (!this.#isEnded() && startMs < untilMs) {
      assertWhole(items, results.itemCount)
      const to = Math.min(results.itemCount, this.#from + this.#batchSize)
      const doneBefore = results.doneCount
      try {
        const reached = runItems(run, items, results, this.#from, to, isToStop)
        if (reached instanceof Promise) return this.#settle(reached, doneBefore, startMs)
        startMs = this.#endBatch(reached, doneBefore, startMs)
      } catch (error) {
        startMs = this.#fail(error, doneBefore, startMs)
      }
    }
    return undefined
  }

  async #settle(reached: Promise<number>, doneBefore: number, startMs: number): Promise<void> {
    this.#mayWait = true
    const { items, results } = this.#settings
    try {
      const to = await reached
      assertWhole(items, results.itemCount)
      this.#endBatch(to, doneBefore, startMs)
    } catch (error) {
      this.#fail(error, doneBefore, startMs)
    }
  }

  #fail(error: unknown, doneBefore: number, startMs: number): number {
    if (!(error instanceof ItemError)) throw error
    this.#settings.onItemError(error)
    return this.#endBatch(error.index + 1, doneBefore, startMs)
  }

  /** Returns when the batch ended, milliseconds. */
  #endBatch(to: number, doneBefore: number, startMs: number): number {
    const { results, batchMs, onBatch } = this.#settings
    const endMs = performance.now()
    const itemCount = results.doneCount - doneBefore
    this.#from = results.nextMissing(to)
    this.#isOver = onBatch(itemCount, startMs, endMs)
    this.#batchSize =
      endMs - startMs < batchMs
        ? Math.min(LARGEST_BATCH, this.#batchSize * 2)
        : Math.max(1, Math.floor((itemCount * batchMs) / (endMs - startMs)))
    return endMs
  }
}

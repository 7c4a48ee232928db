/**
 * A stream as work for an executor: items are read when they are asked for and while the window has
 * room. A slow consumer keeps the window full, and nothing more is read.
 */
import type { Chunk, Work } from '../executors/work.ts'
import type { ItemFailure } from '../item-failures.ts'
import type { Entry, ItemFeed } from './item-feed.ts'
import type { Outcome, Outputs } from './outputs.ts'

/** How much of a stream is held at once. */
export interface WindowSettings {
  /** Most items; `undefined` for some chunks a worker. */
  readonly window: number | undefined
  /** Whether the first item that fails ends the stream. */
  readonly endsOnFailure: boolean
  /** Told of each outcome. */
  readonly onOutcome: (outcome: Outcome<unknown>) => void
}

/** Chunks for each worker that the window has room for: two are under way, two wait for their turn. */
const CHUNKS_PER_WORKER = 4

/** Chunks that a worker has under way. */
const CHUNKS_UNDER_WAY = 2

/** Below this a window saves no memory worth the name. */
const LEAST_WINDOW = 64

/** However short the items are. */
const MOST_WINDOW = 16_384

/** A chunk is sent as it is when the next item is later than this, milliseconds. */
const LINGER_MS = 2

/** Hands a stream's items out and takes its outcomes in. */
export class StreamWork<I, O> implements Work<I, O> {
  readonly #feed: ItemFeed<I>
  readonly #outputs: Outputs<O>
  readonly #settings: WindowSettings
  #nJobs = 1
  #isStopped = false
  #wakeTaker: () => void = () => {}
  #wakeConsumer: () => void = () => {}

  constructor(feed: ItemFeed<I>, outputs: Outputs<O>, settings: WindowSettings) {
    this.#feed = feed
    this.#outputs = outputs
    this.#settings = settings
  }

  get remaining(): number {
    return this.#feed.remaining
  }

  /** Begins to hand out for so many workers, or items at once. */
  start(nJobs: number): void {
    this.#nJobs = nJobs
    this.#isStopped = false
  }

  /** Hands out no more. */
  stop(): void {
    this.#isStopped = true
    this.#wakeTaker()
  }

  take(wanted: number): Chunk<I> | undefined | Promise<Chunk<I> | undefined> {
    const window = this.#windowFor(wanted)
    const count = Math.min(wanted, Math.ceil(window / (CHUNKS_UNDER_WAY * this.#nJobs)))
    const entries: Entry<I>[] = []
    const wait = this.#collect(entries, count, window)
    return wait ? this.#takeLate(entries, count, window, wait) : this.#toChunk(entries)
  }

  giveBack(chunks: readonly Chunk<I>[]): void {
    this.#feed.giveBack(
      chunks.flatMap(({ positions, items }) =>
        positions.map((position, offset) => ({ position, item: items[offset]! })),
      ),
    )
  }

  succeed(position: number, value: O): void {
    this.#put(position, { value })
  }

  fail(position: number, error: Error): void {
    if (this.#settings.endsOnFailure) this.stop()
    this.#put(position, { failure: error as ItemFailure })
  }

  /** Resolves when there is something new for the consumer. */
  change(): Promise<void> {
    return new Promise((resolve) => (this.#wakeConsumer = resolve))
  }

  /** Says that there is something new: an outcome, the end, an abort. */
  noteChange(): void {
    this.#wakeConsumer()
  }

  /** Says that the consumer took outcomes, which makes room. */
  noteDelivery(): void {
    this.#wakeTaker()
  }

  #put(position: number, outcome: Outcome<O>): void {
    this.#outputs.put(position, outcome)
    this.#settings.onOutcome(outcome)
    this.#wakeConsumer()
  }

  #windowFor(count: number): number {
    const byChunks = Math.min(MOST_WINDOW, CHUNKS_PER_WORKER * this.#nJobs * count)
    return this.#settings.window ?? Math.max(LEAST_WINDOW, byChunks)
  }

  /** Adds items until there are enough or no more are to be had; returns what to wait for, if any. */
  #collect(entries: Entry<I>[], count: number, window: number): Promise<void> | undefined {
    while (entries.length < count && !this.#isStopped) {
      if (!this.#feed.hasReady && this.#held >= window) {
        return entries.length > 0 ? undefined : new Promise(() => {})
      }
      const next = this.#feed.next()
      if (next instanceof Promise) return next
      if (!next) return undefined
      entries.push(next)
    }
    return undefined
  }

  async #takeLate(
    entries: Entry<I>[],
    count: number,
    window: number,
    first: Promise<void>,
  ): Promise<Chunk<I> | undefined> {
    let timer: NodeJS.Timeout | undefined
    const linger = { isOver: false }
    const giveUp = (): void => {
      linger.isOver = true
      this.#wakeTaker()
    }
    for (
      let wait: Promise<void> | undefined = first;
      wait && !linger.isOver;
      wait = this.#collect(entries, count, window)
    ) {
      if (entries.length > 0) timer ??= setTimeout(giveUp, LINGER_MS)
      const item = wait
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve
        void item.then(resolve)
      })
    }
    clearTimeout(timer)
    return this.#toChunk(entries)
  }

  #toChunk(entries: readonly Entry<I>[]): Chunk<I> | undefined {
    if (this.#isStopped) this.#feed.giveBack(entries)
    if (this.#isStopped || entries.length === 0) return undefined
    return {
      positions: entries.map(({ position }) => position),
      items: entries.map(({ item }) => item),
    }
  }

  /** Items that were read and whose outcomes were not delivered. */
  get #held(): number {
    return this.#feed.readCount - this.#outputs.deliveredCount
  }
}

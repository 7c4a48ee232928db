/** The plain loop over a stream: an item is read and run when its result is asked for. */
import { abortable, isThenable, ItemError, ItemTimeoutError } from '@amorsize/sampler'

import type { ExecutionCosts, MeasuredRun } from '../executors/executor.ts'
import { ItemTimes } from '../executors/item-times.ts'
import { withinTime } from '../executors/time-limit.ts'
import { LONGEST_HOLD_MS } from '../longest-hold.ts'
import type { Entry, ItemFeed } from './item-feed.ts'
import type { Outcome, Outputs } from './outputs.ts'
import type { Phase } from './phase.ts'

/** What the loop needs. */
export interface SerialSettings<I, O> {
  readonly call: (item: I) => O | Promise<O>
  readonly feed: ItemFeed<I>
  readonly outputs: Outputs<O>
  readonly signal: AbortSignal | undefined
  readonly itemTimeoutMs: number | undefined
  readonly onOutcome: (outcome: Outcome<O>) => void
  /** Whether another plan is to take over. */
  readonly reconsider: (measured: MeasuredRun) => boolean
}

/** Below this item time the clock would cost more than a tenth of what it measures, milliseconds. */
const SHORT_ITEM_MS = 0.001

/** Of short items one in so many is timed. */
const ITEMS_PER_TIME = 16

/** Runs one item after the other. */
export class SerialPhase<I, O> implements Phase<O> {
  readonly #settings: SerialSettings<I, O>
  readonly #times = new ItemTimes()
  #itemCount = 0
  #untilTimed = 1
  #heldSinceMs: number = performance.now()
  #isOver = false

  constructor(settings: SerialSettings<I, O>) {
    this.#settings = settings
  }

  next(): Outcome<O> | undefined | Promise<Outcome<O> | undefined> {
    const { feed, outputs, signal } = this.#settings
    signal?.throwIfAborted()
    const ready = outputs.shift()
    if (ready) return ready
    if (this.#isOver) return undefined
    const entry = feed.next()
    if (entry instanceof Promise) return this.#nextLate(entry)
    return entry && this.#run(entry)
  }

  /** Short items are not all timed. */
  get costs(): ExecutionCosts {
    const itemCount = this.#itemCount
    return { ...this.#times.toCosts(), itemCount, busyMs: itemCount * this.#times.meanMs }
  }

  async end(): Promise<void> {}

  /** Without a signal there is only one promise to wait for, and a quick source is many items. */
  #nextLate(late: Promise<void>): Promise<Outcome<O> | undefined> {
    const { signal } = this.#settings
    return (signal ? abortable(late, signal, () => {}) : late).then(this.#goOn)
  }

  readonly #goOn = (): Outcome<O> | undefined | Promise<Outcome<O> | undefined> => this.next()

  #run(entry: Entry<I>): Outcome<O> | undefined | Promise<Outcome<O> | undefined> {
    const isTimed = --this.#untilTimed === 0
    const startMs = isTimed ? performance.now() : 0
    const outcome = outcomeOf(this.#settings, entry)
    if (outcome instanceof Promise) return this.#runLate(entry, outcome, startMs)
    return this.#keep(entry, outcome, startMs)
  }

  async #runLate(
    entry: Entry<I>,
    pending: Promise<Outcome<O>>,
    startMs: number,
  ): Promise<Outcome<O> | undefined> {
    const { signal } = this.#settings
    const outcome = await (signal ? abortable(pending, signal, () => {}) : pending)
    return this.#keep(entry, outcome, startMs)
  }

  /** Notes the item, and gives whatever is to be delivered next. */
  #keep(
    { position }: Entry<I>,
    outcome: Outcome<O>,
    startMs: number,
  ): Outcome<O> | undefined | Promise<Outcome<O> | undefined> {
    const { outputs, onOutcome } = this.#settings
    this.#itemCount++
    onOutcome(outcome)
    const isToWait = !outputs.passes(position)
    if (isToWait) outputs.put(position, outcome)
    if (startMs > 0 && this.#isTimeToYield(startMs)) {
      return this.#yieldThread(isToWait ? undefined : outcome)
    }
    return isToWait ? this.next() : outcome
  }

  /** Notes the time of an item, and says whether the loop has held the thread for long. */
  #isTimeToYield(startMs: number): boolean {
    const nowMs = performance.now()
    this.#times.add(1, nowMs - startMs)
    this.#untilTimed = this.#times.recentMs < SHORT_ITEM_MS ? ITEMS_PER_TIME : 1
    return nowMs - this.#heldSinceMs >= LONGEST_HOLD_MS
  }

  /** Gives timers and aborts their turn, and asks whether the loop is to go on. */
  async #yieldThread(outcome: Outcome<O> | undefined): Promise<Outcome<O> | undefined> {
    const { feed, signal, reconsider } = this.#settings
    await new Promise(setImmediate)
    signal?.throwIfAborted()
    this.#heldSinceMs = performance.now()
    const itemCount = this.#itemCount
    const { remaining } = feed
    const measured = { itemTimeMs: this.#times.recentMs, itemCount, remaining, lostWorkers: 0 }
    this.#isOver = reconsider(measured)
    return outcome ?? this.next()
  }
}

/** A promise only where the task gave one. */
function outcomeOf<I, O>(
  { call, itemTimeoutMs }: SerialSettings<I, O>,
  { position, item }: Entry<I>,
): Outcome<O> | Promise<Outcome<O>> {
  try {
    const returned = call(item)
    if (!isThenable(returned)) return { value: returned }
    return settledOf(withinTime(returned, position, itemTimeoutMs), position)
  } catch (error) {
    return { failure: new ItemError(position, error) }
  }
}

async function settledOf<O>(pending: PromiseLike<O>, position: number): Promise<Outcome<O>> {
  try {
    return { value: await pending }
  } catch (error) {
    const isOurs = error instanceof ItemTimeoutError && error.index === position
    return { failure: isOurs ? error : new ItemError(position, error) }
  }
}

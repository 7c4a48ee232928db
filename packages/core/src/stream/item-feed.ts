/** The items of a stream with their positions: read one by one, and only when they are wanted. */
import { iteratorOf } from '@amorsize/sampler'
import type { Data } from '@amorsize/sampler'

import { settledWithin } from '../settled-within.ts'

/** An item and its position in the data. */
export interface Entry<I> {
  readonly position: number
  readonly item: I
}

/** Time that a source gets to return while its next item, or an error, is awaited, milliseconds. */
const LONGEST_RETURN_MS = 100

/** Reads a source. */
export class ItemFeed<I> {
  readonly #iterator: Iterator<I> | AsyncIterator<I>
  /** Number of items where the data knows it, else infinite. */
  readonly #length: number
  /** Items that were read and not handed out, or handed out and given back; by position. */
  #ready: Entry<I>[] = []
  #pending: Promise<void> | undefined
  #readCount = 0
  #hasEnded = false
  #error: { readonly thrown: unknown } | undefined

  constructor(data: Data<I>) {
    this.#iterator = iteratorOf(data)
    this.#length = lengthOf(data)
  }

  /** Items that were read from the source. */
  get readCount(): number {
    return this.#readCount
  }

  /** Whether the next item can be had without reading the source. */
  get hasReady(): boolean {
    return this.#ready.length > 0
  }

  /** Whether there are no more items. */
  get isDone(): boolean {
    return this.#hasEnded && !this.hasReady
  }

  /** Number of all items; infinite where nobody knows. */
  get total(): number {
    return this.#hasEnded ? this.#readCount : this.#length
  }

  /** Items that were not handed out; infinite where nobody knows. */
  get remaining(): number {
    return this.total - this.#readCount + this.#ready.length
  }

  /** What the source threw when it was read; its earlier items are as good as any. */
  get error(): { readonly thrown: unknown } | undefined {
    return this.#error
  }

  /** The next item; `undefined` after the last; a promise after which to ask again. */
  next(): Entry<I> | undefined | Promise<void> {
    const ready = this.#ready.shift()
    if (ready || this.#hasEnded) return ready
    if (this.#pending) return this.#pending
    try {
      const step = this.#iterator.next()
      if (!(step instanceof Promise)) return this.#accept(step)
      this.#pending = step.then(this.#receive, this.#refuse)
      return this.#pending
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  /** Takes back items that were handed out and not run. */
  giveBack(entries: readonly Entry<I>[]): void {
    if (entries.length === 0) return
    this.#ready = [...entries, ...this.#ready].toSorted((a, b) => a.position - b.position)
  }

  /**
   * Reads no more and lets the source clean up, as `break` in a loop over it would.
   *
   * @param isHurried - Whether it is not waited for long.
   * @throws What the source throws.
   */
  async end(isHurried: boolean): Promise<void> {
    this.#ready = []
    if (this.#hasEnded) return
    this.#hasEnded = true
    const returned = Promise.resolve(this.#iterator.return?.())
    // A source that waits for its next item returns only after that, which may be never.
    const mayBeLate = isHurried || this.#pending !== undefined
    await settledWithin(returned, mayBeLate ? LONGEST_RETURN_MS : Infinity)
  }

  readonly #receive = (step: IteratorResult<I>): void => {
    this.#pending = undefined
    try {
      const entry = this.#accept(step)
      if (entry) this.#ready.push(entry)
    } catch (error) {
      this.#fail(error)
    }
  }

  readonly #refuse = (error: unknown): void => {
    this.#pending = undefined
    this.#fail(error)
  }

  #accept(step: IteratorResult<I>): Entry<I> | undefined {
    if (this.#hasEnded) return undefined
    if (step.done) {
      this.#hasEnded = true
      return undefined
    }
    return { position: this.#readCount++, item: step.value }
  }

  #fail(thrown: unknown): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#error = { thrown }
  }
}

function lengthOf(data: object): number {
  const isList = Array.isArray(data) || (ArrayBuffer.isView(data) && 'length' in data)
  if (isList) return (data as ArrayLike<unknown>).length
  return data instanceof Set || data instanceof Map ? data.size : Infinity
}

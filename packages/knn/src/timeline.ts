/** Segments kept. Enough to draw a curve, few enough to keep and to read. */
export const TIMELINE_CAPACITY = 64

/**
 * The mean over consecutive stretches of a history.
 *
 * @public
 */
export interface TimelineSegment {
  /** Position of the first record of the segment in the whole history, from 0. */
  readonly start: number
  /** Number of records in the segment. */
  readonly count: number
  /** Mean over them. */
  readonly mean: number
}

/**
 * A whole history in bounded memory: equal stretches whose length doubles when they become too many,
 * so that the curve always begins at the first record.
 */
export class Timeline {
  #length: number
  #segments: { count: number; mean: number }[]

  /** @param segments - At most `TIMELINE_CAPACITY`, all of them full but the last. */
  constructor(length = 1, segments: readonly { count: number; mean: number }[] = []) {
    this.#length = length
    this.#segments = segments.map(({ count, mean }) => ({ count, mean }))
  }

  /** Records of a full segment. */
  get segmentLength(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#isFull()) this.#halve()
    const last = this.#segments.at(-1)
    if (last === undefined || last.count === this.#length) {
      this.#segments.push({ count: 1, mean: value })
      return
    }
    last.count++
    last.mean += (value - last.mean) / last.count
  }

  segments(): TimelineSegment[] {
    return this.#segments.map(({ count, mean }, i) => ({ start: i * this.#length, count, mean }))
  }

  #isFull(): boolean {
    return (
      this.#segments.length === TIMELINE_CAPACITY && this.#segments.at(-1)?.count === this.#length
    )
  }

  /** Every segment is full here, so that pairs weigh the same. */
  #halve(): void {
    this.#segments = Array.from({ length: TIMELINE_CAPACITY / 2 }, (_, pair) => {
      const first = this.#segments[2 * pair]!
      const second = this.#segments[2 * pair + 1]!
      return { count: first.count + second.count, mean: (first.mean + second.mean) / 2 }
    })
    this.#length *= 2
  }
}

/** Work that was begun and is not waited for yet. */

/** Knows what is under way. */
export class UnderWay {
  readonly #work = new Set<Promise<unknown>>()

  /** Remembers work until it has ended, well or not; whoever began it looks after its errors. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work)
    const settled = (): boolean => this.#work.delete(work)
    work.then(settled, settled)
    return work
  }

  /** Resolves once nothing is under way. Nothing tracked may reject. */
  async settle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work)
  }
}

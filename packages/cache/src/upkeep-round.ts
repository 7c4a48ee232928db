/** When a store that is written to looks after its size: every so many writes, for a look takes a while. */

/** Part of `maxEntries` by which writes may overshoot between two looks. */
const SLACK = 0.05

/** Counts writes in rounds; a round ends with a look. */
export class UpkeepRound {
  readonly #length: number
  #left: number

  constructor(maxEntries: number) {
    this.#length = Math.ceil(maxEntries * SLACK)
    // At random, so that processes too short for a whole round still take their turn.
    this.#left = Math.ceil(Math.random() * this.#length)
  }

  /** Counts a write; whether it was the last of its round. */
  endsNow(): boolean {
    if (--this.#left > 0) return false
    this.#left = this.#length
    return true
  }
}

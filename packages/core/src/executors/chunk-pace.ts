/**
 * How many items the next chunk gets. A plan says how long a chunk should take; how many items that
 * is, the run itself knows better than the sample. Towards the end chunks taper, so that no worker
 * is left with a whole chunk while the others have none: the less alike chunks are, the earlier.
 */
import type { ItemTimes } from './item-times.ts'

/** What a pace is set by. */
export interface PaceSettings {
  /** Items of a chunk as planned, an integer from 1. */
  readonly chunkSize: number
  /** Item time that this was planned for, milliseconds; 0 where it is not known. */
  readonly itemTimeMs: number
  /** Time of the round trip of an empty chunk, milliseconds. */
  readonly dispatchMs: number
  /** Population standard deviation of the item times over their mean; 0 where it is not known. */
  readonly coefficientOfVariation: number
  /** Correlation of the item time with the position in the data, -1..1. */
  readonly trend: number
}

/** What makes equal chunks unequal is more than their items: a core may be slower, or others want it. */
const PACE_VARIATION = 0.05

/** Each round takes half of what is left. */
const PARTS_WITHOUT_STATISTICS = 2

/** A chunk that is cut off for the end takes so many dispatches, or sending it costs more than it gains. */
const DISPATCHES_PER_CHUNK = 3

/**
 * Where the first items are quicker than the sample, which is of all of them, the others are slower.
 * Chunks grow only where they stay a small part of what is left, for each worker one of so many: of
 * fewer, sending them is no cost that counts.
 */
const PARTS_OF_REST = 16

/** By how much a chunk may differ from the one before: one odd chunk must not make a huge one. */
const LARGEST_STEP = 2

/** What is off by less changes no chunk: the optimum is flat, and whole rounds end together. */
const TOLERATED = 1.25

/** Sizes of the chunks of one run. */
export class ChunkPace {
  readonly #settings: PaceSettings
  readonly #times: ItemTimes
  #size: number
  /** Most items of a chunk of this round, in which every worker gets one; chunks of it that are to come. */
  #roundSize = Infinity
  #leftInRound = 0
  #workers = 0

  constructor(settings: PaceSettings, times: ItemTimes) {
    this.#settings = settings
    this.#times = times
    this.#size = settings.chunkSize
  }

  /**
   * Items of the next chunk, an integer from 1.
   *
   * @param remaining - Items that were not sent yet; infinite where nobody knows.
   * @param workers - Workers that share them.
   */
  next(remaining: number, workers: number): number {
    this.#follow()
    if (workers === 1 || !Number.isFinite(remaining) || remaining < 1) return this.#size
    const part = Math.floor(remaining / (PARTS_OF_REST * workers))
    this.#size = Math.min(this.#size, Math.max(this.#settings.chunkSize, part))
    if (this.#leftInRound === 0 || workers !== this.#workers) {
      this.#roundSize = this.#sizeOfRound(remaining, workers)
      this.#leftInRound = workers
      this.#workers = workers
    }
    this.#leftInRound--
    return Math.min(this.#size, this.#roundSize)
  }

  /** Most items of each chunk of the next round. */
  #sizeOfRound(remaining: number, workers: number): number {
    const share = remaining / workers
    const smallest = this.#smallest()
    const tapered = Math.max(smallest, Math.ceil(share / this.#parts(remaining, workers)))
    if (tapered >= this.#size) return Infinity
    if (share - tapered >= smallest) return tapered
    // What would be left does not repay its dispatch: rounds that end together.
    return Math.ceil(share / Math.ceil(share / this.#size))
  }

  /**
   * Into how many parts the share of a worker is to be cut, from 1, of which the next chunk is one.
   *
   * @see Flynn Hummel, Schonberg and Flynn, "Factoring", Commun. ACM 35(8), 1992: of R items, each of P
   * workers is given `R / (x P)` in the first round, with `x = 1 + b^2 + b sqrt(b^2 + 2)` and `b = P s /
   * (2 m sqrt(R))`, which is half the root of P times the variation of a chunk of R / P items. Their
   * later rounds take half of what is left and less; here each is a first one of what is left, so that
   * items that are alike need no others. The variation of independent items becomes less the more there
   * are; that of a trend and of the workers' pace does not. Without any statistics x is 2, their FAC2.
   */
  #parts(remaining: number, workers: number): number {
    const { coefficientOfVariation, trend } = this.#settings
    if (coefficientOfVariation === 0) return PARTS_WITHOUT_STATISTICS
    const byChance = (coefficientOfVariation ** 2 * (1 - trend ** 2) * workers) / remaining
    const byTrend = (coefficientOfVariation * trend) ** 2
    const foretold = Math.sqrt(byChance + byTrend + PACE_VARIATION ** 2)
    const b = (Math.sqrt(workers) / 2) * Math.max(foretold, this.#times.groupVariation)
    return 1 + b * b + b * Math.sqrt(b * b + 2)
  }

  /** Aims at the planned time of a chunk where the items turn out other than sampled. */
  #follow(): void {
    const { chunkSize, itemTimeMs } = this.#settings
    const measuredMs = this.#times.recentMs
    if (itemTimeMs === 0 || measuredMs === 0) return
    const ratio = itemTimeMs / measuredMs
    const wanted = Math.max(ratio, 1 / ratio) < TOLERATED ? chunkSize : chunkSize * ratio
    const within = Math.min(Math.max(wanted, this.#size / LARGEST_STEP), this.#size * LARGEST_STEP)
    this.#size = Math.max(1, Math.round(within))
  }

  #smallest(): number {
    const itemMs = this.#times.recentMs || this.#settings.itemTimeMs
    if (itemMs === 0) return 1
    return Math.ceil((DISPATCHES_PER_CHUNK * this.#settings.dispatchMs) / itemMs)
  }
}

/**
 * How many items the next chunk gets. A plan says how long a chunk should take; how many items that
 * is, the run itself knows better than the sample. Towards the end chunks taper, so that no worker
 * is left with a whole chunk while the others have none.
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
}

/**
 * One chunk for each worker takes this share of what is left, whatever the items' times.
 * @see Flynn Hummel, Schonberg and Flynn, "Factoring", Commun. ACM 35(8), 1992.
 */
const SHARE_OF_REST = 0.5

/** The shortest chunk takes so many dispatches, or sending it costs more than an even end gains. */
const DISPATCHES_PER_CHUNK = 5

/**
 * Where the first items are quicker than the sample, which is of all of them, the others are slower.
 * Chunks grow only where they stay a small part of what is left, for each worker one of so many: of
 * fewer, sending them is no cost that counts.
 */
const PARTS_OF_REST = 16

/** By how much a chunk may differ from the one before: one odd chunk must not make a huge one. */
const LARGEST_STEP = 2

/** The round trip of an empty chunk where nobody measured it, milliseconds. */
export const USUAL_DISPATCH_MS = 0.2

/** Sizes of the chunks of one run. */
export class ChunkPace {
  readonly #settings: PaceSettings
  readonly #times: ItemTimes
  #size: number

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
    if (workers === 1 || !Number.isFinite(remaining)) return this.#size
    const share = Math.ceil((remaining * SHARE_OF_REST) / workers)
    const part = Math.floor(remaining / (PARTS_OF_REST * workers))
    this.#size = Math.min(this.#size, Math.max(this.#settings.chunkSize, part))
    return Math.min(this.#size, Math.max(share, this.#smallest()))
  }

  /** Aims at the planned time of a chunk where the items turn out other than sampled. */
  #follow(): void {
    const { chunkSize, itemTimeMs } = this.#settings
    const measuredMs = this.#times.recentMs
    if (itemTimeMs === 0 || measuredMs === 0) return
    const wanted = (chunkSize * itemTimeMs) / measuredMs
    const within = Math.min(Math.max(wanted, this.#size / LARGEST_STEP), this.#size * LARGEST_STEP)
    this.#size = Math.max(1, Math.round(within))
  }

  #smallest(): number {
    const itemMs = this.#times.recentMs || this.#settings.itemTimeMs
    if (itemMs === 0) return 1
    return Math.ceil((DISPATCHES_PER_CHUNK * this.#settings.dispatchMs) / itemMs)
  }
}

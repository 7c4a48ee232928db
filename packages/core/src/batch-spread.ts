/**
 * How the items of a loop differ, told by the times of its batches: what a plan on workers needs to know
 * of a map that ran in the loop, where nobody timed items one by one or sampled them all over the data.
 */

/** What batches tell of the items in them. */
export interface ItemSpread {
  /** Population standard deviation of the item times over their mean; 0 where it is not known. */
  readonly coefficientOfVariation: number
  /** Correlation of the item time with the position, -1..1. */
  readonly trend: number
}

/** A loop of items that happened to be alike says as little of those to come as none. */
export const ALIKE = 0.05

interface Batch {
  readonly itemCount: number
  readonly timeMs: number
}

const UNKNOWN: ItemSpread = { coefficientOfVariation: 0, trend: 0 }

/** Fewer batches show a trend by chance. */
const FEWEST_BATCHES = 8

/** The first calls are slow because they are cold: so many of the items are left out, for so long at most. */
const WARM_UP_SHARE = 0.1
const WARM_UP_MS = 20

/** No items are alike to the last nanosecond, and 0 says that nothing is known. */
const LEAST_VARIATION = 0.01

/** In larger batches it is the machine that makes their means differ, rather than their items. */
const MOST_TOLD_APART = 8

/** Beyond it nothing is told apart: the upper end of the feature's range. */
const MOST_VARIATION = 2

/** The batches of one loop, in the order of its items. */
export class BatchSpread {
  readonly #batches: Batch[] = []

  /** Notes the next batch. */
  add(itemCount: number, timeMs: number): void {
    if (itemCount > 0) this.#batches.push({ itemCount, timeMs })
  }

  /**
   * The variation and trend of the items.
   *
   * @remarks
   * A line through the batches' means tells the part of the variance that the position explains. What is
   * left of a mean of k independent items varies by a k-th of what one item does; of larger batches the
   * variation of the means is all that is told.
   */
  spread(): ItemSpread {
    const batches = this.#warmBatches()
    if (batches.length < FEWEST_BATCHES) return UNKNOWN
    let items = 0
    let timeMs = 0
    for (const batch of batches) {
      items += batch.itemCount
      timeMs += batch.timeMs
    }
    const meanMs = timeMs / items
    if (!(meanMs > 0)) return UNKNOWN

    let first = 0
    let positionSquares = 0
    let products = 0
    for (const batch of batches) {
      const position = first + batch.itemCount / 2 - items / 2
      positionSquares += batch.itemCount * position * position
      products += position * (batch.timeMs - batch.itemCount * meanMs)
      first += batch.itemCount
    }
    const slopeMs = products / positionSquares
    first = 0
    let residualSquares = 0
    for (const batch of batches) {
      const position = first + batch.itemCount / 2 - items / 2
      const residualMs = batch.timeMs - batch.itemCount * (meanMs + slopeMs * position)
      residualSquares += (residualMs * residualMs) / batch.itemCount
      first += batch.itemCount
    }
    const explained = (slopeMs * slopeMs * positionSquares) / items
    const isByItem = items / batches.length <= MOST_TOLD_APART
    const variance = explained + residualSquares / (isByItem ? batches.length : items)
    const variation = Math.max(LEAST_VARIATION, Math.sqrt(variance) / meanMs)
    return {
      coefficientOfVariation: Math.min(MOST_VARIATION, variation),
      trend: (Math.sign(slopeMs) * Math.sqrt(explained)) / (variation * meanMs),
    }
  }

  #warmBatches(): readonly Batch[] {
    const total = this.#batches.reduce((sum, { itemCount }) => sum + itemCount, 0)
    let passedItems = 0
    let passedMs = 0
    const lastCold = this.#batches.findIndex(({ itemCount, timeMs }) => {
      passedItems += itemCount
      passedMs += timeMs
      return passedItems > WARM_UP_SHARE * total || passedMs > WARM_UP_MS
    })
    return this.#batches.slice(lastCold + 1)
  }
}

/** What an item takes here and what it takes in a worker: the same, unless it is seen to differ. */
import type { PlainLoop } from './plain-loop.ts'
import type { SteadyState } from './steady-state.ts'

/** Mean time of an item, milliseconds. */
export interface ItemTimes {
  /** Wherever it was measured best. */
  readonly itemTimeMs: number
  /** On the caller's thread; `undefined` where no item ran there. */
  readonly mainItemTimeMs: number | undefined
}

/** Standard errors between two means that chance does not explain. */
const SIGNIFICANT_ERRORS = 4

/** Of fewer items nobody knows how they spread, and a worker's first ones run cold code. */
const FEWEST_ITEMS = 4

/** A difference that would change a decision. */
const LEAST_RATIO = 1.25

/**
 * Two threads run different items, and of uneven ones a few say more about themselves than about the
 * threads. So one time counts for both, that of more items; except where the two differ by more than
 * the spread of the items explains: long texts that are joined of many parts, for example, cost the
 * caller's collector several times what a worker needs, whose results are sent off.
 *
 * @param steadyState - What a worker measured, or the probe where there was none.
 * @param isFromWorker - Which of them it was.
 * @param loop - The loop that ran here meanwhile.
 */
export function itemTimesOf<I, O>(
  steadyState: SteadyState,
  isFromWorker: boolean,
  loop: PlainLoop<I, O>,
): ItemTimes {
  const { itemTimeMs, warmCount, coefficientOfVariation, isSettled } = steadyState
  if (loop.itemCount === 0) {
    return { itemTimeMs: itemTimeMs || 0, mainItemTimeMs: isFromWorker ? undefined : itemTimeMs }
  }
  const ratio = loop.itemTimeMs / itemTimeMs
  const relativeError = coefficientOfVariation * Math.sqrt(1 / warmCount + 1 / loop.itemCount)
  const isDifferent =
    isFromWorker &&
    Math.min(warmCount, loop.itemCount) >= FEWEST_ITEMS &&
    Math.abs(ratio - 1) > SIGNIFICANT_ERRORS * relativeError &&
    Math.max(ratio, 1 / ratio) > LEAST_RATIO
  if (isDifferent) return { itemTimeMs, mainItemTimeMs: loop.itemTimeMs }
  const isLoopBetter = !isSettled && loop.itemCount > warmCount
  const commonMs = (isLoopBetter ? loop.itemTimeMs : itemTimeMs) || 0
  return { itemTimeMs: commonMs, mainItemTimeMs: commonMs }
}

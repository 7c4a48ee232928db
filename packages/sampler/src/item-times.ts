/** What an item takes here and what it takes in a worker: the same, unless it is seen to differ. */
import type { SteadyState } from './steady-state.ts'

/** Mean time of an item, milliseconds. */
export interface ItemTimes {
  /** Wherever it was measured best. */
  readonly itemTimeMs: number
  /** On the caller's thread; `undefined` where no item ran there. */
  readonly mainItemTimeMs: number | undefined
}

/** What a loop on the caller's thread measured. */
interface LoopTimes {
  readonly itemCount: number
  readonly itemTimeMs: number
}

/** Standard errors between two means that chance does not explain. */
const SIGNIFICANT_ERRORS = 4

/** Of fewer items nobody knows how they spread. */
const FEWEST_ITEMS = 4

/**
 * Cores of a virtual machine differ for seconds, by up to 2.3 where this was measured: what differs by
 * less may be the core rather than the thread.
 */
const LEAST_RATIO = 3

/**
 * So many items of a worker, for so long, are not overruled by more of them on a thread whose pace is
 * another: by bench/estimate-error.mjs.
 */
const ENOUGH_ITEMS = 32
const ENOUGH_MS = 5

/**
 * Two threads run different items, and of uneven ones a few say more about themselves than about the
 * threads. So one time counts for both, that of the worker, or of the loop where the worker is cold; except
 * where the two differ by more than
 * the spread of the items explains: long texts that are joined of many parts, for example, cost the
 * caller's collector several times what a worker needs, whose results are sent off. A worker that is
 * cold yet, or ran too few items to know their spread, shows no difference.
 *
 * @param steadyState - What a worker measured, or the probe where there was none.
 * @param isFromWorker - Which of them it was.
 * @param loop - The loop that ran here meanwhile.
 */
export function itemTimesOf(
  steadyState: SteadyState,
  isFromWorker: boolean,
  loop: LoopTimes,
): ItemTimes {
  const { itemTimeMs, warmCount, isWarmedUp, isSettled } = steadyState
  if (loop.itemCount === 0) {
    return { itemTimeMs: itemTimeMs || 0, mainItemTimeMs: isFromWorker ? undefined : itemTimeMs }
  }
  const ratio = loop.itemTimeMs / itemTimeMs
  const relativeError = steadyState.relativeError * Math.sqrt(1 + warmCount / loop.itemCount)
  const isDifferent =
    isFromWorker &&
    isWarmedUp &&
    Math.min(warmCount, loop.itemCount) >= FEWEST_ITEMS &&
    Math.abs(ratio - 1) > SIGNIFICANT_ERRORS * relativeError &&
    Math.max(ratio, 1 / ratio) > LEAST_RATIO
  if (isDifferent) return { itemTimeMs, mainItemTimeMs: loop.itemTimeMs }
  const isCold = !isSettled && (warmCount < ENOUGH_ITEMS || steadyState.busyMs < ENOUGH_MS)
  const isLoopBetter = isCold && loop.itemCount > warmCount
  const commonMs = (isLoopBetter ? loop.itemTimeMs : itemTimeMs) || 0
  return { itemTimeMs: commonMs, mainItemTimeMs: commonMs }
}

/** What talking to workers costs where nobody has measured it yet. */
import type { PartialResults } from '@amorsize/sampler'

import type { DispatchCosts } from './cost-model.ts'

/** A warm thread's costs between chunks of some milliseconds, as measured (docs/decision-model.md). */
export const USUAL_DISPATCH: Omit<DispatchCosts, 'warmWorkers'> = {
  dispatchMs: 0.2,
  mainDispatchMs: 0.08,
  cloneMs: 0.003,
  startUpMs: 60,
}

/** Items and results whose clones are timed; the first clone of a shape is slow and not counted. */
const CLONED_PAIRS = 4

/**
 * The usual costs, with the clones of this map's own items and results; `undefined` where these
 * cannot be cloned, or none is there.
 */
export function guessDispatch<I, O>(
  items: ArrayLike<I>,
  results: PartialResults<O>,
): DispatchCosts | undefined {
  const done: number[] = []
  for (let index = 0; index < items.length && done.length < CLONED_PAIRS; index++) {
    if (results.has(index)) done.push(index)
  }
  let cloneMs = Infinity
  try {
    for (const index of done) {
      const startMs = performance.now()
      structuredClone([items[index], results.values[index]])
      // The caller's thread serialises the item and deserialises the result: half of both clones.
      cloneMs = Math.min(cloneMs, (performance.now() - startMs) / 2)
    }
  } catch {
    return undefined
  }
  return Number.isFinite(cloneMs) ? { ...USUAL_DISPATCH, cloneMs, warmWorkers: 0 } : undefined
}

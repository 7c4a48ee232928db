/** What talking to workers costs where nobody has measured it yet. */
import type { PartialResults } from '@amorsize/sampler'

import type { DispatchCosts } from './cost-model.ts'

/** A warm thread's costs, as `node packages/sampler/bench/round-trips.mjs` measures them. */
export const USUAL_DISPATCH: Omit<DispatchCosts, 'warmWorkers'> = {
  dispatchMs: 0.2,
  mainDispatchMs: 0.08,
  cloneMs: 0.003,
  startUpMs: 60,
}

/** Items and results whose clones are timed, unless they are large; the quickest counts. */
const CLONED_PAIRS = 4
const LARGE_CLONE_MS = 1

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
      if (cloneMs > LARGE_CLONE_MS) break
    }
  } catch {
    return undefined
  }
  return Number.isFinite(cloneMs) ? { ...USUAL_DISPATCH, cloneMs, warmWorkers: 0 } : undefined
}

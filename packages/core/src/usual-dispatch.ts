/** What talking to workers costs where nobody has measured it yet. */
import { measureCloneCosts } from '@amorsize/sampler'
import type { PartialResults, Runtime } from '@amorsize/sampler'

import type { DispatchCosts } from './cost-model.ts'

/**
 * A warm thread's costs after a pause of some milliseconds, as while a chunk runs: the round trip took 0.35
 * and 0.55 ms on two machines (`node packages/sampler/bench/round-trips.mjs`).
 */
export const USUAL_DISPATCH: Omit<DispatchCosts, 'warmWorkers'> = {
  dispatchMs: 0.5,
  mainDispatchMs: 0.2,
  cloneMs: 0.003,
  startUpMs: 60,
}

/** Items and results whose clones are timed. */
const CLONED_PAIRS = 64

/** The first items that have results, with these. */
export function firstPairs<I, O>(items: ArrayLike<I>, results: PartialResults<O>): [I, O][] {
  const pairs: [I, O][] = []
  for (let index = 0; index < items.length && pairs.length < CLONED_PAIRS; index++) {
    if (results.has(index)) pairs.push([items[index]!, results.values[index]!])
  }
  return pairs
}

/**
 * The usual costs, with the clones of items and results of the map; `undefined` where these cannot be
 * cloned, or none is there.
 */
export function guessDispatch(
  pairs: readonly (readonly [item: unknown, result: unknown])[],
  runtime: Runtime = 'worker_threads',
): DispatchCosts | undefined {
  if (pairs.length === 0) return undefined
  try {
    const { cloneMs, workerCloneMs } = measureCloneCosts(pairs)
    const mayHandOver = runtime === 'worker_threads'
    return {
      ...USUAL_DISPATCH,
      cloneMs,
      workerCloneMs: mayHandOver ? workerCloneMs : cloneMs,
      warmWorkers: 0,
    }
  } catch {
    return undefined
  }
}

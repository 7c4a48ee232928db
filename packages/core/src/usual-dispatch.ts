/** What talking to workers costs where nobody has measured it yet. */
import { measureCloneCosts } from '@amorsize/sampler'
import type { PartialResults, Runtime } from '@amorsize/sampler'

import type { DispatchCosts } from './cost-model.ts'

type Usual = Omit<DispatchCosts, 'warmWorkers'>

/**
 * A warm worker's costs after a pause of some milliseconds, as while a chunk runs: the round trip of a thread
 * took 0.35 to 0.83 ms on three machines, that of a process 1.8 times as long
 * (`node packages/sampler/bench/round-trips.mjs`). A thread starts in 40 to 55 ms, a process in 105 to 110.
 */
const USUAL: Readonly<Record<Runtime, Usual>> = {
  worker_threads: { dispatchMs: 0.5, mainDispatchMs: 0.2, cloneMs: 0.003, startUpMs: 60 },
  child_process: { dispatchMs: 0.9, mainDispatchMs: 0.36, cloneMs: 0.003, startUpMs: 120 },
}

/** What talking to a worker costs where it was not measured. */
export function usualDispatch(runtime: Runtime): Usual {
  return USUAL[runtime]
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
      ...usualDispatch(runtime),
      cloneMs,
      workerCloneMs: mayHandOver ? workerCloneMs : cloneMs,
      warmWorkers: 0,
    }
  } catch {
    return undefined
  }
}

/** What it would cost to send the items of maps that ran on the calling thread, told from their results. */
import type { PartialResults } from '@amorsize/sampler'

import type { Request } from '../request.ts'
import { guessDispatch } from '../usual-dispatch.ts'

/** Functions that are remembered: to clone large results twice takes longer than to learn of the run. */
const MOST_REMEMBERED = 100

const cloneMsBySignature = new Map<string, number | undefined>()

/** Whether it was measured in this process before. */
export function isCloneMeasured(signature: string): boolean {
  return cloneMsBySignature.has(signature)
}

/**
 * Time of the calling thread for one item to a worker and its result back, milliseconds, measured once
 * for each function; `undefined` where they cannot be cloned, or workers are no threads.
 */
export function cloneMsOf<I, O>(
  { task: { signature }, items, runtime }: Pick<Request<I, O>, 'task' | 'items' | 'runtime'>,
  results: PartialResults<O>,
): number | undefined {
  if (runtime !== 'worker_threads') return undefined
  if (cloneMsBySignature.has(signature)) return cloneMsBySignature.get(signature)
  const cloneMs = guessDispatch(items, results)?.cloneMs
  const [oldest] = cloneMsBySignature.keys()
  if (cloneMsBySignature.size >= MOST_REMEMBERED) cloneMsBySignature.delete(oldest!)
  cloneMsBySignature.set(signature, cloneMs)
  return cloneMs
}

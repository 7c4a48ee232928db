/** The items of a map by position, read from whatever they come in. */
import { abortable, iteratorOf, toItems } from '@amorsize/sampler'
import type { Data } from '@amorsize/sampler'

import { LONGEST_HOLD_MS } from './longest-hold.ts'

/** Reading the clock after every item would cost more than to read one. */
const ITEMS_PER_CHECK = 256

/**
 * Arrays and typed arrays as they are, anything else read to its end. Where there is none, the signal
 * can still end it: the source is then told, and left.
 *
 * @throws {@link InvalidDataError} `AMORSIZE_SAMPLER_INVALID_DATA`; what the source throws;
 * `signal.reason`.
 */
export function readItems<I>(
  data: Data<I>,
  signal: AbortSignal | undefined,
): ArrayLike<I> | Promise<ArrayLike<I>> {
  const isList = Array.isArray(data) || ArrayBuffer.isView(data)
  const isSized = data instanceof Set || data instanceof Map
  const isIterable = typeof data === 'object' && data !== null && !isList && !isSized
  if (isIterable && (Symbol.asyncIterator in data || Symbol.iterator in data)) {
    return readAll(iteratorOf(data), signal)
  }
  return toItems(data)
}

async function readAll<I>(
  iterator: Iterator<I> | AsyncIterator<I>,
  signal: AbortSignal | undefined,
): Promise<I[]> {
  const items: I[] = []
  let heldSinceMs = performance.now()
  let hasEnded = false
  try {
    for (;;) {
      const next = readNext()
      const read = 'then' in next ? await readLate(next) : next
      if (read.done) {
        hasEnded = true
        return items
      }
      items.push(read.value)
      if (items.length % ITEMS_PER_CHECK > 0) continue
      if (performance.now() - heldSinceMs < LONGEST_HOLD_MS) continue
      await new Promise(setImmediate)
      signal?.throwIfAborted()
      heldSinceMs = performance.now()
    }
  } finally {
    // It may be waiting for its next item for ever: nobody waits for it to return.
    if (!hasEnded) void Promise.resolve(iterator.return?.()).catch(() => {})
  }

  /** A source whose promise rejects has ended itself, one that is left by the signal has not. */
  async function readLate(next: Promise<IteratorResult<I>>): Promise<IteratorResult<I>> {
    try {
      return await (signal ? abortable(next, signal, () => {}) : next)
    } catch (error) {
      hasEnded = !signal?.aborted
      throw error
    }
  }

  function readNext(): IteratorResult<I> | Promise<IteratorResult<I>> {
    try {
      return iterator.next()
    } catch (error) {
      hasEnded = true
      throw error
    }
  }
}

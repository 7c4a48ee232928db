/** The first items of a stream, which are sampled to decide how to run the others. */
import { abortable } from '@amorsize/sampler'

import type { Entry, ItemFeed } from './item-feed.ts'
import { settledWithin } from '../settled-within.ts'

/** Enough to see a quick function warm, few enough to be held beside any window. */
const MOST_ITEMS = 1024

/** How long the first results may wait for items of the head, milliseconds. */
const LONGEST_WAIT_MS = 10

/**
 * Reads items until there are enough, the source ends, or its next item is late. The first item is
 * waited for however long it takes.
 *
 * @param feed - Where from.
 * @param window - Most items that may be held.
 */
export async function readHead<I>(
  feed: ItemFeed<I>,
  window: number,
  signal: AbortSignal | undefined,
): Promise<Entry<I>[]> {
  const entries: Entry<I>[] = []
  const most = Math.min(MOST_ITEMS, window)
  let endMs = Infinity
  while (entries.length < most && performance.now() < endMs) {
    const next = feed.next()
    if (next instanceof Promise) {
      const isHere = await abortable(
        settledWithin(next, endMs - performance.now()),
        signal,
        () => {},
      )
      if (!isHere) break
      continue
    }
    if (!next) break
    if (entries.length === 0) endMs = performance.now() + LONGEST_WAIT_MS
    entries.push(next)
  }
  return entries
}

/** Items out of time on the calling thread: one that waits can be given up, one that computes cannot. */
import { ItemTimeoutError } from '@amorsize/sampler'

/**
 * What an item's promise gives, or a rejection once its time is over. The item itself goes on; what
 * becomes of it is lost.
 * @throws {@link ItemTimeoutError}
 */
export function withinTime<O>(
  pending: PromiseLike<O>,
  position: number,
  itemTimeoutMs: number | undefined,
): PromiseLike<O> {
  if (itemTimeoutMs === undefined) return pending
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ItemTimeoutError(position, itemTimeoutMs)), itemTimeoutMs)
  })
  return Promise.race([pending, late]).finally(() => clearTimeout(timer))
}

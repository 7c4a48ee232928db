/** Items out of time on the calling thread: one that waits can be given up, one that computes cannot. */
import { ItemTimeoutError } from '@amorsize/sampler'

const { eventLoopUtilization } = performance

/** So many times its time, and an item among others is given up however busy the thread was. */
const MOST_TIMES = 10

/**
 * What an item's promise gives, or a rejection once its time is over. The item itself goes on; what
 * becomes of it is lost.
 *
 * @param isAmongOthers - Whether other items run on the thread meanwhile: the time for which it computes
 * is taken for theirs then and does not count, up to nine times the limit.
 * @throws {@link ItemTimeoutError}
 */
export function withinTime<O>(
  pending: PromiseLike<O>,
  position: number,
  itemTimeoutMs: number | undefined,
  isAmongOthers: boolean = false,
): PromiseLike<O> {
  if (itemTimeoutMs === undefined) return pending
  const startMs = performance.now()
  const loopBefore = isAmongOthers ? eventLoopUtilization() : undefined
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const check = (): void => {
      const computingMs = loopBefore ? eventLoopUtilization(loopBefore).active : 0
      const passedMs = performance.now() - startMs
      const leftMs = itemTimeoutMs - Math.max(passedMs - computingMs, passedMs / MOST_TIMES)
      if (leftMs > 0) timer = setTimeout(check, Math.ceil(leftMs))
      // What it waits for may have come while the thread was held: timers are told before it.
      else setImmediate(() => reject(new ItemTimeoutError(position, itemTimeoutMs)))
    }
    timer = setTimeout(check, itemTimeoutMs)
  })
  return Promise.race([pending, late]).finally(() => clearTimeout(timer))
}

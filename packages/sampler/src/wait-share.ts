/** Waiting told apart from computing: a thread that computes is never idle. */

/**
 * Starts watching the current thread. The returned function tells its idle share since, 0..1, of the
 * time in which it could do as it liked: a thread that waits for a core, `queueMs` in all, does not
 * look idle.
 *
 * @returns A function of the time for which others had the core, milliseconds, 0 where it is not known.
 * @public
 */
export function watchWaiting(): (queueMs?: number) => number {
  const start = performance.eventLoopUtilization()
  return (queueMs = 0) => {
    const { idle, active } = performance.eventLoopUtilization(start)
    const ownMs = idle + Math.max(0, active - queueMs)
    return ownMs === 0 ? 0 : idle / ownMs
  }
}

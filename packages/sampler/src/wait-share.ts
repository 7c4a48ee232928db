/** Waiting told apart from computing: a thread that computes is never idle. */

/** Starts watching the current thread; the returned function tells its idle share since, 0..1. */
export function watchWaiting(): () => number {
  const start = performance.eventLoopUtilization()
  return () => {
    const { idle, active } = performance.eventLoopUtilization(start)
    return idle + active === 0 ? 0 : idle / (idle + active)
  }
}

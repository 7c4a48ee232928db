/** Waiting for a promise, but not for ever. */

/**
 * Resolves when the promise does or the time is over, and says whether it did; rejects as it does.
 *
 * @param promise - What to wait for.
 * @param limitMs - Longest wait, milliseconds; infinite for any.
 */
export async function settledWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  const settled = promise.then(() => true)
  if (limitMs === Infinity) return settled
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs)
  })
  return Promise.race([settled, late]).finally(() => clearTimeout(timer))
}

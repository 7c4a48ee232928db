/** Waiting for something that an `AbortSignal` can end. */

/**
 * The promise, or a rejection with the signal's reason, whichever comes first.
 *
 * @param promise - What to wait for; its own rejection after an abort goes nowhere.
 * @param signal - Ends the wait.
 * @param onAbort - Stops what the promise stands for; the rejection does not wait for it.
 * @throws `signal.reason`
 * @public
 */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  onAbort: () => unknown,
): Promise<T> {
  if (!signal) return promise
  const settled = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => {
      onAbort()
      // The reason is the caller's and is passed on as it is, as fetch does.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true, signal: settled.signal })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    settled.abort()
  }
}

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
  let listener = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    listener = () => {
      onAbort()
      // The reason is the caller's and is passed on as it is, as fetch does.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      reject(signal.reason)
    }
  })
  if (signal.aborted) listener()
  else signal.addEventListener('abort', listener, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', listener)
  }
}

/** Telling a promise from a value without waiting for either. */

/**
 * Whether `await` would wait: the cheap check keeps synchronous tasks off the microtask queue.
 * @public
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}

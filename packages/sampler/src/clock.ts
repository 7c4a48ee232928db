/** Time as a parameter, so that what depends on it can be tested without waiting. */

/**
 * Where durations come from.
 * @public
 */
export interface Clock {
  /** Milliseconds since an arbitrary start, never going backwards. */
  now(): number
}

/**
 * The monotonic clock of the process, resolution below a microsecond.
 * @public
 */
export const systemClock: Clock = { now: () => performance.now() }

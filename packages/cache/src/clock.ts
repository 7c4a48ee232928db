/** The two clocks that a store reads, as a parameter for tests. */
export interface Clock {
  /** Milliseconds since 1970; may be set back. */
  now(): number
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number
}

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}

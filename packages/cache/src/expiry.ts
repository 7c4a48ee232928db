/** When an entry is too old to use. */

/**
 * Age of an entry by its own time, milliseconds, never negative: an entry from a clock that has
 * since been set back counts as just made, so that nothing is lost to a clock.
 */
export function ageOf(timestampMs: number, nowMs: number): number {
  return Math.max(0, nowMs - timestampMs)
}

/** True for an entry older than `ttlMs`. */
export function isExpired(timestampMs: number, nowMs: number, ttlMs: number): boolean {
  return ageOf(timestampMs, nowMs) > ttlMs
}

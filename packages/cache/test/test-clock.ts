/** A clock that stands still until it is told to go. */
import type { Clock } from '../src/clock.ts'

export class TestClock implements Clock {
  nowMs: number
  monotonicMs = 0

  constructor(nowMs: number = Date.now()) {
    this.nowMs = nowMs
  }

  now(): number {
    return this.nowMs
  }

  monotonic(): number {
    return this.monotonicMs
  }

  /** Both clocks go on by `ms`. */
  advance(ms: number): void {
    this.nowMs += ms
    this.monotonicMs += ms
  }
}

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { dryRun, TaskPool } from '../src/index.ts'
import type { ChunkResult } from '../src/index.ts'

/** A clock that goes on only where it is told to. */
class FakeClock {
  nowMs = 0

  now(): number {
    return this.nowMs
  }
}

/** One worker that takes a chunk after the other, and for every item the same time of a fake clock. */
class PacedPool extends TaskPool {
  readonly #clock: FakeClock
  readonly #itemTimeMs: number
  #startMs: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(clock: FakeClock, itemTimeMs: number, startMs = 0) {
    super({ clock })
    this.#clock = clock
    this.#itemTimeMs = itemTimeMs
    this.#startMs = startMs
  }

  /** It may be starting still. */
  override isRunning(): boolean {
    return true
  }

  override runChunk(_: unknown, items: readonly unknown[]): Promise<ChunkResult> {
    const run = async (): Promise<ChunkResult> => {
      // As a reply does, it comes after what the caller's thread is doing.
      await new Promise(setImmediate)
      const busyMs = items.length * this.#itemTimeMs
      this.#clock.nowMs += busyMs + this.#startMs
      this.#startMs = 0
      return {
        values: items,
        busyMs,
        waitShare: 0,
        queueMs: 0,
        itemTimesMs: new Float64Array(items.length).fill(this.#itemTimeMs),
        memoryBytes: 0,
        sendMs: 0,
      }
    }
    const reply = this.#last.then(run)
    this.#last = reply
    return reply
  }
}

const itemTime = fc.double({ min: -3, max: 3, noNaN: true }).map((exponent) => 10 ** exponent)
const itemCount = fc.integer({ min: 1, max: 20_000 })
const itemsOf = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Below it a sample would see little but cold code, however short the map. */
const LEAST_SAMPLING_MS = 25

it('a worker samples no longer than the budget and its share of the map, but for one item', () =>
  fc.assert(
    fc.asyncProperty(
      itemTime,
      itemCount,
      fc.integer({ min: 0, max: 200 }),
      async (itemTimeMs, count, budgetMs) => {
        const clock = new FakeClock()
        await using pool = new PacedPool(clock, itemTimeMs)

        const { results } = await dryRun((item: number) => item, itemsOf(count), {
          pool,
          clock,
          budgetMs,
          allowMainThread: false,
        })

        const shareMs = Math.max(0.05 * count * itemTimeMs, LEAST_SAMPLING_MS)
        const sampledMs = results.doneCount * itemTimeMs
        expect(results.doneCount).toBeGreaterThan(0)
        expect(sampledMs).toBeLessThanOrEqual(Math.min(budgetMs, shareMs) + itemTimeMs * 1.001)
      },
    ),
  ))

/** Constant item times are known after so long, milliseconds. */
const SETTLED_MS = 25

it('what the probe takes is not sampled in the worker on top of it, but for half of the budget', async () => {
  const clock = new FakeClock()
  await using pool = new PacedPool(clock, 1)
  const slowAtFirst = async (item: number, time: { nowMs: number }): Promise<number> => {
    if (time.nowMs < 20) time.nowMs += 20
    // Or the calling thread would have done all before a reply came.
    await new Promise(setImmediate)
    return item
  }
  const options = { pool, clock, budgetMs: 40, worthWorkersMs: 0 }

  const { worker, durationMs } = await dryRun(slowAtFirst, itemsOf(20_000), options, clock)

  expect(worker).toBeDefined()
  expect(durationMs).toBeLessThan(20 + SETTLED_MS)
})

it('the budget does not run while the worker starts, whoever started it', async () => {
  const clock = new FakeClock()
  await using pool = new PacedPool(clock, 1, 300)
  const options = { pool, clock, budgetMs: 40, allowMainThread: false }

  const { results } = await dryRun((item: number) => item, itemsOf(20_000), options)

  expect(results.doneCount).toBeGreaterThanOrEqual(SETTLED_MS)
})

it('the calling thread probes one item at least, however late it comes to it', async () => {
  const clock = { nowMs: 0, now: () => (clock.nowMs += 50) }
  await using pool = new TaskPool()

  const { results, itemTimeMs } = await dryRun((item: number) => item, itemsOf(100), {
    pool,
    clock,
    worthWorkersMs: Infinity,
  })

  expect(results.doneCount).toBeGreaterThan(0)
  expect(itemTimeMs).toBeGreaterThan(0)
})

it('the calling thread probes no longer than a frame, but for one item', () =>
  fc.assert(
    fc.asyncProperty(itemTime, itemCount, async (itemTimeMs, count) => {
      const clock = Object.assign(new FakeClock(), { itemTimeMs })
      await using pool = new TaskPool()
      const spend = (item: number, time: { nowMs: number; itemTimeMs: number }): number => {
        time.nowMs += time.itemTimeMs
        return item
      }
      const options = { pool, clock, worthWorkersMs: Infinity }

      const { results } = await dryRun(spend, itemsOf(count), options, clock)

      expect(results.doneCount).toBeGreaterThan(0)
      expect(clock.nowMs).toBeLessThanOrEqual(20 + itemTimeMs * 1.001)
    }),
  ))

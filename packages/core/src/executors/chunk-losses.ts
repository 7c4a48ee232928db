/**
 * What becomes of a chunk whose worker died. Only the item that kills workers fails; every other is
 * run again. Who was running when a worker died is known, but not whether that was the reason: it
 * may have been killed from outside, or fall for what an earlier item left behind. So a suspect is
 * run on a worker of its own, and fails only if that one dies too.
 */
import { ItemTimeoutError, WorkerExitError } from '@amorsize/sampler'

import type { Chunk } from './work.ts'

/** Losses of chunks of which no item was running, after which the workers themselves are unfit. */
const MOST_IDLE_LOSSES = 3

/** An item that is to blame, and the error that says so. */
interface Verdict {
  readonly position: number
  readonly error: WorkerExitError | ItemTimeoutError
}

/** Keeps count of the workers that each item of a run was lost with. */
export class ChunkLosses<I> {
  readonly #retries: number
  readonly #losses = new Map<number, number>()
  #idleLosses = 0
  #count = 0

  /** @param retries - How often an item that was running when its worker died is run again. */
  constructor(retries: number) {
    this.#retries = retries
  }

  /** Number of workers that died so far. */
  get count(): number {
    return this.#count
  }

  /**
   * Judges the loss of a chunk.
   *
   * @param fail - Told which item is to blame, where that is known by now.
   * @returns What is to be run again, in parts: what was done before the suspect, the suspect by
   * itself, and what had not started.
   * @throws The error itself where it is no item's fault.
   */
  partsOf(chunk: Chunk<I>, error: unknown, fail: (verdict: Verdict) => void): Chunk<I>[] {
    if (error instanceof ItemTimeoutError) return this.#without(chunk, error, fail)
    if (!(error instanceof WorkerExitError)) throw error
    // Most likely another chunk ended that worker, whose loss is told too; by itself we shall see.
    if (error.progress === 'all' && !chunk.isIsolated) return [{ ...chunk, isIsolated: true }]
    this.#count++
    if (error.index !== undefined) return this.#suspect(chunk, error, fail)
    if (error.progress !== 'none') return this.#halves(chunk, error, fail)
    if (++this.#idleLosses >= MOST_IDLE_LOSSES) throw error
    return [chunk]
  }

  #suspect(chunk: Chunk<I>, error: WorkerExitError, fail: (verdict: Verdict) => void): Chunk<I>[] {
    const offset = chunk.positions.indexOf(error.index!)
    if (this.#isToBlame(error.index!)) return this.#without(chunk, error, fail)
    return [
      ...part(chunk, 0, offset),
      ...part(chunk, offset, offset + 1, true),
      ...part(chunk, offset + 1),
    ]
  }

  /** Where nobody could see which item ran: halves, until one is left. */
  #halves(chunk: Chunk<I>, error: WorkerExitError, fail: (verdict: Verdict) => void): Chunk<I>[] {
    const [only] = chunk.positions
    if (chunk.positions.length > 1) {
      const middle = chunk.positions.length >> 1
      return [...part(chunk, 0, middle, true), ...part(chunk, middle, undefined, true)]
    }
    if (!this.#isToBlame(only!)) return [{ ...chunk, isIsolated: true }]
    fail({ position: only!, error: error.at(only!) })
    return []
  }

  /** Counts the loss. */
  #isToBlame(position: number): boolean {
    const losses = (this.#losses.get(position) ?? 0) + 1
    this.#losses.set(position, losses)
    return losses > this.#retries
  }

  #without(chunk: Chunk<I>, error: Verdict['error'], fail: (verdict: Verdict) => void): Chunk<I>[] {
    const position = error.index!
    const offset = chunk.positions.indexOf(position)
    fail({ position, error })
    return [...part(chunk, 0, offset), ...part(chunk, offset + 1)]
  }
}

function part<I>(chunk: Chunk<I>, from: number, to?: number, isIsolated = false): Chunk<I>[] {
  const positions = chunk.positions.slice(from, to)
  if (positions.length === 0) return []
  return [{ positions, items: chunk.items.slice(from, to), ...(isIsolated && { isIsolated }) }]
}

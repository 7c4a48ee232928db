/** The settings of a pool and of a chunk, and what they have to be. */
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { InvalidOptionError } from './errors.ts'
import type { ResourceLimits, Runtime } from './pool-worker.ts'
import { workerFlags } from './worker-flags.ts'

/**
 * Settings of a {@link TaskPool}.
 * @public
 */
export interface TaskPoolOptions {
  /** How workers run. @defaultValue `'worker_threads'` */
  readonly runtime?: Runtime
  /**
   * Flags of `node` for the workers, such as `--max-old-space-size=512`.
   * @defaultValue those of this process, without the ones about its own script
   */
  readonly execArgv?: readonly string[]
  /** Limits of each thread's heap; a child process is limited by `execArgv` instead. */
  readonly resourceLimits?: ResourceLimits
  /**
   * A worker that holds more than this many bytes after a chunk, and twice what it held after its
   * first items, is replaced; the chunks that it has are run to their end. @defaultValue any amount
   */
  readonly maxWorkerMemoryBytes?: number
  /** Where durations come from. @defaultValue {@link systemClock} */
  readonly clock?: Clock
}

/**
 * How a chunk is run.
 * @public
 */
export interface RunChunkOptions {
  /** Only the first so many workers may take the chunk, an integer from 1; `places` go before it. */
  readonly maxWorkers: number
  /** Places of the only workers that may, integers from 0, at least one. @defaultValue the first */
  readonly places?: readonly number[]
  /** Whether each item is timed. @defaultValue `false` */
  readonly isTimed?: boolean
  /** Position in the data of each item, for errors. @defaultValue its place in the chunk */
  readonly positions?: ArrayLike<number>
  /** Longest time of one item, milliseconds above 0; its worker is ended. @defaultValue any time */
  readonly itemTimeoutMs?: number
  /**
   * Whether the chunk gets a worker of its own, which is started for it and ended after it: to see
   * what an item does to a worker that nothing else ran in. @defaultValue `false`
   */
  readonly isIsolated?: boolean
  /** Ends the chunk, and its worker where the chunk has started. */
  readonly signal?: AbortSignal
}

/**
 * Chunks to have in flight for each worker: one runs while the next one waits in the worker itself,
 * so that it never idles while the caller's thread is busy.
 * @public
 */
export const CHUNKS_IN_FLIGHT_PER_WORKER = 2

/** The largest delay of a timer. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** Settings with their defaults. */
export type CheckedPoolOptions = Required<Omit<TaskPoolOptions, 'resourceLimits' | 'execArgv'>> & {
  /** `undefined` where the workers inherit those of this process. */
  readonly execArgv: readonly string[] | undefined
  readonly resourceLimits: ResourceLimits | undefined
}

/** @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION` */
export function checked(options: TaskPoolOptions): CheckedPoolOptions {
  const { runtime = 'worker_threads', clock = systemClock, resourceLimits } = options
  const { maxWorkerMemoryBytes = Infinity } = options
  if (runtime !== 'worker_threads' && runtime !== 'child_process') {
    throw new InvalidOptionError('runtime', "'worker_threads' or 'child_process'", runtime)
  }
  const execArgv = options.execArgv ?? workerFlags(process.execArgv, runtime)
  if (execArgv && !isTexts(execArgv)) {
    throw new InvalidOptionError('execArgv', 'an array of strings', execArgv)
  }
  if (typeof maxWorkerMemoryBytes !== 'number' || !(maxWorkerMemoryBytes > 0)) {
    const expected = 'a number of bytes above 0'
    throw new InvalidOptionError('maxWorkerMemoryBytes', expected, maxWorkerMemoryBytes)
  }
  return { runtime, execArgv, resourceLimits, maxWorkerMemoryBytes, clock }
}

/** @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION` */
export function assertChunkOptions(options: RunChunkOptions): void {
  const { maxWorkers, places = [0], itemTimeoutMs, signal } = options
  if (!Number.isInteger(maxWorkers) || maxWorkers < 1) {
    throw new InvalidOptionError('maxWorkers', 'an integer from 1', maxWorkers)
  }
  if (places.length === 0) throw new InvalidOptionError('places', 'one place or more', places)
  for (const place of places) assertWorkerCount('places', place)
  assertItemTimeout(itemTimeoutMs)
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidOptionError('signal', 'an AbortSignal', signal)
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string')
}

/** @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION` */
export function assertWorkerCount(option: string, count: unknown): void {
  if (Number.isInteger(count) && (count as number) >= 0) return
  throw new InvalidOptionError(option, 'an integer from 0', count)
}

/** @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION` */
export function assertItemTimeout(itemTimeoutMs: unknown): void {
  const isTimeout = typeof itemTimeoutMs === 'number' && itemTimeoutMs > 0
  if (itemTimeoutMs === undefined || (isTimeout && itemTimeoutMs <= LONGEST_TIMEOUT_MS)) return
  const expected = `a number of milliseconds above 0, at most ${LONGEST_TIMEOUT_MS}`
  throw new InvalidOptionError('itemTimeoutMs', expected, itemTimeoutMs)
}

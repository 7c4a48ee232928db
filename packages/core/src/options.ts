/** The options of `optimize()` and `execute()`, as a table that checks them before anything runs. */
import type { Store } from '@amorsize/cache'
import { InvalidOptionError } from '@amorsize/sampler'
import type { Runtime, TaskPool } from '@amorsize/sampler'

import type { OnError } from './item-failures.ts'
import { assertOptions, BOOLEAN, FUNCTION, OPTION_RULES, WHOLE } from './option-rules.ts'
import type { OptionRule } from './option-rules.ts'
import type { Progress } from './progress.ts'

/**
 * Options of `optimize()`.
 * @public
 */
export interface OptimizeOptions<C = undefined> {
  /** Whether decisions are read from and written to the store. @defaultValue true */
  readonly useCache?: boolean | undefined
  /** Whether past runs may answer in place of a dry run. @defaultValue false */
  readonly useMlPrediction?: boolean | undefined
  /** Confidence a prediction needs, 0..1. @defaultValue 0.7 */
  readonly mlConfidenceThreshold?: number | undefined
  /**
   * How past runs are asked: by the model of what they cost, or by the plain mean over those nearest.
   * @defaultValue 'model'
   */
  readonly predictor?: 'model' | 'average' | undefined
  /**
   * Whether workers follow what other processes leave of the machine: at the start, and during a run.
   * @defaultValue false
   */
  readonly adjustForSystemLoad?: boolean | undefined
  /** Whether what was decided and why is printed. @defaultValue false */
  readonly verbose?: boolean | undefined
  /**
   * Most workers to use, an integer from 1. @defaultValue the cores the process may use; up to twice as
   * many where items wait, or are too few to be shared out evenly
   */
  readonly maxWorkers?: number | undefined
  /**
   * Most items under way at once, by whatever means, an integer from 1: for what must not be asked by
   * too many. @defaultValue 128 where items wait, else as many as workers
   */
  readonly maxInFlight?: number | undefined
  /** How workers run. @defaultValue 'worker_threads' */
  readonly runtime?: Runtime | undefined
  /** Time to sample, milliseconds from 0, the start of a worker not counted. @defaultValue 50 */
  readonly sampleBudgetMs?: number | undefined
  /** Whether a probe and a serial run may use the calling thread. @defaultValue true */
  readonly allowMainThread?: boolean | undefined
  /** Second argument of every call of the task; sent once to each worker. */
  readonly context?: C | undefined
  /** Where decisions and samples are kept. @defaultValue the JSON store in the platform's folder */
  readonly store?: Store | undefined
  /**
   * The workers to use. Those of the shared pool are replaced between two chunks where they hold more
   * than half of the available memory over the cores (at least 256 MB), and twice what they began with.
   * @defaultValue one pool a process and runtime, kept warm
   */
  readonly pool?: TaskPool | undefined
  /** Ends the work; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Receives each verbose line. @defaultValue console.log */
  readonly log?: ((line: string) => void) | undefined
}

/**
 * Options of `execute()`.
 * @public
 */
export interface ExecuteOptions<C = undefined>
  extends OptimizeOptions<C>, ResultOptions<boolean, OnError> {
  /** Whether what this run measures is kept for predictions. @defaultValue false */
  readonly enableOnlineLearning?: boolean | undefined
  /** Told how far the run is, at most 20 times a second and once at its end. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /**
   * Longest time of one item, milliseconds above 0; it then fails with an `ItemTimeoutError`. What
   * computes can only be stopped in a worker, so nothing that does is run on the calling thread; an
   * asynchronous task that mostly waits may be, and the time for which the thread computes beside it,
   * up to nine times the limit, does not count. @defaultValue any time
   */
  readonly itemTimeoutMs?: number | undefined
  /**
   * How often an item that was running when its worker died is run again, each time alone on a new
   * worker: an integer from 0. It fails when it has been lost once more. Items that share its chunk
   * are run again in any case. @defaultValue 1
   */
  readonly retries?: number | undefined
}

/**
 * The options of `execute()` that say what comes back.
 * @public
 */
export interface ResultOptions<R extends boolean, E extends OnError> {
  /** Whether the decision and the measurements come back beside the results. @defaultValue false */
  readonly returnOptimizationResult?: R | undefined
  /**
   * What an item that fails does: `throw` ends the run with its error, `collect` gives for each item
   * `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }`. @defaultValue 'throw'
   */
  readonly onError?: E | undefined
}

/**
 * Options of `executeStream()`.
 * @public
 */
export interface StreamOptions<C = undefined> extends Omit<
  ExecuteOptions<C>,
  'returnOptimizationResult' | 'enableOnlineLearning'
> {
  /** Whether results come in the order of the items, or as they are ready. @defaultValue true */
  readonly ordered?: boolean | undefined
  /**
   * Most items to hold at once: read from the source, and their results not yet taken. An integer
   * from 1. @defaultValue 4 chunks a worker, at least 64
   */
  readonly window?: number | undefined
}

/** The largest delay of a timer. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

const RUN_RULES: Record<Exclude<keyof ExecuteOptions, keyof OptimizeOptions>, OptionRule> = {
  enableOnlineLearning: BOOLEAN,
  onProgress: FUNCTION,
  returnOptimizationResult: BOOLEAN,
  onError: {
    expected: "'throw' or 'collect'",
    accepts: (value) => value === 'throw' || value === 'collect',
  },
  itemTimeoutMs: {
    expected: `a number of milliseconds above 0, at most ${LONGEST_TIMEOUT_MS}`,
    accepts: (value) => typeof value === 'number' && value > 0 && value <= LONGEST_TIMEOUT_MS,
  },
  retries: {
    expected: 'an integer from 0',
    accepts: (value) => Number.isInteger(value) && (value as number) >= 0,
  },
}

const EXECUTE_RULES: Record<keyof ExecuteOptions, OptionRule> = { ...OPTION_RULES, ...RUN_RULES }

const {
  returnOptimizationResult: _result,
  enableOnlineLearning: _learning,
  ...STREAMED_RULES
} = EXECUTE_RULES

const STREAM_RULES: Record<keyof StreamOptions, OptionRule> = {
  ...STREAMED_RULES,
  ordered: BOOLEAN,
  window: WHOLE,
}

/**
 * Checks the options of `optimize()`.
 * @throws {@link InvalidOptionError}, {@link UnknownOptionError}
 */
export function assertOptimizeOptions(options: unknown): void {
  assertOptions(options, OPTION_RULES)
  assertOneRuntime(options as OptimizeOptions)
}

/**
 * Checks the options of `execute()`.
 * @throws {@link InvalidOptionError}, {@link UnknownOptionError}
 */
export function assertExecuteOptions(options: unknown): void {
  assertOptions(options, EXECUTE_RULES)
  assertOneRuntime(options as OptimizeOptions)
}

/**
 * Checks the options of `executeStream()`.
 * @throws {@link InvalidOptionError}, {@link UnknownOptionError}
 */
export function assertStreamOptions(options: unknown): void {
  assertOptions(options, STREAM_RULES)
  assertOneRuntime(options as OptimizeOptions)
}

/** Who asks for processes does not want threads, whatever pool is at hand. */
function assertOneRuntime({ pool, runtime }: OptimizeOptions): void {
  if (pool === undefined || runtime === undefined || pool.runtime === runtime) return
  throw new InvalidOptionError('runtime', `'${pool.runtime}', as its \`pool\` has it`, runtime)
}

/** A call of `optimize()` or `execute()`, checked and complete: what every decision source sees. */
import type { Store } from '@amorsize/cache'
import { cpuSnapshot, detectSystem } from '@amorsize/features/system'
import type { CpuSnapshot, SystemProfile } from '@amorsize/features/system'
import { prepareTask } from '@amorsize/sampler'
import type {
  Data,
  ItemError,
  ItemTimeoutError,
  PreparedTask,
  Runtime,
  Task,
  TaskPool,
} from '@amorsize/sampler'

import { cacheKey, middleItemSize } from './cache-key.ts'
import { assertContext } from './context-check.ts'
import { digestContext } from './context-digest.ts'
import { isSharedStoreOpen, sharedPool, sharedStore } from './defaults.ts'
import { readItems } from './read-items.ts'
import type { ExecuteOptions, OptimizeOptions } from './options.ts'
import { MOST_IN_FLIGHT } from './search.ts'
import { followLoad } from './system-load.ts'

/** A checked call, its defaults filled in. */
export interface Request<I, O> {
  readonly task: PreparedTask<I, O>
  /** Of a stream its head. */
  readonly items: ArrayLike<I>
  /** How many there were at the call. */
  readonly itemCount: number
  /** Items of the whole stream, infinite where nobody knows; `undefined` where it is none. */
  readonly streamLength: number | undefined
  /** The machine; looked at when it is asked for. */
  readonly system: SystemProfile
  /** The store; opened, and its code loaded, only where something is looked up or kept. */
  readonly openStore: () => Promise<Store>
  /** Whether that was done before, so that a look-up is quick. */
  readonly isStoreOpen: boolean
  readonly pool: TaskPool
  readonly runtime: Runtime
  /** Most workers to use; 0 where only the calling thread may be used. */
  readonly maxWorkers: number
  /** Whether it is for the library to say how many workers there are, and it may find more useful. */
  readonly mayOversubscribe: boolean
  /** Most items under way at once on the calling thread. */
  readonly maxInFlight: number
  /** How many workers the machine has room for now; `undefined` where its load is not followed. */
  readonly workerLimit: (() => number) | undefined
  readonly allowMainThread: boolean
  /** Longest time of one item, milliseconds; then only what waits may run on the calling thread. */
  readonly itemTimeoutMs: number | undefined
  /** Told of items that fail while the decision is made; without it they reject it. */
  readonly onItemError?: ((error: ItemError | ItemTimeoutError) => void) | undefined
  readonly useCache: boolean
  readonly useMlPrediction: boolean
  readonly mlConfidenceThreshold: number
  readonly predictor: 'model' | 'average'
  readonly sampleBudgetMs: number | undefined
  /** CPU time used before the call, where a run has to be told from what ran beside it. */
  readonly cpuBefore: CpuSnapshot | undefined
  readonly context: unknown
  /** What tells the workload from others, `undefined` where the cache is not to be asked. */
  readonly key: string | undefined
  /** Middle size of an item; `undefined` without items. Both are made when they are asked for. */
  readonly itemSize: number | undefined
  /** What tells the context from others; made when it is asked for. */
  readonly contextDigest: string
  /** Whether the digest takes no time any more: there is no context, or it was asked for before. */
  readonly isContextDigested: boolean
  readonly signal: AbortSignal | undefined
  /** Says a verbose text, which is only made where it was asked for. */
  readonly say: (makeText: () => string) => void
}

/** Items of the whole call, as far as anybody knows. */
export function wholeCountOf<I, O>({ itemCount, streamLength }: Request<I, O>): number {
  return streamLength !== undefined && Number.isFinite(streamLength) ? streamLength : itemCount
}

const DEFAULT_CONFIDENCE_THRESHOLD = 0.7

/** Reading the machine takes half a millisecond, five times as long as a decision from the cache. */
const SYSTEM_AGE_MS = 30_000

/**
 * Checks task, data and context and fills in the defaults. The options were checked before.
 * @throws What {@link prepareTask}, {@link assertContext} and {@link readItems} throw.
 */
export async function createRequest<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: OptimizeOptions<C> & Pick<ExecuteOptions<C>, 'itemTimeoutMs' | 'enableOnlineLearning'>,
  { onItemError, streamLength }: Partial<Pick<Request<I, O>, 'onItemError' | 'streamLength'>> = {},
): Promise<Request<I, O>> {
  options.signal?.throwIfAborted()
  const prepared = prepareTask(task, options.context as C)
  if (mayUseWorkers(options)) assertContext(options.context)
  const read = readItems(data, options.signal)
  const items = read instanceof Promise ? await read : read
  const itemCount = items.length

  const runtime = options.pool?.runtime ?? options.runtime ?? 'worker_threads'
  const pool = options.pool ?? sharedPool(runtime)
  const fewest = isKeptAway(options) ? 1 : 0
  let system: SystemProfile | undefined
  let contextDigest: string | undefined
  // The caller may change its items as soon as it has the results: both are as they were at first.
  let itemSize: { readonly value: number | undefined } | undefined
  let key: { readonly value: string | undefined } | undefined
  const useCache = options.useCache ?? true
  const lookAtMachine = (): SystemProfile => (system ??= detectSystem({ maxAgeMs: SYSTEM_AGE_MS }))
  const room = options.adjustForSystemLoad
    ? followLoad(lookAtMachine(), () => (runtime === 'child_process' ? pool.warmWorkers : 0))
    : undefined
  const request: Request<I, O> = {
    task: prepared,
    items,
    itemCount,
    streamLength,
    get system() {
      return lookAtMachine()
    },
    openStore: () => (options.store ? Promise.resolve(options.store) : sharedStore()),
    isStoreOpen: options.store !== undefined || isSharedStoreOpen(),
    pool,
    runtime,
    get maxWorkers() {
      const usual = options.maxWorkers ?? defaultWorkers(lookAtMachine())
      // One item at a time: the loop, without a worker beside it.
      const most = options.maxInFlight === 1 ? 0 : Math.min(usual, options.maxInFlight ?? Infinity)
      return Math.max(fewest, room ? Math.min(most, room.atStart) : most)
    },
    maxInFlight: options.maxInFlight ?? MOST_IN_FLIGHT,
    mayOversubscribe:
      options.maxWorkers === undefined && options.maxInFlight === undefined && !room,
    workerLimit: room && (() => room.now()),
    allowMainThread: options.allowMainThread ?? true,
    itemTimeoutMs: options.itemTimeoutMs,
    onItemError,
    useCache,
    get key() {
      return (key ??= { value: useCache ? cacheKey(this) : undefined }).value
    },
    get itemSize() {
      return (itemSize ??= { value: middleItemSize(items) }).value
    },
    useMlPrediction: options.useMlPrediction ?? false,
    mlConfidenceThreshold: options.mlConfidenceThreshold ?? DEFAULT_CONFIDENCE_THRESHOLD,
    predictor: options.predictor ?? 'model',
    sampleBudgetMs: options.sampleBudgetMs,
    cpuBefore: options.enableOnlineLearning ? cpuSnapshot() : undefined,
    context: options.context,
    get contextDigest() {
      return (contextDigest ??= digestContext(options.context))
    },
    get isContextDigested() {
      return options.context === undefined || contextDigest !== undefined
    },
    signal: options.signal,
    say: sayerOf(options),
  }
  return request
}

/**
 * As many workers as the process may use cores, a part of a core counted as one. Inside a worker
 * none: pools do not nest.
 */
export function defaultWorkers({ usableCores }: SystemProfile): number {
  isInWorker ??=
    !process.getBuiltinModule('node:worker_threads').isMainThread ||
    process.env['TINYPOOL_WORKER_ID'] !== undefined
  return isInWorker ? 0 : Math.ceil(usableCores)
}

/** Whether anything may leave the calling thread. */
export function mayUseWorkers(
  options: Pick<ExecuteOptions, 'maxInFlight' | 'allowMainThread' | 'itemTimeoutMs'>,
): boolean {
  return options.maxInFlight !== 1 || isKeptAway(options)
}

/** What may not run on this thread has to run on another, inside a worker too. */
function isKeptAway({
  allowMainThread,
  itemTimeoutMs,
}: Pick<ExecuteOptions, 'allowMainThread' | 'itemTimeoutMs'>): boolean {
  return allowMainThread === false || itemTimeoutMs !== undefined
}

/** Found out once: every decision from the cache asks for it. */
let isInWorker: boolean | undefined

function sayerOf({
  verbose,
  log = print,
}: Pick<OptimizeOptions, 'verbose' | 'log'>): Request<never, never>['say'] {
  return verbose ? (makeText) => log(makeText()) : () => {}
}

function print(line: string): void {
  // The one place that prints, and only where `verbose` asked for it.
  // oxlint-disable-next-line no-console
  console.log(line)
}

/**
 * Whether items may run on the calling thread. What computes cannot be stopped there, so with a limit
 * on the time of an item only those that mostly wait may.
 * @param waitShare - Share of the item time in which the thread is idle, 0..1.
 */
export function mayUseMainThread<I, O>(
  { allowMainThread, itemTimeoutMs }: Request<I, O>,
  waitShare: number,
): boolean {
  return allowMainThread && (itemTimeoutMs === undefined || waitShare >= MOSTLY_WAITING)
}

/** A share of waiting from which a thread has more time for other items than for the one it runs. */
const MOSTLY_WAITING = 0.5

/**
 * Share of waiting from which many items at once on the calling thread are quicker than workers: one
 * thread then computes less than each of them would.
 */
export function overlapFrom<I, O>({ maxWorkers }: Request<I, O>): number {
  return Math.max(MOSTLY_WAITING, 1 - 1 / Math.max(1, maxWorkers))
}

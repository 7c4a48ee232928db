/** Deciding and running: results in the order of the items. */
import type { Data, Task } from '@amorsize/sampler'

import { hasListeners, tell } from './diagnostics.ts'
import { indexOf, ItemFailures } from './item-failures.ts'
import type { ItemOutcome, OnError } from './item-failures.ts'
import { loadDeciding } from './load-deciding.ts'
import { isWorthRemembering, runOpening, tellsEnough } from './opening.ts'
import { assertExecuteOptions } from './options.ts'
import type { ExecuteOptions, ResultOptions } from './options.ts'
import { ProgressReporter } from './progress.ts'
import { createRequest, mayUseMainThread } from './request.ts'
import type { Request } from './request.ts'
import type { Executed, ExecutionResult } from './result.ts'

/**
 * Maps a task over items, in the way that is expected to be quickest.
 *
 * @remarks
 * Every item is run exactly once: what is sampled while deciding is part of the results. Only items
 * whose results were lost with a worker that died are run again.
 * @param task - A self-contained function, or a `moduleTask()`.
 * @param data - The items: an array, a typed array, or any iterable or async iterable that ends.
 * @param options - See {@link ExecuteOptions}; a task that takes a context has to be given one.
 * @returns One result an item, in the order of the items; with `returnOptimizationResult` also the
 * decision and what the run took; with `onError: 'collect'` for each item what `Promise.allSettled`
 * would say of it.
 * @throws `InvalidTaskError` `AMORSIZE_SAMPLER_INVALID_TASK`, `TaskLoadError`
 * `AMORSIZE_SAMPLER_TASK_LOAD` (also for a context that cannot be sent to a worker),
 * `InvalidDataError` `AMORSIZE_SAMPLER_INVALID_DATA`,
 * `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` before anything runs.
 * @throws `ItemError` `AMORSIZE_SAMPLER_ITEM` with `index` and `cause` for the first item
 * that fails, `ItemTimeoutError` `AMORSIZE_SAMPLER_ITEM_TIMEOUT` for one that takes too long,
 * `WorkerExitError` `AMORSIZE_SAMPLER_WORKER_EXIT` for one that ends its worker, each with its
 * `index`; `ChangedDataError` `AMORSIZE_SAMPLER_CHANGED_DATA` where an array has lost items before they
 * were mapped; and the signal's reason after an abort.
 * @example
 * ```ts
 * import { execute } from '@amorsize/core'
 *
 * const squares = await execute((n: number) => n * n, [1, 2, 3])
 * squares // => [1, 4, 9]
 * ```
 * @public
 */
export function execute<I, O, R extends boolean = false, E extends OnError = 'throw'>(
  task: Task<I, O>,
  data: Data<I>,
  options?: ExecuteOptions & ResultOptions<R, E>,
): Promise<Executed<I, O, R, E>>
/** {@inheritDoc (execute:1)} @public */
export function execute<I, O, C, R extends boolean = false, E extends OnError = 'throw'>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: ExecuteOptions<C> & ResultOptions<R, E> & { readonly context: C },
): Promise<Executed<I, O, R, E>>
export async function execute<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: ExecuteOptions<C> = {},
): Promise<(O | ItemOutcome<O>)[] | ExecutionResult<I, O | ItemOutcome<O>>> {
  assertExecuteOptions(options)
  try {
    return await run(task, data, options)
  } catch (error) {
    tell('error', () => ({ index: indexOf(error), error }))
    throw error
  }
}

async function run<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: ExecuteOptions<C>,
): Promise<(O | ItemOutcome<O>)[] | ExecutionResult<I, O | ItemOutcome<O>>> {
  const startMs = performance.now()
  const { onProgress } = options
  const reporter = onProgress && new ProgressReporter(onProgress)
  const failures = new ItemFailures(options.onError ?? 'throw')
  const request = await createRequest<I, O, C>(task, data, options, {
    onItemError: (error) => failures.add(error.index, error),
  })
  const known = request.isStoreOpen
    ? await (await loadDeciding()).decideQuickly(request)
    : undefined
  const mayBegin = !known && mayUseMainThread(request, 0)
  const opening = mayBegin ? await runOpening(request, reporter) : undefined
  if (
    opening?.results.restCount === 0 &&
    !isDecisionWanted(request, options) &&
    !isWorthRemembering(opening, false)
  ) {
    return failures.outcomesOf(opening.results)
  }
  if (opening && opening.leftMs >= WORTH_EARLY_START_MS && !tellsEnough(request, opening)) {
    startEarly(request)
  }
  const { completeRun } = await loadDeciding()
  return completeRun(request, { startMs, options, failures, reporter, known, opening })
}

/** Work that is likely to go to workers in the end, milliseconds. */
const WORTH_EARLY_START_MS = 150

/** Whether anyone but the caller's loop would look at the decision. */
function isDecisionWanted<I, O>(
  { isStoreOpen, useCache }: Request<I, O>,
  { verbose, returnOptimizationResult, enableOnlineLearning }: ExecuteOptions<unknown>,
): boolean {
  const isReported = verbose || returnOptimizationResult || hasListeners()
  return isReported || enableOnlineLearning || (isStoreOpen && useCache)
}

/** The first worker starts while the code for it is loaded and the store opened; hardly ever too much. */
function startEarly<I, O>({ pool, maxWorkers }: Request<I, O>): void {
  // Of a pool that is closed meanwhile the first chunk tells.
  if (maxWorkers > 0) pool.warm(1).catch(() => {})
}

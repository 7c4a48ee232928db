/** Deciding and running: results in the order of the items. */
import { PartialResults } from '@amorsize/sampler'
import type { Data, Task } from '@amorsize/sampler'

import type { Decision } from './decide/source.ts'
import { EXECUTORS } from './executors/index.ts'
import { describePlan, formatMs } from './explain.ts'
import { learn } from './learn.ts'
import { decideFromOpening, runOpening } from './opening.ts'
import type { Opening } from './opening.ts'
import { decideQuickly, measureAndDecide, remember } from './optimize.ts'
import { assertExecuteOptions } from './options.ts'
import type { ExecuteOptions } from './options.ts'
import { ProgressReporter } from './progress.ts'
import { createRequest } from './request.ts'
import type { Request } from './request.ts'
import { toOptimizationResult } from './result.ts'
import type { ExecutionReport, ExecutionResult } from './result.ts'

/**
 * Maps a task over items, in the way that is expected to be quickest.
 *
 * @remarks
 * Every item is run exactly once: what is sampled while deciding is part of the results.
 * @param task - A self-contained function, or a `moduleTask()`.
 * @param data - The items: an array, a typed array, or any iterable or async iterable that ends.
 * @param options - See {@link ExecuteOptions}.
 * @returns One result an item, in the order of the items; with `returnOptimizationResult` also the
 * decision and what the run took.
 * @throws `InvalidTaskError` `AMORSIZE_SAMPLER_INVALID_TASK`,
 * `InvalidDataError` `AMORSIZE_SAMPLER_INVALID_DATA`,
 * `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` before anything runs.
 * @throws `ItemError` `AMORSIZE_SAMPLER_ITEM` with `index` and `cause` for the first item
 * that fails, `WorkerExitError` `AMORSIZE_SAMPLER_WORKER_EXIT` where a worker is lost, and
 * the signal's reason after an abort.
 * @example
 * ```ts
 * import { execute } from '@amorsize/core'
 *
 * const squares = await execute((n: number) => n * n, [1, 2, 3])
 * squares // => [1, 4, 9]
 * ```
 * @public
 */
export function execute<I, O, C = undefined>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: ExecuteOptions<C> & { readonly returnOptimizationResult: true },
): Promise<ExecutionResult<I, O>>
/** {@inheritDoc (execute:1)} @public */
export function execute<I, O, C = undefined>(
  task: Task<I, O, C>,
  data: Data<I>,
  options?: ExecuteOptions<C> & { readonly returnOptimizationResult?: false | undefined },
): Promise<O[]>
export async function execute<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: ExecuteOptions<C> = {},
): Promise<O[] | ExecutionResult<I, O>> {
  assertExecuteOptions(options)
  const startMs = performance.now()
  const request = await createRequest(task, data, options)
  const known = request.isStoreOpen ? await decideQuickly(request) : undefined
  const opening = known || !request.allowMainThread ? undefined : await runOpening(request)
  if (opening?.results.restCount === 0 && !isDecisionWanted(request, options)) {
    return opening.results.values
  }
  const decision = known ?? (await decideAfter(request, opening))
  const decisionTimeMs = performance.now() - startMs
  const optimization = toOptimizationResult(decision, request.items, decisionTimeMs)
  request.say(() => optimization.explain())

  const results =
    decision.results ?? opening?.results ?? new PartialResults<O>(request.items.length)
  const run = await runPlan(request, decision, results, options)
  const execution = { ...run, totalTimeMs: performance.now() - startMs }
  request.say(
    () =>
      `Ran ${describePlan(decision.plan)} in ${formatMs(execution.makespanMs)}, ${execution.speedup.toFixed(2)} times the plain loop`,
  )
  learn(request, decision, execution, options.enableOnlineLearning ?? false)
  if (!options.returnOptimizationResult) return results.values
  return { results: results.values, optimization, execution }
}

/** Whether anyone but the caller's loop would look at the decision. */
function isDecisionWanted<I, O>(
  { isStoreOpen, useCache }: Request<I, O>,
  { verbose, returnOptimizationResult, enableOnlineLearning, onProgress }: ExecuteOptions<unknown>,
): boolean {
  const isReported = verbose || returnOptimizationResult || onProgress !== undefined
  return isReported || enableOnlineLearning || (isStoreOpen && useCache)
}

async function decideAfter<I, O>(
  request: Request<I, O>,
  opening: Opening<O> | undefined,
): Promise<Decision<O>> {
  if (opening?.results.restCount === 0) {
    const decision = decideFromOpening(request, opening)
    if (request.isStoreOpen) remember(request, decision)
    return decision
  }
  const known = request.isStoreOpen ? undefined : await decideQuickly(request)
  return known ?? (await measureAndDecide(request, opening?.results))
}

async function runPlan<I, O>(
  request: Request<I, O>,
  { plan, features }: Decision<O>,
  results: PartialResults<O>,
  { onProgress }: Pick<ExecuteOptions, 'onProgress'>,
): Promise<Omit<ExecutionReport, 'totalTimeMs'>> {
  const reporter = onProgress && new ProgressReporter(onProgress, () => performance.now())
  const report = (): void => reporter?.report(results.doneCount, results.itemCount)
  const itemCount = results.restCount
  const startMs = performance.now()
  const { task, items, pool, signal } = request
  const execution = { task, items, results, plan, pool, signal, onProgress: report }
  const { busyMs, chunkCount } =
    itemCount === 0 ? { busyMs: 0, chunkCount: 0 } : await EXECUTORS[plan.executor].run(execution)
  const makespanMs = performance.now() - startMs
  report()
  if (itemCount === 0 || plan.executor === 'serial') {
    return { makespanMs, itemCount, chunkCount, speedup: 1 }
  }
  // Items run slower while others run beside them: what they took alone is the fairer measure.
  const serialMs = Math.min(busyMs, itemCount * features.itemTimeMs)
  const speedup = serialMs / Math.max(makespanMs, Number.EPSILON)
  return { makespanMs, itemCount, chunkCount, speedup }
}

/** Deciding without running. */
import type { Data, Task } from '@amorsize/sampler'

import { loadDeciding } from './load-deciding.ts'
import { assertOptimizeOptions } from './options.ts'
import type { OptimizeOptions } from './options.ts'
import { createRequest } from './request.ts'
import type { OptimizationResult } from './result.ts'

/**
 * Decides how to run a map: in a plain loop, on how many workers, in chunks of what size.
 *
 * @remarks
 * Where neither the cache nor the history answers, a few items are run for real. `execute()` keeps
 * their results; here they are computed again when the caller runs the map, and are part of its estimate.
 * @param task - A self-contained function, or a `moduleTask()`.
 * @param data - The items: an array, a typed array, or any iterable or async iterable that ends.
 * @param options - See {@link OptimizeOptions}; a task that takes a context has to be given one.
 * @returns The plan, its expected time and speedup, and `explain()`.
 * @throws `InvalidTaskError` `AMORSIZE_SAMPLER_INVALID_TASK`, `TaskLoadError`
 * `AMORSIZE_SAMPLER_TASK_LOAD` (also for a context that cannot be sent to a worker),
 * `InvalidDataError` `AMORSIZE_SAMPLER_INVALID_DATA`,
 * `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` before anything runs.
 * @throws `ItemError` `AMORSIZE_SAMPLER_ITEM` where a sampled item fails, `ChangedDataError`
 * `AMORSIZE_SAMPLER_CHANGED_DATA` where an array has lost items before it was sampled.
 * @public
 */
export function optimize<I, O>(
  task: Task<I, O>,
  data: Data<I>,
  options?: OptimizeOptions,
): Promise<OptimizationResult<I>>
/** {@inheritDoc (optimize:1)} @public */
export function optimize<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: OptimizeOptions<C> & { readonly context: C },
): Promise<OptimizationResult<I>>
export async function optimize<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: OptimizeOptions<C> = {},
): Promise<OptimizationResult<I>> {
  assertOptimizeOptions(options)
  const startMs = performance.now()
  const request = await createRequest(task, data, options)
  const { decide, forItems, tellDecision, toOptimizationResult } = await loadDeciding()
  // The sample is not kept, so that every item is still to be run.
  const decision = forItems(await decide(request), request, request.itemCount)
  tellDecision(request, decision)
  const result = toOptimizationResult(decision, request, performance.now() - startMs)
  request.say(() => result.explain())
  return result
}

/** Deciding: cache, prediction, dry run, the cheapest first. */
import type { Data, PartialResults, Task } from '@amorsize/sampler'

import { decideFromCache, rememberDecision } from './decide/from-cache.ts'
import { decideFromDryRun } from './decide/from-dry-run.ts'
import { isDeclined } from './decide/source.ts'
import type { Decision, DecisionSource, Declined } from './decide/source.ts'
import { tell } from './diagnostics.ts'
import { assertOptimizeOptions } from './options.ts'
import type { OptimizeOptions } from './options.ts'
import { createRequest } from './request.ts'
import type { Request } from './request.ts'
import { toOptimizationResult } from './result.ts'
import type { OptimizationResult } from './result.ts'

/** The sources that may decline; the dry run after them always has an answer. */
const QUICK_SOURCES: readonly DecisionSource[] = [decideFromCache, askPastRuns]

/**
 * Decides how to run a map: in a plain loop, on how many workers, in chunks of what size.
 *
 * @remarks
 * Where neither the cache nor the history answers, a few items are run for real. `execute()` keeps
 * their results; here they are computed again when the caller runs the map.
 * @param task - A self-contained function, or a `moduleTask()`.
 * @param data - The items: an array, a typed array, or any iterable or async iterable that ends.
 * @param options - See {@link OptimizeOptions}.
 * @returns The plan, its expected time and speedup, and `explain()`.
 * @throws `InvalidTaskError` `AMORSIZE_SAMPLER_INVALID_TASK`,
 * `InvalidDataError` `AMORSIZE_SAMPLER_INVALID_DATA`,
 * `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` before anything runs.
 * @throws `ItemError` `AMORSIZE_SAMPLER_ITEM` where a sampled item fails.
 * @public
 */
export async function optimize<I, O, C = undefined>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: OptimizeOptions<C> = {},
): Promise<OptimizationResult<I>> {
  assertOptimizeOptions(options)
  const startMs = performance.now()
  const request = await createRequest(task, data, options)
  const decision = await decide(request)
  const result = toOptimizationResult(decision, request.items, performance.now() - startMs)
  request.say(() => result.explain())
  return result
}

/** The first decision that a source has. */
export async function decide<I, O>(request: Request<I, O>): Promise<Decision<O>> {
  const decision = (await decideQuickly(request)) ?? (await measureAndDecide(request))
  tellDecision(request, decision)
  return decision
}

/** Tells those who observe the process. */
export function tellDecision<I, O>({ task }: Request<I, O>, decision: Decision<O>): void {
  tell('decision', () => {
    const { plan, source, reason, estimatedTimeMs } = decision
    return { plan, source, reason, estimatedTimeMs, signature: task.signature, isReplan: false }
  })
}

async function askPastRuns<I, O>(request: Request<I, O>): Promise<Decision<O> | Declined> {
  if (!request.useMlPrediction) return { declined: 'Past runs are not asked' }
  const { decideFromPrediction } = await import('./learning/index.ts')
  return decideFromPrediction(request)
}

/** What the cache or the history says, if anything. */
export async function decideQuickly<I, O>(
  request: Request<I, O>,
): Promise<Decision<O> | undefined> {
  for (const source of QUICK_SOURCES) {
    const outcome = await source(request)
    if (!isDeclined(outcome)) return outcome
  }
  return undefined
}

/**
 * The decision of a dry run, which the cache then remembers.
 *
 * @param results - Results of items that were run before.
 */
export async function measureAndDecide<I, O>(
  request: Request<I, O>,
  results?: PartialResults<O>,
): Promise<Decision<O>> {
  const decision = await decideFromDryRun(request, results)
  remember(request, decision)
  return decision
}

/** Off the caller's path: the store keeps a decision in memory at once and on disk soon after. */
export function remember<I, O>(request: Request<I, O>, decision: Decision<O>): void {
  void rememberDecision(request, decision).catch((error: unknown) =>
    request.say(() => `The decision was not kept: ${String(error)}`),
  )
}

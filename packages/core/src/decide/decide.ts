/** Asks the sources of decisions: cache, prediction, dry run, the cheapest first. */
import type { BegunMap } from '@amorsize/sampler'

import { tell } from '../diagnostics.ts'
import type { Request } from '../request.ts'
import { loadLearning } from '../load-learning.ts'
import { decideFromCache, rememberDecision } from './from-cache.ts'
import { decideFromDryRun } from './from-dry-run.ts'
import { isDeclined } from './source.ts'
import type { Decision, DecisionSource, Declined } from './source.ts'

/** The sources that may decline; the dry run after them always has an answer. */
const QUICK_SOURCES: readonly DecisionSource[] = [decideFromCache, askPastRuns]

/** The first decision that a source has. */
export async function decide<I, O>(request: Request<I, O>): Promise<Decision<O>> {
  return (await decideQuickly(request)) ?? (await measureAndDecide(request))
}

/** Tells those who observe the process, once the plan is the one that is returned or run. */
export function tellDecision<I, O>({ task }: Request<I, O>, decision: Decision<O>): void {
  tell('decision', () => {
    const { plan, source, reason, estimatedTimeMs, warnings } = decision
    const { signature } = task
    return { plan, source, reason, estimatedTimeMs, warnings, signature, isReplan: false }
  })
}

async function askPastRuns<I, O>(request: Request<I, O>): Promise<Decision<O> | Declined> {
  if (!request.useMlPrediction) return { declined: 'Past runs are not asked' }
  const { decideFromPrediction } = await loadLearning()
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
 * @param begun - What was run and measured before.
 */
export async function measureAndDecide<I, O>(
  request: Request<I, O>,
  begun?: BegunMap<O>,
): Promise<Decision<O>> {
  const decision = await decideFromDryRun(request, begun)
  remember(request, decision)
  return decision
}

/** Off the caller's path: the store keeps a decision in memory at once and on disk soon after. */
export function remember<I, O>(request: Request<I, O>, decision: Decision<O>): void {
  void rememberDecision(request, decision).catch((error: unknown) =>
    request.say(() => `The decision was not kept: ${String(error)}`),
  )
}

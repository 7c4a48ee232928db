/** The cheapest source: the same workload was decided before. */
import type { DecisionEntry } from '@amorsize/cache'

import type { Costs } from '../cost-model.ts'
import { mayUseMainThread } from '../request.ts'
import { describeChoice } from '../explain.ts'
import { memoryWarnings } from '../memory.ts'
import type { Request } from '../request.ts'
import { choosePlan, usesWorkers } from '../search.ts'
import { firstPairs, guessDispatch } from '../usual-dispatch.ts'
import type { Plan } from '../search.ts'
import { keptCosts } from './kept-costs.ts'
import type { Decision, Declined } from './source.ts'
import { warmForNext } from './warm-for-next.ts'

/** Decides by an earlier decision, adapted to the number of items and to the workers that are warm. */
export async function decideFromCache<I, O>(
  request: Request<I, O>,
): Promise<Decision<O> | Declined> {
  if (!request.useCache) return { declined: 'The cache is not used' }
  const { key } = request
  if (key === undefined) return { declined: 'The context cannot be part of a key' }
  const store = await request.openStore()
  const lookup = await store.getDecision(key)
  if (!lookup.hit) return { declined: `No cached decision (${lookup.reason})` }
  if (isOutdated(lookup.entry)) {
    return { declined: 'The cached decision rests on a disturbed measurement, some time ago' }
  }

  const decision = adapt({ key, entry: lookup.entry }, request)
  if (decision.costs) warmForNext(request, decision.costs, decision.estimatedTimeMs)
  return decision
}

/** What was measured beside other processes, or across plans, holds for this time, milliseconds. */
const TAINTED_TRUSTED_MS = 600_000

/** The decision that takes its place can be as tainted where the machine is always busy. */
function isOutdated({ createdAtMs, isTainted }: DecisionEntry): boolean {
  return isTainted === true && Date.now() - createdAtMs > TAINTED_TRUSTED_MS
}

type Cached = NonNullable<Decision<never>['cached']>

/** What an entry came to the last time, and for what. */
const adapted = new WeakMap<DecisionEntry, { circumstances: string; decision: Decision<never> }>()

/** The same entry under the same circumstances is the same decision; to search takes most of its time. */
function adapt<I, O>(cached: Cached, request: Request<I, O>): Decision<O> {
  const { entry } = cached
  const { itemCount, streamLength, maxWorkers, mayOversubscribe, pool, system } = request
  const { usableCores, availableMemoryBytes } = system
  const circumstances = [
    itemCount,
    streamLength,
    maxWorkers,
    mayOversubscribe,
    pool.readyWorkers,
    usableCores,
    availableMemoryBytes,
  ].join()
  const last = adapted.get(entry)
  if (last?.circumstances === circumstances) return last.decision
  const decision = decideBy(cached, request)
  adapted.set(entry, { circumstances, decision })
  return decision
}

/** Searches with the costs of the entry; what cannot be searched with is taken as it is. */
function decideBy<I, O>(cached: Cached, request: Request<I, O>): Decision<never> {
  const { entry } = cached
  const costs = keptCosts(entry, request)
  const search = costs && choosePlan(costs, request)
  const estimatedTimeMs = search?.best.makespanMs ?? entry.estimatedTimeMs ?? 0
  return {
    source: 'cache',
    cached,
    plan: search?.best ?? clampPlan(entry, request),
    estimatedTimeMs,
    estimatedSpeedup: search
      ? search.serial.makespanMs / Math.max(estimatedTimeMs, Number.EPSILON)
      : entry.estimatedSpeedup,
    reason: `Measured before: ${search ? describeChoice(search, costs) : entry.reason}`,
    warnings: [...(costs ? memoryWarnings(costs, request) : []), ...entry.warnings],
    features: { ...entry.features, dataSize: request.itemCount },
    ...(costs && { costs }),
    ...(search && { search }),
  }
}

/** Keeps a decision for the next time; resolves when it is durable. */
export async function rememberDecision<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
): Promise<void> {
  const { key } = request
  if (key === undefined) return
  const { plan, estimatedSpeedup, estimatedTimeMs, reason, features, costs, isTainted } = decision
  // What memory there is will be seen anew.
  const ofToday = new Set(costs && memoryWarnings(costs, request))
  // Before anything is waited for: the caller may have its results by now, and change its items.
  const entry: DecisionEntry = {
    nJobs: plan.nJobs,
    chunkSize: plan.chunkSize,
    executor: plan.executor,
    estimatedSpeedup: finite(estimatedSpeedup),
    estimatedTimeMs: finite(estimatedTimeMs),
    reason,
    warnings: decision.warnings.filter((warning) => !ofToday.has(warning)),
    features,
    createdAtMs: Date.now(),
    machine: request.system.fingerprint,
    ...(isTainted && { isTainted }),
    ...(costs && { costs: withDispatch(costs, request, decision) }),
  }
  const store = await request.openStore()
  await store.putDecision(key, entry)
}

/** Shorter maps are never worth a worker. */
const WORTH_A_GUESS_MS = 5

/** A map that was over before a worker was tried may be worth one, now that its length is known. */
function withDispatch<I, O>(
  costs: Costs,
  { items, itemCount, runtime }: Request<I, O>,
  { results }: Decision<O>,
): Costs {
  const loopMs = itemCount * costs.workerItemTimeMs
  if (costs.dispatch || !results || loopMs < WORTH_A_GUESS_MS) return costs
  return { ...costs, dispatch: guessDispatch(firstPairs(items, results), runtime) }
}

/** Where the plain loop is not allowed its time, and with it the speedup, is infinite. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}

function clampPlan<I, O>(entry: DecisionEntry, request: Request<I, O>): Plan {
  const { maxWorkers, itemCount, runtime } = request
  const chunkSize = Math.max(1, Math.min(entry.chunkSize, itemCount))
  if (usesWorkers(entry) && maxWorkers > 0) {
    return { executor: runtime, nJobs: Math.min(entry.nJobs, maxWorkers), chunkSize }
  }
  if (entry.executor === 'async' && mayUseMainThread(request, 1)) {
    return { executor: 'async', nJobs: entry.nJobs, chunkSize }
  }
  return { executor: 'serial', nJobs: 1, chunkSize: Math.max(1, itemCount) }
}

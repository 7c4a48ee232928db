/**
 * The loop and the workers of a short map, weighed against each other. Both are told by a sample, of
 * code that was cold still and of a few items sent, so that where they come out about as good either may
 * be the better. The first runs by a cached decision therefore take turns, and what they took is put in
 * the place of what was sampled.
 */
import type { DecisionEntry } from '@amorsize/cache'
import { median } from '@amorsize/features'
import type { TaskPool } from '@amorsize/sampler'

import { cacheKey } from '../cache-key.ts'
import type { Costs } from '../cost-model.ts'
import { describeChoice, formatMs } from '../explain.ts'
import type { RunFigures } from '../learning/measured-run.ts'
import type { Request } from '../request.ts'
import { choosePlan, usesWorkers } from '../search.ts'
import type { PricedPlan, SearchResult } from '../search.ts'
import type { Decision } from './source.ts'

/** Expected times that differ by more than this factor are told apart by samples. */
const CLOSE = 1.6

/** A shorter map is not worth it, and in a longer one a sample sees code that is warm; milliseconds. */
const SHORTEST_MS = 2
const LONGEST_MS = 50

/**
 * Runs of each. The first is cold and does not count; of the others the middle one does. Once that tells
 * the two apart there are no more.
 */
const FEWEST_RUNS_EACH = 2
const MOST_RUNS_EACH = 4

/** A run that is one of two plans' turn. */
export interface Turn {
  /** The decision that the turns are kept with. */
  readonly entry: DecisionEntry
  readonly plan: PricedPlan
}

/** What the turns took so far: of each the measured time over that which was expected. */
interface Turns {
  readonly loop: readonly number[]
  readonly workers: readonly number[]
}

/** One turn at a time, for two would time each other. With its end there is another entry. */
const underWay = new WeakSet<DecisionEntry>()

/**
 * A decision with the plan whose turn it is; the decision itself where none is, or where workers would
 * have to be waited for.
 */
export function takeTurn<O>(decision: Decision<O>, pool: TaskPool): Decision<O> {
  const { entry, search, costs } = decision
  if (!entry || !search || costs?.isWeighed || underWay.has(entry) || !pool.isIdle) return decision
  const plans = closePlans(search)
  const isReady = (plan: PricedPlan): boolean =>
    !usesWorkers(plan) || plan.nJobs <= pool.readyWorkers
  if (!plans?.every(isReady)) return decision
  underWay.add(entry)
  const turns = turnsOf(entry)
  const plan = plans.reduce((next, each) =>
    turns[kindOf(each)].length < turns[kindOf(next)].length ? each : next,
  )
  const [quicker, slower] = plans.map(({ makespanMs }) => formatMs(makespanMs))
  return {
    ...decision,
    turn: { entry, plan },
    plan,
    estimatedTimeMs: plan.makespanMs,
    estimatedSpeedup: search.serial.makespanMs / plan.makespanMs,
    reason: `Loop and workers take turns until it is known which is quicker: ${quicker} or ${slower} by what was measured before`,
    search: { ...search, best: plan },
  }
}

/** Takes down what a turn took; with the last, what was sampled is put right. */
export async function endTurn<I, O>(
  request: Request<I, O>,
  { turn, costs, features }: Decision<O>,
  { makespanMs, itemCount, failedCount = 0 }: RunFigures,
): Promise<void> {
  if (!turn || !costs) return
  const { entry, plan } = turn
  // What failed, or had run before, took no time.
  if (itemCount < costs.itemCount || failedCount > 0) return leaveTurn(turn)
  const kind = kindOf(plan)
  const before = turnsOf(entry)
  const turns = { ...before, [kind]: [...before[kind], makespanMs / plan.makespanMs] }
  const runsEach = Math.min(turns.loop.length, turns.workers.length)
  if (runsEach < FEWEST_RUNS_EACH) return replaceEntry(request, entry, { turns })
  const weighed = weighedCosts(costs, turns)
  const search = choosePlan(weighed, request)
  if (runsEach < MOST_RUNS_EACH && areClose(search)) return replaceEntry(request, entry, { turns })
  const { makespanMs: estimatedTimeMs, executor, nJobs, chunkSize } = search.best
  await replaceEntry(request, entry, {
    executor,
    nJobs,
    chunkSize,
    estimatedTimeMs,
    estimatedSpeedup: search.serial.makespanMs / estimatedTimeMs,
    reason: `Runs of both were timed: ${describeChoice(search, weighed)}`,
    features: { ...features, itemTimeMs: weighed.mainItemTimeMs ?? weighed.workerItemTimeMs },
    costs: weighed,
  })
}

/** A turn that came to nothing. */
export function leaveTurn({ entry }: Turn): void {
  underWay.delete(entry)
}

/** Keeps the items of a cached decision off the calling thread: what ended a worker would end the process. */
export async function keepToWorkers<I, O>(
  request: Request<I, O>,
  { entry, costs }: Decision<O>,
): Promise<void> {
  if (!entry || costs?.mainItemTimeMs === undefined) return
  await replaceEntry(request, entry, { costs: { ...costs, mainItemTimeMs: undefined } })
}

/** The two plans, the quicker one first; `undefined` where there is nothing to weigh. */
function closePlans({ best, serial, parallel }: SearchResult): PricedPlan[] | undefined {
  if (!parallel || !usesWorkers(parallel) || best.executor === 'async') return undefined
  const { makespanMs } = serial.makespanMs < parallel.makespanMs ? serial : parallel
  const isShort = makespanMs >= SHORTEST_MS && makespanMs <= LONGEST_MS
  if (!isShort || !areClose({ serial, parallel })) return undefined
  return [serial, parallel].toSorted((a, b) => a.makespanMs - b.makespanMs)
}

function areClose({ serial, parallel }: Pick<SearchResult, 'serial' | 'parallel'>): boolean {
  const ratio = serial.makespanMs / (parallel?.makespanMs ?? 0)
  return Math.max(ratio, 1 / ratio) <= CLOSE
}

function kindOf(plan: PricedPlan): keyof Turns {
  return usesWorkers(plan) ? 'workers' : 'loop'
}

/** As an entry has them; what is damaged begins anew. */
function turnsOf(entry: DecisionEntry): Turns {
  const kept = entry['turns'] as Partial<Turns> | undefined
  const ratiosOf = (kind: keyof Turns): readonly number[] => {
    const ratios: unknown = kept?.[kind]
    return Array.isArray(ratios) && ratios.every((ratio) => ratio > 0) ? ratios : []
  }
  return { loop: ratiosOf('loop'), workers: ratiosOf('workers') }
}

/** The costs by which the middle run of each would have been foretold. */
function weighedCosts(costs: Costs, { loop, workers }: Turns): Costs {
  const { mainItemTimeMs, dispatch } = costs
  const ofLoop = median(loop.slice(1))
  const ofWorkers = median(workers.slice(1))
  return {
    ...costs,
    mainItemTimeMs: mainItemTimeMs === undefined ? undefined : mainItemTimeMs * ofLoop,
    workerItemTimeMs: costs.workerItemTimeMs * ofWorkers,
    dispatch: dispatch && {
      ...dispatch,
      dispatchMs: dispatch.dispatchMs * ofWorkers,
      mainDispatchMs: dispatch.mainDispatchMs * ofWorkers,
      cloneMs: dispatch.cloneMs * ofWorkers,
      workerCloneMs: (dispatch.workerCloneMs ?? dispatch.cloneMs) * ofWorkers,
    },
    // Should the pace change, it does for both.
    timedByRuns: [],
    isWeighed: true,
  }
}

/** Changes an entry that is still the one there is; in memory at once, on disk soon after. */
async function replaceEntry<I, O>(
  request: Request<I, O>,
  entry: DecisionEntry,
  changes: Partial<DecisionEntry>,
): Promise<void> {
  const key = cacheKey(request)
  if (key === undefined) return
  const store = await request.openStore()
  const now = await store.getDecision(key)
  if (!now.hit || now.entry !== entry) return
  const { turns: _, ...kept } = entry
  store
    .putDecision(key, { ...kept, ...changes })
    .catch((error: unknown) => request.say(() => `The decision was not kept: ${String(error)}`))
}

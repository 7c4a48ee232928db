/**
 * The calling thread and the workers of a short map, weighed against each other. Both are told by a
 * sample, of code that was cold still and of a few items sent, so that where they come out about as good
 * either may be the better. The first runs by a cached decision therefore take turns, and what they took
 * is put in the place of what was sampled.
 */
import type { DecisionEntry } from '@amorsize/cache'
import { median } from '@amorsize/features'
import type { TaskPool } from '@amorsize/sampler'

import { cacheKey } from '../cache-key.ts'
import type { Costs, ThreadKind } from '../cost-model.ts'
import { describeChoice, formatMs } from '../explain.ts'
import type { RunFigures } from '../learning/measured-run.ts'
import type { Request } from '../request.ts'
import { choosePlan, usesWorkers } from '../search.ts'
import type { PricedPlan, SearchResult } from '../search.ts'
import type { Decision } from './source.ts'

/**
 * Expected times that differ by more than this factor are told apart by samples. What many waiting items
 * at once take, here or on more workers than cores, a sample of some in turn hardly tells.
 */
const CLOSE = 1.6
const CLOSE_WHERE_WAITING = 3

/** A shorter map is not worth it, and in a longer one a sample sees code that is warm; milliseconds. */
const SHORTEST_MS = 2
const LONGEST_MS = 100

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
type Turns = Readonly<Record<ThreadKind, readonly number[]>>

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
    reason: `Calling thread and workers take turns until it is known which is quicker: ${quicker} or ${slower} by what was measured before`,
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
  const runsEach = Math.min(turns.main.length, turns.worker.length)
  if (runsEach < FEWEST_RUNS_EACH) return replaceEntry(request, entry, { turns })
  const weighed = weighedCosts(costs, turns)
  const search = choosePlan(weighed, request)
  if (runsEach < MOST_RUNS_EACH && ratioOf(search) <= CLOSE)
    return replaceEntry(request, entry, { turns })
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
function closePlans({ onMain, onWorkers }: SearchResult): PricedPlan[] | undefined {
  const close = onMain.executor === 'async' ? CLOSE_WHERE_WAITING : CLOSE
  if (!onWorkers || ratioOf({ onMain, onWorkers }) > close) return undefined
  const plans = [onMain, onWorkers].toSorted((a, b) => a.makespanMs - b.makespanMs)
  const { makespanMs } = plans[0]!
  return makespanMs >= SHORTEST_MS && makespanMs <= LONGEST_MS ? plans : undefined
}

/** Expected time of the slower one over that of the other, from 1. */
function ratioOf({ onMain, onWorkers }: Pick<SearchResult, 'onMain' | 'onWorkers'>): number {
  const ratio = onMain.makespanMs / (onWorkers?.makespanMs ?? 0)
  return Math.max(ratio, 1 / ratio)
}

function kindOf(plan: PricedPlan): ThreadKind {
  return usesWorkers(plan) ? 'worker' : 'main'
}

/** As an entry has them; what is damaged begins anew. */
function turnsOf(entry: DecisionEntry): Turns {
  const kept = entry['turns'] as Partial<Turns> | undefined
  const ratiosOf = (kind: ThreadKind): readonly number[] => {
    const ratios: unknown = kept?.[kind]
    return Array.isArray(ratios) && ratios.every((ratio) => ratio > 0) ? ratios : []
  }
  return { main: ratiosOf('main'), worker: ratiosOf('worker') }
}

/** The costs by which the middle run of each would have been foretold. */
function weighedCosts(costs: Costs, { main, worker }: Turns): Costs {
  const { mainItemTimeMs, dispatch } = costs
  const ofMain = median(main.slice(1))
  const ofWorkers = median(worker.slice(1))
  return {
    ...costs,
    mainItemTimeMs: mainItemTimeMs === undefined ? undefined : mainItemTimeMs * ofMain,
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

/**
 * Changes an entry that is still the one there is; in memory at once, on disk soon after. What a store
 * refuses is no failure of the run.
 */
async function replaceEntry<I, O>(
  request: Request<I, O>,
  entry: DecisionEntry,
  changes: Partial<DecisionEntry>,
): Promise<void> {
  const report = (error: unknown): void =>
    request.say(() => `The decision was not kept: ${String(error)}`)
  try {
    const key = cacheKey(request)
    const store = await request.openStore()
    const now = key === undefined ? undefined : await store.getDecision(key)
    if (key === undefined || !now?.hit || now.entry !== entry) return
    const { turns: _, ...kept } = entry
    store.putDecision(key, { ...kept, ...changes }).catch(report)
  } catch (error) {
    report(error)
  }
}

/**
 * The calling thread and the workers of a short map, weighed against each other. Both are told by a
 * sample, of code that was cold still and of a few items sent, so that where they come out about as good
 * either may be the better. The first runs by a cached decision therefore take turns, and what they took
 * is put in the place of what was sampled.
 */
import type { DecisionEntry } from '@amorsize/cache'
import { median } from '@amorsize/features'
import type { TaskPool } from '@amorsize/sampler'

import { ALIKE } from '../batch-spread.ts'
import type { Costs, ThreadKind } from '../cost-model.ts'
import { describeChoice, formatMs } from '../explain.ts'
import type { RunFigures } from '../learning/measured-run.ts'
import type { Request } from '../request.ts'
import { choosePlan, usesWorkers } from '../search.ts'
import type { PricedPlan, SearchResult } from '../search.ts'
import { usualDispatch } from '../usual-dispatch.ts'
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

/** What the turns took so far: of each the measured time over that which was expected. */
type Turns = Readonly<Record<ThreadKind, readonly number[]>>

/** Keys of the decisions of which a turn is under way: two would time each other. */
const underWay = new Set<string>()

/** With more of its items failed a run does not tell what its plan takes. */
const MOST_FAILED_SHARE = 0.1

/**
 * A decision with the plan whose turn it is; the decision itself where none is, or where workers would
 * have to be waited for.
 */
export function takeTurn<O>(decision: Decision<O>, pool: TaskPool): Decision<O> {
  const { cached, search, costs } = decision
  if (!cached || !search || costs?.isWeighed || underWay.has(cached.key) || !pool.isIdle)
    return decision
  const plans = closePlans(search)
  const isReady = (plan: PricedPlan): boolean =>
    !usesWorkers(plan) || plan.nJobs <= pool.readyWorkers
  if (!plans?.every(isReady)) return decision
  underWay.add(cached.key)
  const turns = turnsOf(cached.entry)
  const turn = plans.reduce((next, each) =>
    turns[kindOf(each)].length < turns[kindOf(next)].length ? each : next,
  )
  const [quicker, slower] = plans.map(({ makespanMs }) => formatMs(makespanMs))
  return {
    ...decision,
    turn,
    plan: turn,
    estimatedTimeMs: turn.makespanMs,
    estimatedSpeedup: search.serial.makespanMs / turn.makespanMs,
    reason: `Calling thread and workers take turns until it is known which is quicker: ${quicker} or ${slower} by what was measured before`,
    search: { ...search, best: turn },
  }
}

/**
 * Whether a run tells what the plan takes whose turn it was. One that gave the plan up midway does: whoever
 * chooses the plan gets that, and turns that do not count come again.
 */
export function countsAsTurn<O>({ turn, costs }: Decision<O>, run: RunFigures): boolean {
  const { itemCount, failedCount = 0, lostWorkers = 0 } = run
  const isWhole = itemCount >= (costs?.itemCount ?? 0) && lostWorkers === 0
  return turn !== undefined && isWhole && failedCount <= MOST_FAILED_SHARE * itemCount
}

/** Whether another run has the turn, and this one was in its way. */
export function isBesideTurn<O>({ turn, cached }: Decision<O>): boolean {
  return !turn && cached !== undefined && underWay.has(cached.key)
}

/** Takes down what a turn took; with the last, what was sampled is put right. */
export async function endTurn<I, O>(
  request: Request<I, O>,
  { turn, cached, costs: sampled, features }: Decision<O>,
  { makespanMs, coefficientOfVariation = 0 }: RunFigures,
): Promise<void> {
  if (!turn || !cached || !sampled) return
  const kind = kindOf(turn)
  const before = turnsOf(cached.entry)
  const turns = { ...before, [kind]: [...before[kind], makespanMs / turn.makespanMs] }
  // Items that nobody had looked at are now known to differ.
  const isNews = sampled.coefficientOfVariation < ALIKE && coefficientOfVariation >= ALIKE
  const costs = isNews ? { ...sampled, coefficientOfVariation } : sampled
  const change = (changes: Partial<DecisionEntry>): Promise<void> =>
    changeEntry(request, cached.key, (entry) => {
      const { turns: _, isTainted: __, ...kept } = entry
      return isSame(entry, cached.entry) ? { ...kept, ...changes } : undefined
    })

  const { isTainted } = cached.entry
  const isOne = { turns, costs, ...(isTainted !== undefined && { isTainted }) }
  const runsEach = Math.min(turns.main.length, turns.worker.length)
  if (runsEach < FEWEST_RUNS_EACH) return change(isOne)
  const weighed = weighedCosts(costs, turns)
  const search = choosePlan(weighed, request)
  if (runsEach < MOST_RUNS_EACH && ratioOf(search) <= CLOSE) return change(isOne)
  const { makespanMs: estimatedTimeMs, executor, nJobs, chunkSize } = search.best
  await change({
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

/** Lets another run have its turn. */
export function leaveTurn<O>({ turn, cached }: Decision<O>): void {
  if (turn && cached) underWay.delete(cached.key)
}

/** Keeps items off the calling thread from now on: what ended a worker would end the process. */
export async function keepToWorkers<I, O>(request: Request<I, O>): Promise<void> {
  const { key } = request
  if (key === undefined) return
  await changeEntry(request, key, (entry) => {
    const costs = entry['costs'] as Costs | undefined
    if (costs?.mainItemTimeMs === undefined) return undefined
    const { dispatch = { ...usualDispatch(request.runtime), warmWorkers: 0 } } = costs
    return { ...entry, costs: { ...costs, mainItemTimeMs: undefined, dispatch } }
  })
}

/** Whether a decision is still kept as it was when it was taken. */
export async function isStillKept<I, O>(
  request: Request<I, O>,
  { cached }: Decision<O>,
): Promise<boolean> {
  if (!cached) return true
  const store = await request.openStore()
  const now = await store.getDecision(cached.key)
  return now.hit && isSame(now.entry, cached.entry)
}

/** By what every change changes: a store may hand out another object each time. */
function isSame(one: DecisionEntry, other: DecisionEntry): boolean {
  const stamps = [one, other].map((entry) => {
    const { main, worker } = turnsOf(entry)
    const costs = entry['costs'] as Costs | undefined
    const { isWeighed, mainItemTimeMs } = costs ?? {}
    return [entry.createdAtMs, main.length, worker.length, isWeighed, mainItemTimeMs].join()
  })
  return stamps[0] === stamps[1]
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
    const areRatios = Array.isArray(ratios) && ratios.every((it) => Number.isFinite(it) && it > 0)
    return areRatios ? ratios : []
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

/** Changes what is kept, in memory at once, on disk soon after. What a store refuses is no failure of the run. */
async function changeEntry<I, O>(
  request: Request<I, O>,
  key: string,
  changed: (entry: DecisionEntry) => DecisionEntry | undefined,
): Promise<void> {
  const report = (error: unknown): void =>
    request.say(() => `The decision was not kept: ${String(error)}`)
  try {
    const store = await request.openStore()
    const now = await store.getDecision(key)
    const entry = now.hit ? changed(now.entry) : undefined
    if (entry) store.putDecision(key, entry).catch(report)
  } catch (error) {
    report(error)
  }
}

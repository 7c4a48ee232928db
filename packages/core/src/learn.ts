/**
 * What an execution teaches. Whether it does is told here; the rest is loaded and done off the
 * caller's path.
 */
import { cpuSnapshot } from '@amorsize/features/system'

import { ALIKE } from './batch-spread.ts'
import type { Costs } from './cost-model.ts'
import type { Decision, SourceName } from './decide/source.ts'
import { countsAsTurn, endTurn, isBesideTurn } from './decide/weighing.ts'
import type { ExecutionCosts } from './executors/executor.ts'
import { variationWithin } from './executors/item-times.ts'
import type { RunFigures } from './learning/measured-run.ts'
import { loadLearning } from './load-learning.ts'
import type { Request } from './request.ts'
import { roughBytes } from './rough-size.ts'
import { usesWorkers, WAITING_SHARE } from './search.ts'
import type { Plan } from './search.ts'
import { firstPairs } from './usual-dispatch.ts'
import { sharingOf } from './worker-pace.ts'

/** A run of fewer items says nothing about a plan. */
const FEWEST_ITEMS = 2

/** The first items of a stream, which may be left at any time, are cold. */
const FEWEST_STREAMED = 32

/** A decision that is further off than this, up or down, is not the one to keep. */
const CONTRADICTION = 1.5

/** A larger share of waiting than was known is worth another look at the plan. */
const MORE_WAITING = 0.2

/**
 * Items that took less than this of what was thought: the loop, which nobody has tried, may be better
 * than a plan that took as long as expected because sending them does.
 */
const MUCH_QUICKER = 1 / 3

/**
 * Items that turn out to differ so much want smaller chunks: a short loop says nothing of how they differ,
 * and one over items that were alike nothing of those to come.
 */
const UNEXPECTED_VARIATION = 0.25

/** Shorter runs are off by more for reasons of their own. */
const SHORTEST_CONTRADICTION_MS = 10

/** The items of a shorter map were cold, and to keep what it took would take as long. */
const SHORTEST_LOOP_MS = 1

/**
 * Learns from a run. One too short to time teaches nothing.
 *
 * @param isKept - Whether a training sample is kept.
 * @returns Once the sample, where one is kept, is on its way to the model, not to the disk. Of a run
 * that was over when it was decided that would be too long to wait.
 */
export async function learn<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  execution: RunFigures,
  isKept: boolean,
): Promise<void> {
  const isOver = execution.itemCount < FEWEST_ITEMS
  const [run, figures] = isOver ? ranWhileDeciding(decision) : [decision, execution]
  if (figures.itemCount < FEWEST_ITEMS || !(figures.makespanMs > (isOver ? SHORTEST_LOOP_MS : 0)))
    return
  const isTurn = countsAsTurn(run, figures)
  const isContradicted = contradicts(request, run, figures, isTurn)
  if (isTurn && !isContradicted) await endTurn(request, run, figures)
  if (!isKept && !isContradicted) return
  const isAwaited = isKept && !isOver
  const handedOver = handOver(request, run, figures, { isKept, isContradicted }, isAwaited)
  // The next call may ask for what this one taught; a decision put right can come late.
  if (isAwaited) await handedOver
}

/**
 * Learns from a stream. It waits for its source and its consumer, so that only what its items took, or
 * that it gave up its plan, speaks against a cached decision.
 */
export function learnFromStream<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  run: StreamFigures,
): void {
  const { source, costs, plan, features } = decision
  // What turns tell, or told, is more than the items of one stream do.
  const isOpen = source === 'cache' && !costs?.isWeighed && !isBesideTurn(decision)
  const isContradicted =
    isOpen && request.useCache && run.lostWorkers === 0 && differs(decision, run)
  if (!isContradicted) return
  const figures = {
    ...run,
    coefficientOfVariation: variationWithin(run, features.coefficientOfVariation),
    makespanMs: run.busyMs / plan.nJobs,
    speedup: 1,
  }
  void handOver(request, decision, figures, { isKept: false, isContradicted }, false)
}

/** What a stream tells of its items. */
type StreamFigures = ExecutionCosts & Required<Pick<RunFigures, 'replans'>>

/** Whether items took another time than a decision was made for; of many at once nobody can tell. */
function differs<O>(
  { plan, costs }: Decision<O>,
  { itemCount, itemTimeMs, busyMs, replans }: StreamFigures,
): boolean {
  if (replans.length > 0) return true
  if (!costs || plan.executor === 'async') return false
  if (itemCount < FEWEST_STREAMED || busyMs < SHORTEST_CONTRADICTION_MS) return false
  const { mainItemTimeMs = Number.NaN, workerItemTimeMs, contention } = costs
  const besideMs =
    workerItemTimeMs * (1 + contention * (plan.nJobs - 1)) * sharingOf(plan.nJobs, costs)
  const ratio = itemTimeMs / (usesWorkers(plan) ? besideMs : mainItemTimeMs)
  return ratio > CONTRADICTION || ratio < 1 / CONTRADICTION
}

/** What was as good as all computed while deciding ran item by item, on the calling thread where it might. */
function ranWhileDeciding<O>(decision: Decision<O>): [Decision<O>, RunFigures] {
  const { features, costs, results } = decision
  const itemCount = results?.doneCount ?? 0
  const { itemTimeMs, dataSize, startMethod } = features
  const runtime = startMethod === 'child_process' ? startMethod : 'worker_threads'
  const executor = costs?.mainItemTimeMs === undefined ? runtime : 'serial'
  return [
    { ...decision, plan: { executor, nJobs: 1, chunkSize: Math.max(1, dataSize) } },
    { itemCount, itemTimeMs, makespanMs: itemCount * itemTimeMs, speedup: 1 },
  ]
}

/** Loads what learns and leaves the run to it; says so where that fails. */
async function handOver<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  execution: RunFigures,
  use: { readonly isKept: boolean; readonly isContradicted: boolean },
  isAwaited: boolean,
): Promise<void> {
  const report = (error: unknown): void =>
    request.say(() => `The run was not kept: ${String(error)}`)
  try {
    const pairs = use.isKept ? takeBeforeReturn(request, decision) : []
    // Promises alone would have their turn before the caller has the results.
    if (!isAwaited) await new Promise(setImmediate)
    const ended = { ...execution, pairs, cpuAfter: request.cpuBefore && cpuSnapshot() }
    const { keepRun } = await loadLearning()
    keepRun(request, decision, ended, use).catch(report)
  } catch (error) {
    report(error)
  }
}

/** To digest a larger context takes longer than the caller should wait, bytes. */
const LARGE_CONTEXT_BYTES = 100_000

/**
 * The caller may change everything as soon as it has the results: all but the largest contexts are
 * looked at before, and what a loop did not send, but may have to the next time, is taken.
 */
function takeBeforeReturn<I, O>(
  request: Request<I, O>,
  { plan, results }: Decision<O>,
): readonly [I, O][] {
  void request.itemSize
  if (roughBytes(request.context) <= LARGE_CONTEXT_BYTES) void request.contextDigest
  const isSent = plan.executor !== 'serial' || request.runtime !== 'worker_threads'
  return isSent || !results ? [] : firstPairs(request.items, results)
}

function contradicts<I, O>(
  { useCache }: Request<I, O>,
  decision: Decision<O>,
  execution: RunFigures,
  isTurn: boolean,
): boolean {
  const { source, estimatedTimeMs, plan, costs } = decision
  if (!canBePutRight(source, plan) || !useCache || !(estimatedTimeMs > 0)) return false
  // What a lost worker costs, or a run that had the turn, says nothing of the plan.
  if (execution.lostWorkers || isBesideTurn(decision)) return false
  if (!isTurn && takesAnotherTime(decision, execution)) return true
  if (Math.max(execution.makespanMs, estimatedTimeMs) < SHORTEST_CONTRADICTION_MS) return false
  if (costs === undefined) return false
  // A turn is there to be told by. Only where nobody thought of many at once they are no part of it.
  if (isTurn && costs.waitShare >= WAITING_SHARE) return false
  const isMistaken = isMuchQuicker(execution, costs) || variesUnexpectedly(execution, costs)
  if (usesWorkers(plan) && isMistaken && !isTurn) return true
  // On workers items that wait take as long as was thought of items that compute.
  return plan.executor !== 'async' && waitsMore(execution, costs)
}

/** Keys of decisions that were weighed, and that the run before spoke against. */
const doubted = new Set<string>()

/**
 * Whether the time of a run speaks against its decision, or that it gave up the plan. What was found to be
 * the quicker of two is no worse for being quicker still, and else only the second such run in a row counts:
 * the collector can make one.
 */
function takesAnotherTime<O>(
  { estimatedTimeMs, costs, cached }: Decision<O>,
  { makespanMs, replans = [] }: RunFigures,
): boolean {
  const isLong = Math.max(makespanMs, estimatedTimeMs) >= SHORTEST_CONTRADICTION_MS
  const isSlower = isLong && makespanMs > CONTRADICTION * estimatedTimeMs
  const isQuicker = isLong && makespanMs < estimatedTimeMs / CONTRADICTION
  // Items that made a run change its plan will make the next one change it too.
  const isGivenUp = replans.length > 0
  if (!cached || !costs?.isWeighed) return isSlower || isQuicker || isGivenUp
  const isWorse = isSlower || isGivenUp
  const wasWorse = doubted.delete(cached.key)
  if (isWorse && !wasWorse) doubted.add(cached.key)
  return isWorse && wasWorse
}

function isMuchQuicker(
  { itemTimeMs = 0 }: RunFigures,
  { workerItemTimeMs, isWeighed }: Costs,
): boolean {
  return !isWeighed && itemTimeMs > 0 && itemTimeMs < MUCH_QUICKER * workerItemTimeMs
}

function variesUnexpectedly(
  { coefficientOfVariation = 0 }: RunFigures,
  { coefficientOfVariation: known }: Costs,
): boolean {
  return known < ALIKE && coefficientOfVariation > UNEXPECTED_VARIATION
}

/** Decisions that the cache has, and that a run can put right: what few waiting items told is no more. */
function canBePutRight(source: SourceName, { executor }: Plan): boolean {
  return source === 'cache' || (source === 'dry-run' && executor === 'async')
}

function waitsMore(
  { itemCount, itemTimeMs = 0, computingMs }: RunFigures,
  { waitShare }: Costs,
): boolean {
  if (computingMs === undefined) return false
  return 1 - computingMs / (itemCount * itemTimeMs) > waitShare + MORE_WAITING
}

/** The source that always has an answer: measure a few items, then ask the cost model. */
import type { WorkloadFeatures } from '@amorsize/features'
import { assertWhole, sampleItems } from '@amorsize/sampler'
import type { BegunMap, MachineProfile, SamplingResult } from '@amorsize/sampler'

import type { Costs } from '../cost-model.ts'
import { mayUseMainThread, overlapFrom } from '../request.ts'
import { memoryOfResults, memoryWarnings } from '../memory.ts'
import type { Request } from '../request.ts'
import { choosePlan } from '../search.ts'
import { describeChoice } from '../explain.ts'
import { usualDispatch } from '../usual-dispatch.ts'
import { knownMachine } from './known-machine.ts'
import type { Decision } from './source.ts'

/** Time of the calling thread to start one of several workers; by `pnpm bench simulation`. */
const MAIN_START_UP_MS = { worker_threads: 1.3, child_process: 4 } as const

/**
 * What the first worker costs before it answers: its start-up, and on the calling thread the
 * loading of the pool, some 20 ms, and of what checks the task, some 10 ms.
 */
const FIRST_WORKER_MS = 100

/** Work below which even warm workers cannot gain: some chunks' dispatch. */
const WORTH_WARM_WORKERS_MS = 1

/**
 * Empty chunks are measured back to back. Between chunks of some milliseconds both threads fall
 * asleep and are woken with their caches cold: a round trip after a pause takes 0.35 to
 * 0.83 ms (`node packages/sampler/bench/round-trips.mjs`), about three times as long as one here.
 */
const IDLE_FACTOR = 3

/**
 * Decides by a dry run and the cost model.
 *
 * @param begun - What was run and measured before.
 */
export async function decideFromDryRun<I, O>(
  request: Request<I, O>,
  begun?: BegunMap<O>,
): Promise<Decision<O>> {
  const { task, pool, sampleBudgetMs, itemTimeoutMs, signal, onItemError } = request
  let lostWorkers = 0
  const options = {
    pool,
    allowMainThread: mayUseMainThread(request, 0),
    worthWorkersMs: worthWorkersMs(request),
    warmAhead: request.maxWorkers,
    overlapFrom: overlapFrom(request),
    ...(sampleBudgetMs !== undefined && { budgetMs: sampleBudgetMs }),
    ...(itemTimeoutMs !== undefined && { itemTimeoutMs }),
    ...(onItemError && { onItemError }),
    // Which item ends workers is found out when it is run for its result.
    onWorkerLoss: () => lostWorkers++,
    ...(signal && { signal }),
  }
  const sampling = await sampleItems(task, itemsOf(request), options, begun)
  const machine = sampling.worker && (await knownMachine(request))
  const costs = costsOf(sampling, request, lostWorkers, machine)
  const search = choosePlan(costs, request)
  const { best, serial } = search
  return {
    source: 'dry-run',
    plan: best,
    estimatedTimeMs: best.makespanMs,
    estimatedSpeedup: best.makespanMs > 0 ? serial.makespanMs / best.makespanMs : 1,
    reason: describeChoice(search, costs),
    warnings: [...memoryWarnings(costs, request), ...warningsOf(sampling)],
    features: featuresOf(sampling, request),
    costs,
    search,
    isTainted: sampling.isTainted,
    results: sampling.results,
  }
}

/** The items of the call, and none that were added since. */
function itemsOf<I, O>({ items, itemCount }: Request<I, O>): ArrayLike<I> {
  assertWhole(items, itemCount)
  return items.length === itemCount ? items : Array.prototype.slice.call(items, 0, itemCount)
}

/** Serial time at which P workers, once they have started, could at least break even. */
function worthWorkersMs<I, O>(request: Request<I, O>): number {
  const { maxWorkers, pool } = request
  if (!mayUseMainThread(request, 0)) return 0
  if (maxWorkers === 0) return Infinity
  const startUpMs = pool.warmWorkers > 0 ? WORTH_WARM_WORKERS_MS : FIRST_WORKER_MS
  return startUpMs / (1 - 1 / Math.max(maxWorkers, 1))
}

function costsOf<I, O>(
  sampling: SamplingResult<O>,
  request: Request<I, O>,
  lostWorkers: number,
  machine: MachineProfile | undefined,
): Costs {
  const { worker, results, itemTimeMs, waitShare } = sampling
  const { pool, system } = request
  // An item that ended a worker must not end the caller's process.
  const isMainThreadSafe = lostWorkers === 0 && mayUseMainThread(request, waitShare)
  return {
    itemCount: results.restCount,
    mainItemTimeMs: isMainThreadSafe ? (sampling.mainItemTimeMs ?? itemTimeMs) : undefined,
    workerItemTimeMs: itemTimeMs,
    coefficientOfVariation: sampling.coefficientOfVariation,
    waitShare,
    dispatch: worker && {
      dispatchMs: worker.dispatchMs * IDLE_FACTOR,
      mainDispatchMs: worker.mainDispatchMs * IDLE_FACTOR,
      cloneMs: worker.cloneMs,
      // No memory can be handed over to a process.
      workerCloneMs: request.runtime === 'worker_threads' ? worker.workerCloneMs : worker.cloneMs,
      startUpMs: worker.wasWarm
        ? (machine?.startUpMs ?? usualDispatch(request.runtime).startUpMs)
        : worker.startUpMs,
      // Those that were started beside the sample are ready soon after it.
      warmWorkers: pool.warmWorkers,
      mainStartUpMs: MAIN_START_UP_MS[request.runtime],
    },
    usableCores: system.usableCores,
    contention: machine?.contention ?? 0,
    trend: sampling.dependence.onPosition,
    memory: worker
      ? {
          availableBytes: system.availableMemoryBytes,
          workerBytes: worker.memoryBytes,
          inputBytes: worker.inputBytes,
          resultBytes: worker.serializedBytes,
        }
      : memoryOfResults(results, system.availableMemoryBytes),
  }
}

function featuresOf<I, O>(sampling: SamplingResult<O>, request: Request<I, O>): WorkloadFeatures {
  const { system, task, itemCount, runtime } = request
  return {
    dataSize: itemCount,
    itemTimeMs: sampling.itemTimeMs,
    physicalCores: system.physicalCores,
    availableMemoryBytes: system.availableMemoryBytes,
    startMethod: runtime,
    serializedBytes: sampling.worker?.serializedBytes ?? 0,
    coefficientOfVariation: sampling.coefficientOfVariation,
    functionComplexity: task.complexity,
  }
}

function warningsOf<O>({
  foreignCpuShare,
  isTainted,
  isSettled,
  worker,
}: SamplingResult<O>): string[] {
  const warnings: string[] = []
  if (isTainted) {
    const percent = Math.round(foreignCpuShare * 100)
    warnings.push(`Other processes used ${percent} % of the machine while this was measured.`)
  }
  if (worker && !isSettled) {
    warnings.push('The item time had not settled when the sampling budget ended.')
  }
  return warnings
}

/** Carrying out a plan, and the plans that take its place. */
import type { PartialResults } from '@amorsize/sampler'

import type { Costs } from './cost-model.ts'
import type { Decision } from './decide/source.ts'
import { tell } from './diagnostics.ts'
import type { Execution, ExecutionCosts } from './executors/executor.ts'
import { EXECUTORS } from './executors/index.ts'
import { variationWithin } from './executors/item-times.ts'
import { totalOf } from './executors/total-costs.ts'
import type { ItemFailures } from './item-failures.ts'
import type { ProgressReporter } from './progress.ts'
import { describeReplan, Replanner } from './replan.ts'
import type { Replan } from './replan.ts'
import { mayUseMainThread } from './request.ts'
import type { Request } from './request.ts'
import type { ExecutionReport } from './result.ts'
import { usesWorkers } from './search.ts'

/** What a run needs beside its decision. */
export interface RunSettings {
  readonly retries?: number | undefined
  readonly failures: ItemFailures
  readonly reporter?: ProgressReporter | undefined
}

/** Completes the results by the plan of a decision, and by others where it proves wrong. */
export async function runPlan<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  results: PartialResults<O>,
  { retries, failures, reporter }: RunSettings,
): Promise<Omit<ExecutionReport, 'totalTimeMs'>> {
  let isOver = false
  // Items under way when the run failed may end later.
  const report = (): void => {
    if (!isOver) reporter?.report(results.doneCount, results.itemCount)
  }
  const itemCount = results.restCount
  const replanner = replannerOf(request, decision)
  const phases: ExecutionCosts[] = []
  const startMs = performance.now()
  while (results.restCount > 0) {
    const execution: Execution<I, O> = {
      task: request.task,
      items: request.items,
      results,
      plan: replanner.plan,
      plannedItemTimeMs: replanner.itemTimeMs,
      dispatchMs: replanner.dispatchMs,
      coefficientOfVariation: replanner.coefficientOfVariation,
      trend: replanner.trend,
      pool: request.pool,
      signal: request.signal,
      onProgress: report,
      onItemError: (index, error) => {
        failures.add(index, error)
        results.set(index, undefined as O)
      },
      itemTimeoutMs: request.itemTimeoutMs,
      workerLimit: request.workerLimit,
      retries,
      reconsider: (measured) => replanner.reconsider(measured),
    }
    try {
      const phase = await EXECUTORS[replanner.plan.executor].run(execution)
      phases.push(phase)
      const replan = results.restCount > 0 ? replanner.takeOver(phase.lostWorkers) : undefined
      if (replan) announce(request, decision, replan)
    } catch (error) {
      isOver = true
      throw error
    }
  }
  const makespanMs = performance.now() - startMs
  report()
  const { replans } = replanner
  const costs = totalOf(phases)
  const isPlainLoop = replans.length === 0 && decision.plan.executor === 'serial'
  return {
    makespanMs,
    itemCount,
    chunkCount: costs.chunkCount,
    // Items run slower while others run beside them: what they took alone is the fairer measure.
    speedup:
      itemCount === 0 || isPlainLoop
        ? 1
        : Math.min(costs.busyMs, itemCount * decision.features.itemTimeMs) /
          Math.max(makespanMs, Number.EPSILON),
    itemTimeMs: costs.itemTimeMs,
    coefficientOfVariation: variationWithin(costs, decision.features.coefficientOfVariation),
    computingMs: costs.computingMs,
    replans,
    lostWorkers: costs.lostWorkers,
    failedCount: failures.count,
  }
}

/** Watches over the plan of a decision. */
export function replannerOf<I, O>(request: Request<I, O>, decision: Decision<O>): Replanner {
  const { plan } = decision
  const costs = decision.costs ?? rememberedCosts(request, decision)
  const replanner: Replanner = new Replanner({
    plan,
    costs,
    limits: request,
    // A loop does not wait for workers that are starting; a run on them does already.
    warmWorkers: () =>
      usesWorkers(replanner.plan) ? request.pool.warmWorkers : request.pool.readyWorkers,
    // A loss while sampling is known by the costs alone.
    allowMainThread:
      mayUseMainThread(request, 0) && (plan.executor === 'serial' || isMainThreadPriced(costs)),
    now: () => performance.now(),
  })
  return replanner
}

function isMainThreadPriced({ mainItemTimeMs }: Costs): boolean {
  return mainItemTimeMs !== undefined
}

/** A plan that was only remembered comes without its costs; its features say the most of them. */
function rememberedCosts<I, O>(request: Request<I, O>, { features }: Decision<O>): Costs {
  const { itemTimeMs, coefficientOfVariation = 0 } = features
  return {
    itemCount: request.itemCount,
    mainItemTimeMs: mayUseMainThread(request, 0) ? itemTimeMs : undefined,
    workerItemTimeMs: itemTimeMs,
    coefficientOfVariation,
    waitShare: 0,
    dispatch: undefined,
    usableCores: request.system.usableCores,
    contention: 0,
  }
}

/** Says that a plan proved wrong. */
export function announce<I, O>(
  { task, say }: Pick<Request<I, O>, 'task' | 'say'>,
  { source }: Pick<Decision<O>, 'source'>,
  replan: Replan,
): void {
  say(() => describeReplan(replan))
  tell('decision', () => ({
    plan: replan.to,
    source,
    reason: describeReplan(replan),
    estimatedTimeMs: undefined,
    warnings: [],
    signature: task.signature,
    isReplan: true,
  }))
}

/** The decision that an opening makes by itself, without looking anything else up. */
import type { Costs } from '../cost-model.ts'
import { describeChoice } from '../explain.ts'
import { memoryOfResults, memoryWarnings } from '../memory.ts'
import type { Opening } from '../opening.ts'
import type { Request } from '../request.ts'
import { choosePlan } from '../search.ts'
import type { Decision } from './source.ts'

/** The decision of a map whose opening tells enough. */
export function decideFromOpening<I, O>(
  request: Request<I, O>,
  { results, busyMs, leftMs, waitShare, spread }: Opening<O>,
): Decision<O> {
  const { itemCount, task, system, runtime } = request
  const isOver = results.restCount === 0
  // Of a few items the first was cold; what is left goes by the last.
  const itemTimeMs = isOver ? busyMs / Math.max(1, results.doneCount) : leftMs / results.restCount
  const { coefficientOfVariation, trend } = spread()
  const costs: Costs = {
    itemCount: results.restCount,
    mainItemTimeMs: itemTimeMs,
    workerItemTimeMs: itemTimeMs,
    coefficientOfVariation,
    trend,
    waitShare,
    dispatch: undefined,
    usableCores: system.usableCores,
    contention: 0,
    // What is over fitted.
    memory: isOver ? undefined : memoryOfResults(results, system.availableMemoryBytes),
  }
  const search = choosePlan(costs, request)
  const { makespanMs, ...plan } = search.best
  return {
    source: 'dry-run',
    plan: isOver ? { ...plan, chunkSize: Math.max(1, itemCount) } : plan,
    estimatedTimeMs: makespanMs,
    estimatedSpeedup: makespanMs > 0 ? search.serial.makespanMs / makespanMs : 1,
    reason: isOver
      ? 'The plain loop was over before anything else was worth a try'
      : describeChoice(search, costs),
    warnings: memoryWarnings(costs, request),
    features: {
      dataSize: itemCount,
      itemTimeMs,
      physicalCores: system.physicalCores,
      availableMemoryBytes: system.availableMemoryBytes,
      startMethod: runtime,
      functionComplexity: task.complexity,
      ...(coefficientOfVariation > 0 && { coefficientOfVariation }),
    },
    costs,
    search,
    results,
  }
}

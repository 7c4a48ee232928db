/** What a run took that was carried out by several plans, one after the other. */
import type { ExecutionReport } from '../result.ts'
import type { ExecutionCosts } from './executor.ts'

/** The sums; the spread of item times is that of the plan that ran the most items. */
export function totalOf(
  phases: readonly ExecutionCosts[],
): ExecutionCosts & Pick<ExecutionReport, 'computingMs'> {
  const sum = (field: keyof ExecutionCosts): number =>
    phases.reduce((total, costs) => total + (costs[field] ?? Number.NaN), 0)
  const computingMs = sum('computingMs')
  const itemCount = sum('itemCount')
  const busyMs = sum('busyMs')
  const [largest] = phases.toSorted((a, b) => b.itemCount - a.itemCount)
  return {
    busyMs,
    itemCount,
    chunkCount: sum('chunkCount'),
    itemTimeMs: itemCount === 0 ? 0 : busyMs / itemCount,
    coefficientOfVariation: largest?.coefficientOfVariation ?? 0,
    groupVariation: largest?.groupVariation ?? 0,
    lostWorkers: sum('lostWorkers'),
    computingMs: Number.isNaN(computingMs) ? undefined : computingMs,
  }
}

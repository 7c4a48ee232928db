/** The first pass: every plan of the grid once, the most promising twice. */
import { fixedContender } from './contender.ts'
import type { Observe } from './contender.ts'
import { defaultPlan, lowerBoundMs, makeGrid, nameOf } from './grid.ts'
import type { FixedPlan, GridShape } from './grid.ts'
import type { PlanRunner } from './run-plan.ts'

/** What the first pass found. */
export interface GridSearch {
  /** Best time of each plan, milliseconds, the quickest first. */
  readonly grid: readonly { readonly plan: string; readonly timeMs: number }[]
  /** Plans that were not run: their chunks alone would have taken longer than the best. */
  readonly bounded: readonly string[]
  readonly leaders: readonly FixedPlan[]
}

const LEADERS = 3
/** So many of the best of the first pass are tried a second time before the leaders are named. */
const SECOND_CHANCES = 8
const WARM_UP_RUNS = 2
const CHUNKS_OF_WARM_UP = 8

/** Runs the grid. */
export async function searchGrid(
  shape: GridShape,
  runner: PlanRunner,
  observe: Observe,
): Promise<GridSearch> {
  const observePlan = async (plan: FixedPlan): Promise<number> =>
    (await observe(nameOf(plan), fixedContender(runner, plan))).timeMs

  // All workers start, and compile the function, before anything counts.
  const widest = { ...defaultPlan(shape, CHUNKS_OF_WARM_UP), nJobs: shape.cores + 1 }
  for (let run = 0; run < WARM_UP_RUNS; run++) await observePlan(widest)

  let bestMs = Infinity
  const timesMs = new Map<FixedPlan, number>()
  const bounded: string[] = []
  for (const plan of makeGrid(shape)) {
    if (lowerBoundMs(plan, shape.itemCount) > bestMs) bounded.push(nameOf(plan))
    else {
      const timeMs = await observePlan(plan)
      timesMs.set(plan, timeMs)
      bestMs = Math.min(bestMs, timeMs)
    }
  }
  for (const [plan, firstMs] of byTime(timesMs).slice(0, SECOND_CHANCES)) {
    timesMs.set(plan, Math.min(firstMs, await observePlan(plan)))
  }
  const ranked = byTime(timesMs)
  return {
    grid: ranked.map(([plan, timeMs]) => ({ plan: nameOf(plan), timeMs })),
    bounded,
    leaders: ranked.slice(0, LEADERS).map(([plan]) => plan),
  }
}

function byTime(timesMs: ReadonlyMap<FixedPlan, number>): [FixedPlan, number][] {
  return [...timesMs].toSorted((a, b) => a[1] - b[1])
}

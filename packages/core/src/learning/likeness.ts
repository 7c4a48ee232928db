/** How much a run on one machine says about another. */
import type { Query } from './query.ts'
import type { Run } from './run.ts'
import type { ModelSettings } from './settings.ts'

/** What a run on any other machine counts as, however alike: its cores are never quite as quick. */
const OTHER_MACHINE = 0.2

/** Below this a machine is another kind of machine, and its runs say nothing. */
const LEAST = 0.02

/** Weight of a run for a query, 0..1 by their machines alone. */
export function machineLikeness(
  run: Run,
  { machine, features }: Query,
  settings: ModelSettings,
): number {
  if (run.machine === machine) return 1
  const doublings = Math.log2(run.features.physicalCores / Math.max(1, features.physicalCores))
  const likeness = OTHER_MACHINE * bell(doublings / settings.machineScale)
  return likeness < LEAST ? 0 : likeness
}

/** 1 at no difference, 0.6 at one unit, 0.1 at two. */
export function bell(difference: number): number {
  return Math.exp(-(difference ** 2) / 2)
}

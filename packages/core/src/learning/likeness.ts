/** How much a run says about one on another machine, or with another context. */
import { UNLIKE_ANY_CONTEXT } from '../context-digest.ts'
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
  { machine, features, runtimeMajor }: Query,
  settings: ModelSettings,
): number {
  const isOtherRuntime = differs(run.runtimeMajor, runtimeMajor)
  if (run.machine === machine && !isOtherRuntime) return 1
  const doublings = Math.log2(run.features.physicalCores / Math.max(1, features.physicalCores))
  const likeness = OTHER_MACHINE * bell(doublings / settings.machineScale)
  return likeness < LEAST ? 0 : likeness
}

function differs(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other
}

/** What a run with another context counts as: the context is a part of what the function is. */
const OTHER_CONTEXT = 0.2

/** Weight of a run for a query, 0..1 by their contexts alone. */
export function contextLikeness(run: Run, query: Query): number {
  return hasSameContext(run, query) ? 1 : OTHER_CONTEXT
}

/** Whether a run is known to have had the context that is asked about. */
export function hasSameContext({ contextDigest }: Run, query: Query): boolean {
  return contextDigest === (query.contextDigest ?? 0) && contextDigest !== UNLIKE_ANY_CONTEXT
}

/** 1 at no difference, 0.6 at one unit, 0.1 at two. */
function bell(difference: number): number {
  return Math.exp(-(difference ** 2) / 2)
}

/** Whatever carries out the map, and one run of it. */
import { execute } from '@amorsize/core'
import type { TaskPool } from '@amorsize/core'

import { collectYoungGarbage } from '../harness/collect-garbage.ts'
import { assertSameResults } from '../harness/same-results.ts'
import { timed } from '../harness/timed.ts'
import type { Measurement } from '../harness/timed.ts'
import type { Workload } from '../workloads/index.ts'
import { LOOP, nameOf } from './grid.ts'
import type { FixedPlan } from './grid.ts'
import type { PlanRunner } from './run-plan.ts'

/** What `execute()` decided in the run before, and what it expected. */
export interface Decided {
  readonly plan: string
  readonly source: string
  readonly decisionTimeMs: number
  readonly makespanMs: number
  readonly estimatedTimeMs: number
  readonly itemTimeMs: number
  /** Whether the calling thread and workers were taking turns, to see which is quicker. */
  readonly isTurn: boolean
}

/** One run of one contender. */
export interface Observation extends Measurement {
  readonly decided?: Decided
}

/** Whatever carries out the map. */
export interface Contender {
  /** Runs the map once. */
  readonly run: () => readonly unknown[] | Promise<readonly unknown[]>
  /** Runs it and says what was decided, which is more than a run costs that nobody asks. */
  readonly account?: () => Promise<Decided>
}

/** Runs a contender, times it and checks its results. */
export type Observe = (name: string, contender: Contender) => Promise<Observation>

/** Observes runs that have to give what the plain loop gave. */
export function observeBeside(expected: readonly unknown[]): Observe {
  return async (name, { run }) => {
    collectYoungGarbage()
    const { value, ...measurement } = await timed(run)
    assertSameResults(name, value, expected)
    return measurement
  }
}

/** A plan that was fixed in advance. */
export function fixedContender(runner: PlanRunner, plan: FixedPlan): Contender {
  return { run: () => runner.run(plan) }
}

/** `execute()` with its default options, but for the pool; the cache is in an empty folder. */
export function executeContender(
  { task }: Workload,
  items: readonly unknown[],
  pool: TaskPool,
  useCache: boolean,
): Required<Contender> {
  const options = { pool, useCache }
  return {
    run: () => execute(task, items, options),
    account: async () => {
      const accounted = { ...options, returnOptimizationResult: true } as const
      const { optimization, execution } = await execute(task, items, accounted)
      const { executor, nJobs, chunkSize, source, features } = optimization
      const kind = executor === 'async' ? 'async' : 'pool'
      return {
        plan: executor === 'serial' ? LOOP : nameOf({ executor: kind, nJobs, chunkSize }),
        source,
        decisionTimeMs: optimization.decisionTimeMs,
        makespanMs: execution.makespanMs,
        estimatedTimeMs: optimization.estimatedTimeMs,
        itemTimeMs: features.itemTimeMs,
        isTurn: optimization.reason.includes('take turns'),
      }
    },
  }
}

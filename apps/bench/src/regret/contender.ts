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

/** What `execute()` decided in one run, and what it expected. */
export interface Decided {
  readonly plan: string
  readonly source: string
  readonly decisionTimeMs: number
  readonly makespanMs: number
  readonly estimatedTimeMs: number
  readonly itemTimeMs: number
}

/** One run of one contender. */
export interface Observation extends Measurement {
  readonly decided?: Decided
}

/** Runs the map once. */
export type Contender = () => Promise<{ results: readonly unknown[]; decided?: Decided }>

/** Runs a contender, times it and checks its results. */
export type Observe = (name: string, contender: Contender) => Promise<Observation>

/** Observes runs that have to give what the plain loop gave. */
export function observeBeside(expected: readonly unknown[]): Observe {
  return async (name, contender) => {
    collectYoungGarbage()
    const { value, ...measurement } = await timed(contender)
    assertSameResults(name, value.results, expected)
    return { ...measurement, ...(value.decided && { decided: value.decided }) }
  }
}

/** A plan that was fixed in advance. */
export function fixedContender(runner: PlanRunner, plan: FixedPlan): Contender {
  return async () => ({ results: await runner.run(plan) })
}

/** `execute()` with its default options, but for the pool; the cache is in an empty folder. */
export function executeContender(
  { task }: Workload,
  items: readonly unknown[],
  pool: TaskPool,
  useCache: boolean,
): Contender {
  return async () => {
    const options = { pool, useCache, returnOptimizationResult: true } as const
    const { results, optimization, execution } = await execute(task, items, options)
    const { executor, nJobs, chunkSize, source, features } = optimization
    const kind = executor === 'async' ? 'async' : 'pool'
    const decided = {
      plan: executor === 'serial' ? LOOP : nameOf({ executor: kind, nJobs, chunkSize }),
      source,
      decisionTimeMs: optimization.decisionTimeMs,
      makespanMs: execution.makespanMs,
      estimatedTimeMs: optimization.estimatedTimeMs,
      itemTimeMs: features.itemTimeMs,
    }
    return { results, decided }
  }
}

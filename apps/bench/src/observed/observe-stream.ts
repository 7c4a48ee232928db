/** A stream of real maps in one process that predicts and learns, as a program's would be. */
import { createMemoryStore, execute, TaskPool } from '@amorsize/core'
import type { Plan } from '@amorsize/core'

import { CURVE } from '../learning/curve.ts'
import { workloadNamed } from '../workloads/index.ts'
import { itemsOf } from './observe-map.ts'

/** Which maps, in turns. */
export interface StreamOrder {
  readonly maps: readonly { readonly name: string; readonly every: number }[]
  readonly seed: number
}

/** How a run of the stream was decided, and how the same run is without past runs. */
export interface StreamedDecision {
  readonly map: number
  /** Which run of its map, from 1. */
  readonly run: number
  readonly source: string
  readonly plan: Plan
  readonly decisionTimeMs: number
  /** Plan and time of a dry run that was asked for right after. */
  readonly dryRunPlan: Plan
  readonly dryRunMs: number
}

/** Called in a child process. */
export async function observeStream({ maps, seed }: StreamOrder): Promise<StreamedDecision[]> {
  const store = createMemoryStore()
  await using pool = new TaskPool()
  const prepared = maps.map(({ name, every }) => {
    const workload = workloadNamed(name)
    return { task: workload.task, items: itemsOf(workload, seed, every) }
  })
  const decisions: StreamedDecision[] = []
  for (let run = 1; run <= Math.max(...CURVE); run++) {
    for (const [map, { task, items }] of prepared.entries()) {
      const options = { pool, store, useCache: false, returnOptimizationResult: true } as const
      const { optimization } = await execute(task, items, {
        ...options,
        useMlPrediction: true,
        enableOnlineLearning: true,
      })
      if (!CURVE.includes(run)) continue
      const { optimization: dryRun } = await execute(task, items, options)
      const { source, decisionTimeMs } = optimization
      const [plan, dryRunPlan] = [optimization, dryRun].map(
        ({ executor, nJobs, chunkSize }): Plan => ({ executor, nJobs, chunkSize }),
      )
      decisions.push({
        map,
        run,
        source,
        plan: plan!,
        decisionTimeMs,
        dryRunPlan: dryRunPlan!,
        dryRunMs: dryRun.decisionTimeMs,
      })
    }
  }
  return decisions
}

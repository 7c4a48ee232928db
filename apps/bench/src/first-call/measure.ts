/** The first map of a process: nothing is compiled, no worker runs, the cache is empty. */
import { detectSystem, execute, TaskPool } from '@amorsize/core'

import { timed } from '../harness/timed.ts'
import type { Measurement } from '../harness/timed.ts'
import { defaultPlan } from '../regret/grid.ts'
import { PlanRunner } from '../regret/run-plan.ts'
import { workloadNamed } from '../workloads/index.ts'

/** How the one map of the process is run; `account` is `execute()` asked to account for itself. */
export type FirstContender = 'execute' | 'account' | 'loop' | 'workers' | 'in flight'

/** What to measure. */
export interface FirstCallOrder {
  readonly name: string
  readonly seed: number
  readonly contender: FirstContender
}

/** What was seen. */
export interface FirstCall extends Measurement {
  /** The plan of `execute()`, and what deciding took of its time, milliseconds. */
  readonly plan?: string
  readonly decisionTimeMs?: number
}

const CHUNKS_PER_WORKER = 8
const IN_FLIGHT = 100

/** Called in a child process, once in its life; imports and making the data are not counted. */
export async function measureFirstCall(order: FirstCallOrder): Promise<FirstCall> {
  const workload = workloadNamed(order.name)
  const items = workload.makeData(order.seed)
  if (order.contender === 'execute') {
    const { value: _results, ...measurement } = await timed(() => execute(workload.task, items))
    return measurement
  }
  if (order.contender === 'account') {
    const { value, ...measurement } = await timed(() =>
      execute(workload.task, items, { returnOptimizationResult: true }),
    )
    const { executor, nJobs, chunkSize, decisionTimeMs } = value.optimization
    const plan = executor === 'serial' ? 'loop' : `${executor} ${nJobs} x ${chunkSize}`
    return { ...measurement, plan, decisionTimeMs }
  }
  const pool = new TaskPool()
  const runner = new PlanRunner(workload, items, pool)
  const cores = Math.ceil(detectSystem().usableCores)
  const shape = { itemCount: items.length, cores, isAsync: workload.isAsync }
  const inFlight = { executor: 'async', nJobs: IN_FLIGHT, chunkSize: 1 } as const
  const { value: _results, ...measurement } = await timed(() => {
    if (order.contender === 'loop') return runner.loop()
    const isPool = order.contender === 'workers'
    return runner.run(isPool ? defaultPlan(shape, CHUNKS_PER_WORKER) : inFlight)
  })
  return measurement
}

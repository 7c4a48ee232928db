/** One workload, measured in a warm process of its own: the grid, then the leaders beside `execute()`. */
import { detectSystem, TaskPool } from '@amorsize/core'

import { createRandom } from '../harness/random.ts'
import { workloadNamed } from '../workloads/index.ts'
import { executeContender, fixedContender, observeBeside } from './contender.ts'
import type { Contender, Observation } from './contender.ts'
import { defaultPlan, EXECUTE, EXECUTE_UNCACHED, LOOP, nameOf } from './grid.ts'
import { interleave } from './interleave.ts'
import type { Repetitions } from './interleave.ts'
import { PlanRunner } from './run-plan.ts'
import { settle } from './settle.ts'
import { searchGrid } from './search-grid.ts'
import type { GridSearch } from './search-grid.ts'

/** What to measure. */
export interface RegretOrder extends Repetitions {
  readonly name: string
  readonly seed: number
}

/** Everything that was seen of one workload. */
export interface RegretMeasurement extends Pick<GridSearch, 'grid' | 'bounded'> {
  readonly name: string
  readonly itemCount: number
  readonly cores: number
  /** Times of the runs in which calling thread and workers took turns, before all others, milliseconds. */
  readonly turnsMs: readonly number[]
  /** By contender; the same index is the same repetition. */
  readonly runs: Readonly<Record<string, readonly Observation[]>>
  /** Names of the plans N/(4P) and N/(8P) in `runs`. */
  readonly quarterPlan: string
  readonly eighthPlan: string
}

/** Called in a child process. */
export async function measureRegret(order: RegretOrder): Promise<RegretMeasurement> {
  const workload = workloadNamed(order.name)
  const items = workload.makeData(order.seed)
  const cores = Math.ceil(detectSystem().usableCores)
  const shape = { itemCount: items.length, cores, isAsync: workload.isAsync }
  const [quarter, eighth] = [defaultPlan(shape, 4), defaultPlan(shape, 8)]
  await using pool = new TaskPool()
  const runner = new PlanRunner(workload, items, pool)
  const observe = observeBeside(await runner.loop())

  const { grid, bounded, leaders } = await searchGrid(shape, runner, observe)
  const execute = executeContender(workload, items, pool, true)
  const contenders: Record<string, Contender> = {
    [LOOP]: { run: () => runner.loop() },
    [EXECUTE]: execute,
    [EXECUTE_UNCACHED]: executeContender(workload, items, pool, false),
  }
  for (const plan of [...leaders, quarter, eighth]) {
    contenders[nameOf(plan)] = fixedContender(runner, plan)
  }
  const turnsMs = await settle(execute.account)
  const runs = await interleave(contenders, observe, createRandom(order.seed), order)
  return {
    name: order.name,
    itemCount: items.length,
    cores,
    grid,
    bounded,
    turnsMs,
    runs,
    quarterPlan: nameOf(quarter),
    eighthPlan: nameOf(eighth),
  }
}

/** One workload, observed in a process of its own: what its plans take, and what its runs teach. */
import { setTimeout as wait } from 'node:timers/promises'
import { serialize } from 'node:v8'

import { createMemoryStore, detectSystem, execute, TaskPool } from '@amorsize/core'
import type { Plan, TrainingSample } from '@amorsize/core'

import type { Traits } from '../learning/asked-run.ts'
import { fixedContender, observeBeside } from '../regret/contender.ts'
import type { Contender } from '../regret/contender.ts'
import type { FixedPlan } from '../regret/grid.ts'
import { PlanRunner } from '../regret/run-plan.ts'
import { workloadNamed } from '../workloads/index.ts'
import type { Workload } from '../workloads/index.ts'
import { bestTimeOf, plansToTime, timedIn } from './plan-times.ts'
import type { RepeatedPlan } from './plan-times.ts'
import { sourceTraits } from './source-traits.ts'

/** What to observe. */
export interface ObservationOrder {
  readonly name: string
  readonly seed: number
  /** One item in so many, spread evenly: the same function, called over fewer. */
  readonly every: number
  /** Runs that teach. */
  readonly runs: number
  /** Time for plans that are near the best, milliseconds. */
  readonly budgetMs: number
}

/** Everything that was seen of one map. */
export interface ObservedMap {
  readonly name: string
  readonly every: number
  readonly cores: number
  readonly traits: Traits
  readonly repeated: readonly RepeatedPlan[]
  /** Of runs by a dry run each, the first first. */
  readonly samples: readonly TrainingSample[]
}

const WARM_UP_RUNS = 2
/**
 * Plans that take longer than this many times the best are not timed again, nor smaller chunks. In the
 * first round workers have seen little of the function yet, and it counts only for those.
 */
const HOPELESS_COLD = 4
const HOPELESS = 2
/** After as many rounds as tell luck from merit, fewer are in the running. */
const HOPELESS_LATER = 1.4
const FEWEST_ROUNDS = 7
const MOST_ROUNDS = 21
/** Items of a workload, one in so many. */
export function itemsOf(workload: Workload, seed: number, every: number): unknown[] {
  return workload.makeData(seed).filter((_, index) => index % every === 0)
}

/** Called in a child process. */
export async function observeMap(order: ObservationOrder): Promise<ObservedMap> {
  const { name, seed, every } = order
  const workload = workloadNamed(name)
  const items = itemsOf(workload, seed, every)
  const cores = Math.ceil(detectSystem().usableCores)
  await using pool = new TaskPool()
  const repeated = await timePlans(workload, items, pool, cores, order.budgetMs)
  const samples = await teach(workload, items, pool, order.runs)
  const middle = items[Math.floor(items.length / 2)]
  const { url, exportName } = workload.module
  const traits = { ...sourceTraits(url, exportName), inputBytes: serialize(middle).length }
  return { name, every, cores, traits, repeated, samples }
}

async function timePlans(
  workload: Workload,
  items: readonly unknown[],
  pool: TaskPool,
  cores: number,
  budgetMs: number,
): Promise<RepeatedPlan[]> {
  const runner = new PlanRunner(workload, items, pool)
  const observe = observeBeside(await runner.loop())
  const contenders = new Map<Plan, Contender>([
    [{ executor: 'serial', nJobs: 1, chunkSize: items.length }, { run: () => runner.loop() }],
  ])
  const plans = plansToTime(items.length, cores, workload.isAsync)
  for (const plan of plans) contenders.set(asPlan(plan), fixedContender(runner, plan))
  const widest = {
    executor: 'pool',
    nJobs: cores,
    chunkSize: Math.ceil(items.length / (8 * cores)),
  }
  for (let run = 0; run < WARM_UP_RUNS; run++)
    await observe('warm-up', fixedContender(runner, widest as FixedPlan))

  const times = new Map<Plan, number[]>()
  const repeated = (): RepeatedPlan[] => [...times].map(([plan, timesMs]) => ({ plan, timesMs }))
  const startMs = performance.now()
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (round >= FEWEST_ROUNDS && performance.now() - startMs > budgetMs) break
    for (const [plan, contender] of contenders) {
      const { timeMs } = await observe(JSON.stringify(plan), contender)
      times.set(plan, [...(round > 1 ? times.get(plan)! : []), timeMs])
      // Chunks only get smaller from here on.
      const isLast = round === 0 && timeMs > HOPELESS_COLD * bestTimeOf(timedIn(repeated()))
      if (isLast && plan.nJobs === cores && plan.executor === 'worker_threads') break
    }
    const timed = timedIn(repeated())
    const hopeless = hopelessAfter(round + 1)
    for (const plan of contenders.keys()) {
      const own = timed.find((other) => other.plan === plan)
      const isHopeless = !own || own.timeMs > hopeless * bestTimeOf(timed)
      if (isHopeless && plan.executor !== 'serial') contenders.delete(plan)
    }
  }
  return repeated()
}

function hopelessAfter(rounds: number): number {
  if (rounds === 1) return HOPELESS_COLD
  return rounds < FEWEST_ROUNDS ? HOPELESS : HOPELESS_LATER
}

function asPlan({ executor, nJobs, chunkSize }: FixedPlan): Plan {
  return { executor: executor === 'pool' ? 'worker_threads' : 'async', nJobs, chunkSize }
}

/** Samples as `execute()` leaves them, each decided by a dry run with warm workers. */
async function teach(
  workload: Workload,
  items: readonly unknown[],
  pool: TaskPool,
  runs: number,
): Promise<TrainingSample[]> {
  const samples: TrainingSample[] = []
  for (let run = 0; run < runs; run++) {
    const store = createMemoryStore()
    const options = { pool, store, useCache: false, enableOnlineLearning: true }
    await execute(workload.task, items, options)
    samples.push(...(await keptBy(store)))
  }
  return samples
}

/** Where a sample is not kept so soon after the run, the dry run had computed everything. */
const KEPT_WITHIN_MS = 100

async function keptBy(
  store: ReturnType<typeof createMemoryStore>,
): Promise<readonly TrainingSample[]> {
  const endMs = performance.now() + KEPT_WITHIN_MS
  for (;;) {
    const { samples } = await store.loadSamples()
    if (samples.length > 0 || performance.now() > endMs) return samples
    await wait(1)
  }
}

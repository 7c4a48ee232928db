/** One workload, measured in a warm process of its own: the grid, then the leaders beside `execute()`. */
import { setTimeout as wait } from 'node:timers/promises'

import { detectSystem, execute, TaskPool } from '@amorsize/core'

import { collectYoungGarbage } from '../harness/collect-garbage.ts'
import { createRandom, shuffled } from '../harness/random.ts'
import { assertSameResults } from '../harness/same-results.ts'
import { timed } from '../harness/timed.ts'
import { workloadNamed } from '../workloads/index.ts'
import { defaultPlan, lowerBoundMs, makeGrid, nameOf } from './grid.ts'
import type { FixedPlan } from './grid.ts'
import { PlanRunner } from './run-plan.ts'

/** What to measure. */
export interface RegretOrder {
  readonly name: string
  readonly seed: number
  /** Fewest repetitions of the leaders. */
  readonly repetitions: number
  /** Short runs are repeated more often, for so long in all, milliseconds. */
  readonly budgetMs: number
  /** Repetitions under foreign load are made up for, for so long in all, milliseconds. */
  readonly longestMs: number
}

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
export interface Observation {
  readonly timeMs: number
  readonly foreignCpuShare: number
  readonly decided?: Decided
}

/** Everything that was seen of one workload. */
export interface RegretMeasurement {
  readonly name: string
  readonly itemCount: number
  readonly cores: number
  /** Best time of each plan in the first pass, milliseconds. */
  readonly grid: readonly { readonly plan: string; readonly timeMs: number }[]
  /** Plans whose chunks alone would have taken longer than the best. */
  readonly bounded: readonly string[]
  /** Contenders in turn: the same index is the same repetition. */
  readonly runs: Readonly<Record<string, readonly Observation[]>>
  /** Names of the plans N/(4P) and N/(8P) in `runs`. */
  readonly quarterPlan: string
  readonly eighthPlan: string
}

/** Names of the contenders that are no fixed plan. */
export const LOOP = 'loop'
export const EXECUTE = 'execute'
export const EXECUTE_UNCACHED = 'execute, dry run each time'

const LEADERS = 3
/** A plan this much slower than the best in the first pass is not tried again. */
const SECOND_CHANCE = 1.25
const MOST_REPETITIONS = 41
/** Runs before those that count, so that compiled code is what is measured. */
const WARM_UP_MS = 300
/** Repetitions under more foreign load than this are made up for. */
const TAINTED_SHARE = 0.25

type Contender = () => Promise<{ results: readonly unknown[]; decided?: Decided }>

/** Called in a child process. */
export async function measureRegret({
  name,
  seed,
  repetitions,
  budgetMs,
  longestMs,
}: RegretOrder): Promise<RegretMeasurement> {
  const workload = workloadNamed(name)
  const items = workload.makeData(seed)
  const cores = Math.ceil(detectSystem().usableCores)
  const shape = { itemCount: items.length, cores, isAsync: workload.isAsync }
  const [quarter, eighth] = [defaultPlan(shape, 4), defaultPlan(shape, 8)]
  await using pool = new TaskPool()
  const runner = new PlanRunner(workload, items, pool)
  const expected = await runner.loop()

  const run = async (contenderName: string, contender: Contender): Promise<Observation> => {
    collectYoungGarbage()
    const { value, timeMs, foreignCpuShare } = await timed(contender)
    assertSameResults(contenderName, value.results, expected)
    return { timeMs, foreignCpuShare, ...(value.decided && { decided: value.decided }) }
  }
  const fixed = (plan: FixedPlan): Contender => {
    return async () => ({ results: await runner.run(plan) })
  }
  const executing = (useCache: boolean): Contender => {
    return async () => {
      const options = { pool, useCache, returnOptimizationResult: true } as const
      const { results, optimization, execution } = await execute(workload.task, items, options)
      const { executor, nJobs, chunkSize, source, decisionTimeMs, estimatedTimeMs, features } =
        optimization
      const plan = planNameOf(executor, nJobs, chunkSize)
      const { makespanMs } = execution
      const { itemTimeMs } = features
      return {
        results,
        decided: { plan, source, decisionTimeMs, makespanMs, estimatedTimeMs, itemTimeMs },
      }
    }
  }
  const always: Record<string, Contender> = {
    [LOOP]: async () => ({ results: await runner.loop() }),
    [EXECUTE]: executing(true),
    [EXECUTE_UNCACHED]: executing(false),
  }

  const { grid, bounded, leaders } = await searchGrid()
  const contenders: Record<string, Contender> = { ...always }
  for (const plan of [...leaders, quarter, eighth]) contenders[nameOf(plan)] = fixed(plan)
  const runs = await interleave(contenders)
  return {
    name,
    itemCount: items.length,
    cores,
    grid,
    bounded,
    runs,
    quarterPlan: nameOf(quarter),
    eighthPlan: nameOf(eighth),
  }

  async function searchGrid(): Promise<{
    grid: RegretMeasurement['grid']
    bounded: string[]
    leaders: FixedPlan[]
  }> {
    // All workers start, and compile the function, before anything counts.
    const widest = { executor: 'pool', nJobs: cores + 1, chunkSize: eighth.chunkSize } as const
    await run(nameOf(widest), fixed(widest))
    await run(nameOf(widest), fixed(widest))
    let bestMs = (await run(LOOP, always[LOOP]!)).timeMs
    const timesMs = new Map<FixedPlan, number>()
    const bounded: string[] = []
    for (const plan of makeGrid(shape)) {
      if (lowerBoundMs(plan, items.length) > bestMs) bounded.push(nameOf(plan))
      else {
        const { timeMs } = await run(nameOf(plan), fixed(plan))
        timesMs.set(plan, timeMs)
        bestMs = Math.min(bestMs, timeMs)
      }
    }
    const bestOfPoolMs = Math.min(...timesMs.values())
    for (const [plan, firstMs] of timesMs) {
      if (firstMs > SECOND_CHANCE * bestOfPoolMs) continue
      const { timeMs } = await run(nameOf(plan), fixed(plan))
      timesMs.set(plan, Math.min(firstMs, timeMs))
    }
    const ranked = [...timesMs].toSorted((a, b) => a[1] - b[1])
    return {
      grid: ranked.map(([plan, timeMs]) => ({ plan: nameOf(plan), timeMs })),
      bounded,
      leaders: ranked.slice(0, LEADERS).map(([plan]) => plan),
    }
  }

  async function interleave(
    contenders: Record<string, Contender>,
  ): Promise<Record<string, Observation[]>> {
    const random = createRandom(seed)
    const startMs = performance.now()
    const names = Object.keys(contenders)
    const roundOf = async (): Promise<Record<string, Observation>> => {
      const round: Record<string, Observation> = {}
      for (const each of shuffled(names, random)) round[each] = await run(each, contenders[each]!)
      return round
    }
    const warmUpMs: number[] = []
    while (warmUpMs.reduce((sum, ms) => sum + ms, 0) < WARM_UP_MS || warmUpMs.length < 2) {
      warmUpMs.push(totalMs(Object.values(await roundOf())))
      if (warmUpMs.length >= 2 && warmUpMs[0]! > WARM_UP_MS) break
    }
    const wanted = Math.round(budgetMs / warmUpMs.at(-1)!)
    const least = Math.max(repetitions, Math.min(MOST_REPETITIONS, wanted))
    const rounds: Record<string, Observation>[] = []
    const cleanOnes = (): number => rounds.filter((round) => !isTainted(round)).length
    while (
      rounds.length < least ||
      (cleanOnes() < repetitions && performance.now() - startMs < longestMs)
    ) {
      rounds.push(await roundOf())
      if (rounds.length > MOST_REPETITIONS) break
      if (isTainted(rounds.at(-1)!)) await wait(50)
    }
    const kept = cleanOnes() >= repetitions ? rounds.filter((round) => !isTainted(round)) : rounds
    return Object.fromEntries(names.map((each) => [each, kept.map((round) => round[each]!)]))
  }
}

function planNameOf(executor: string, nJobs: number, chunkSize: number): string {
  if (executor === 'serial') return LOOP
  return nameOf({ executor: executor === 'async' ? 'async' : 'pool', nJobs, chunkSize })
}

function totalMs(observations: readonly Observation[]): number {
  return observations.reduce((sum, { timeMs }) => sum + timeMs, 0)
}

/** Whether others used the machine in that repetition, weighted by time. */
function isTainted(round: Record<string, Observation>): boolean {
  const observations = Object.values(round)
  const foreignMs = observations.reduce((sum, each) => sum + each.timeMs * each.foreignCpuShare, 0)
  return foreignMs > TAINTED_SHARE * totalMs(observations)
}

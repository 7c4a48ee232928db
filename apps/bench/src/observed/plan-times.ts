/** How long plans of a map took, and by those how long others would. */
import type { Plan } from '@amorsize/core'
import { median } from '@amorsize/features'

import { LOOP_PLAN } from '../learning/asked-run.ts'
import type { FixedPlan } from '../regret/grid.ts'

/** A plan and its time. */
export interface TimedPlan {
  readonly plan: Plan
  /** Median of its runs, milliseconds. */
  readonly timeMs: number
}

/** A plan and its times. */
export interface RepeatedPlan {
  readonly plan: Plan
  /** By round, milliseconds; fewer for what was not worth another one. */
  readonly timesMs: readonly number[]
}

/** What a part of the rounds said: every second one, or all. */
export function timedIn(repeated: readonly RepeatedPlan[], half?: 0 | 1): TimedPlan[] {
  return repeated.map(({ plan, timesMs }) => {
    const chosen = timesMs.filter((_, round) => half === undefined || round % 2 === half)
    return { plan, timeMs: median(chosen.length > 0 ? chosen : timesMs) }
  })
}

/**
 * Time of a plan over that of the best. The best is picked by one half of the rounds and both are
 * timed by the other, each way, and the mean is geometric: of many plans that are about as good,
 * the one with the least time in all rounds had the most luck, which nobody can choose. Times are
 * held against one another within a round: the pace of a machine changes from round to round.
 */
export function regretOf(plan: Plan, repeated: readonly RepeatedPlan[]): number {
  return Math.sqrt(regretIn(0, plan, repeated) * regretIn(1, plan, repeated))
}

/** By the rounds of a half, the best picked by the others. */
function regretIn(half: 0 | 1, plan: Plan, repeated: readonly RepeatedPlan[]): number {
  const most = Math.max(...repeated.map(({ timesMs }) => timesMs.length))
  const lasting = repeated.filter(({ timesMs }) => timesMs.length === most)
  const picked = timedIn(lasting, half === 0 ? 1 : 0)
  const best = lasting[picked.findIndex(({ timeMs }) => timeMs === bestTimeOf(picked))]!
  const alike = neighborsOf(plan, repeated)
  const common = Math.min(...alike.map(({ timesMs }) => timesMs.length), most)
  const rounds = Array.from({ length: common }, (_, round) => round)
  const ofHalf = rounds.filter((round) => round % 2 === half)
  const ratios = (ofHalf.length > 0 ? ofHalf : rounds).map((round) => {
    const timed = alike.map(({ plan: other, timesMs }) => ({
      plan: other,
      timeMs: timesMs[round]!,
    }))
    return timeOf(plan, timed) / best.timesMs[round]!
  })
  return median(ratios)
}

/** Time of the best plan in one half of the rounds over that in the other, from 1: what is noise. */
export function noiseOf(repeated: readonly RepeatedPlan[]): number {
  const all = timedIn(repeated)
  const best = all.findIndex(({ timeMs }) => timeMs === bestTimeOf(all))
  const ratio = timedIn(repeated, 0)[best]!.timeMs / timedIn(repeated, 1)[best]!.timeMs
  return Math.max(ratio, 1 / ratio)
}

/** Parts that a worker's share of the items is cut into, until an item a chunk is left. */
const PARTS = [1, 2, 4, 8, 16, 64, 256, 1024, 4096]
const IN_FLIGHT = [8, 32, 128]

/** Workers for each core, for functions that wait. */
const OVERSUBSCRIPTION = 2

/** Plans to time, the coarsest first: enough to tell what lies between. */
export function plansToTime(itemCount: number, cores: number, isAsync: boolean): FixedPlan[] {
  const plans: FixedPlan[] = []
  if (isAsync)
    for (const nJobs of distinct(IN_FLIGHT.map((count) => Math.min(count, itemCount))))
      plans.push({ executor: 'async', nJobs, chunkSize: 1 })
  if (isAsync) plans.push(...oversubscribed(itemCount, OVERSUBSCRIPTION * cores))
  for (let nJobs = 1; nJobs <= cores; nJobs++) {
    const parts = nJobs === cores ? PARTS : [1, 8]
    const sizes = parts.map((count) => Math.ceil(itemCount / (count * nJobs)))
    for (const chunkSize of distinct(sizes)) plans.push({ executor: 'pool', nJobs, chunkSize })
  }
  return plans
}

function oversubscribed(itemCount: number, nJobs: number): FixedPlan[] {
  const sizes = [1, 8].map((count) => Math.ceil(itemCount / (count * nJobs)))
  return distinct(sizes).map((chunkSize) => ({ executor: 'pool', nJobs, chunkSize }))
}

/**
 * Time of a plan: that of the nearest chunk sizes of as many workers, or of the nearest number that was
 * timed, on a logarithmic scale. Many items in flight of a function that is not asynchronous are a plain loop.
 */
export function timeOf(plan: Plan, timed: readonly TimedPlan[]): number {
  const [below, above] = neighborsOf(plan, timed)
  const [from, to] = [Math.log(sizeOf(below.plan)), Math.log(sizeOf(above.plan))]
  const share = to > from ? (Math.log(sizeOf(plan)) - from) / (to - from) : 0
  return below.timeMs ** (1 - share) * above.timeMs ** share
}

/** The plans of the sizes next to that of a plan, from below and above; one twice at the ends. */
function neighborsOf<T extends { readonly plan: Plan }>(
  plan: Plan,
  others: readonly T[],
): readonly [below: T, above: T] {
  const kin = others.filter((other) => other.plan.executor === plan.executor)
  const apart = (other: T): number => workersApart(plan, other.plan)
  const nearest = Math.min(...kin.map(apart))
  const alike = kin
    .filter((other) => apart(other) === nearest)
    .toSorted((a, b) => sizeOf(a.plan) - sizeOf(b.plan))
  const [smallest] = alike
  const largest = alike.at(-1)
  if (!smallest || !largest) {
    if (plan.executor === 'async') return neighborsOf(LOOP_PLAN, others)
    throw new Error(`No plan like ${JSON.stringify(plan)} was timed.`)
  }
  const size = sizeOf(plan)
  return [
    alike.findLast((other) => sizeOf(other.plan) <= size) ?? smallest,
    alike.find((other) => sizeOf(other.plan) >= size) ?? largest,
  ]
}

function sizeOf({ executor, nJobs, chunkSize }: Plan): number {
  return executor === 'async' ? nJobs : chunkSize
}

/** How many times more workers one has than the other, as a logarithm; 0 without workers. */
function workersApart(one: Plan, other: Plan): number {
  const hasWorkers = one.executor !== 'serial' && one.executor !== 'async'
  return hasWorkers ? Math.abs(Math.log(one.nJobs / other.nJobs)) : 0
}

/** Time of the best plan. */
export function bestTimeOf(timed: readonly TimedPlan[]): number {
  return Math.min(...timed.map(({ timeMs }) => timeMs))
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)]
}

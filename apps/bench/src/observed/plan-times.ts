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
 * the one with the least time in all rounds had the most luck, which nobody can choose.
 */
export function regretOf(plan: Plan, repeated: readonly RepeatedPlan[]): number {
  const [even, odd] = [timedIn(repeated, 0), timedIn(repeated, 1)]
  return Math.sqrt(regretBy(plan, even, odd) * regretBy(plan, odd, even))
}

function regretBy(plan: Plan, picked: readonly TimedPlan[], timed: readonly TimedPlan[]): number {
  const best = picked.find(({ timeMs }) => timeMs === bestTimeOf(picked))!
  return timeOf(plan, timed) / timeOf(best.plan, timed)
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

/** Plans to time, the coarsest first: enough to tell what lies between. */
export function plansToTime(itemCount: number, cores: number, isAsync: boolean): FixedPlan[] {
  const plans: FixedPlan[] = []
  if (isAsync)
    for (const nJobs of distinct(IN_FLIGHT.map((count) => Math.min(count, itemCount))))
      plans.push({ executor: 'async', nJobs, chunkSize: 1 })
  for (let nJobs = 1; nJobs <= cores; nJobs++) {
    const parts = nJobs === cores ? PARTS : [1, 8]
    const sizes = parts.map((count) => Math.ceil(itemCount / (count * nJobs)))
    for (const chunkSize of distinct(sizes)) plans.push({ executor: 'pool', nJobs, chunkSize })
  }
  return plans
}

/**
 * Time of a plan: that of the nearest chunk sizes of as many workers, on a logarithmic scale. Many
 * items in flight of a function that is not asynchronous are a plain loop.
 */
export function timeOf(plan: Plan, timed: readonly TimedPlan[]): number {
  const alike = timed.filter((other) => isAlike(plan, other.plan))
  if (alike.length === 0) {
    if (plan.executor === 'async') return timeOf(LOOP_PLAN, timed)
    throw new Error(`No plan like ${JSON.stringify(plan)} was timed.`)
  }
  const sizeOf = ({ executor, nJobs, chunkSize }: Plan): number =>
    executor === 'async' ? nJobs : chunkSize
  return interpolate(
    Math.log(sizeOf(plan)),
    alike.map(({ plan: other, timeMs }) => [Math.log(sizeOf(other)), Math.log(timeMs)] as const),
  )
}

function isAlike(one: Plan, other: Plan): boolean {
  if (one.executor !== other.executor) return false
  return one.executor === 'serial' || one.executor === 'async' || one.nJobs === other.nJobs
}

/** Time of the best plan. */
export function bestTimeOf(timed: readonly TimedPlan[]): number {
  return Math.min(...timed.map(({ timeMs }) => timeMs))
}

/** Between two points a straight line, beyond the last ones their height; of logarithms. */
function interpolate(x: number, points: readonly (readonly [number, number])[]): number {
  const sorted = points.toSorted((a, b) => a[0] - b[0])
  const above = sorted.find((point) => point[0] >= x) ?? sorted.at(-1)!
  const below = sorted.findLast((point) => point[0] <= x) ?? sorted[0]!
  const width = above[0] - below[0]
  const share = width > 0 ? (x - below[0]) / width : 0
  return Math.exp(below[1] + share * (above[1] - below[1]))
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)]
}

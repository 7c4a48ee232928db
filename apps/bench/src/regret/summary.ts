/** What the measurements of all workloads say: pure arithmetic. */
import { median, quantile } from '@amorsize/features'

import { intervalOfMedian } from '../harness/paired-ratio.ts'
import type { Observation } from './contender.ts'
import { EXECUTE, EXECUTE_UNCACHED, LOOP } from './grid.ts'
import type { RegretMeasurement } from './measure.ts'

/** One workload's line of the table. */
export interface RegretRow {
  readonly name: string
  readonly loopMs: number
  /** The best of the grid, the plain loop included. */
  readonly bestPlan: string
  readonly bestMs: number
  readonly quarterMs: number
  readonly eighthMs: number
  readonly executeMs: number
  readonly uncachedMs: number
  /** The plan that `execute()` took most often, and how often. */
  readonly plan: string
  readonly uncachedPlan: string
  /** Median of the paired ratios to the best plan. */
  readonly regret: number
  readonly regretInterval: readonly [low: number, high: number]
  readonly uncachedRegret: number
  /**
   * Median of the ratios to the plan that was best in the other half of the repetitions: the least of
   * many noisy medians is below what any plan would take again.
   */
  readonly crossRegret: number
  /**
   * Of the plan that was best in one half, in the other half and over the best of that: what is left of
   * regret for who had searched the whole grid. The geometric mean of both ways.
   */
  readonly searchedRegret: number
  /** CPU time of `execute()` over that of the best plan: what neighbours hardly disturb. */
  readonly cpuRatio: number
  /** How far `execute()` is over what is allowed beside the loop, milliseconds; where the loop wins. */
  readonly overLoopMs: number | undefined
  readonly uncachedOverLoopMs: number | undefined
  /** Of the time that N/(4P) loses to the best, the share won back; where that loss is certain. */
  readonly gapClosed: number | undefined
  readonly uncachedGapClosed: number | undefined
  /** Mean time of the runs in which calling thread and workers took turns over that of the best plan, if any did. */
  readonly turnRatio: number | undefined
  /** Share of the machine that others used, over all the time that was measured. */
  readonly foreignCpuShare: number
}

/** The numbers of DESIGN section 8. */
export interface RegretSummary {
  readonly median: number
  /** Of the decisions from the cache, the best chosen on other repetitions. */
  readonly crossMedian: number
  readonly crossP90: number
  readonly p90: number
  readonly worst: number
  /** Mean; missing where no workload leaves a gap. */
  readonly gapClosed: number | undefined
  readonly gapCount: number
  readonly loopWins: number
  readonly loopViolations: readonly string[]
}

const ALLOWED_RATIO = 1.05
const ALLOWED_MS = 0.3
/** Loss of the default at which closing it means something. */
const LEAST_LOSS = 1.05

/** One line. */
export function rowOf(measurement: RegretMeasurement): RegretRow {
  const { name, grid, runs, quarterPlan, eighthPlan, turnsMs } = measurement
  const timesOf = (contender: string): number[] => runs[contender]!.map(({ timeMs }) => timeMs)
  const cpuOf = (contender: string): number[] => runs[contender]!.map(({ ownCpuMs }) => ownCpuMs)
  const medianOf = (contender: string): number => median(timesOf(contender))
  // N/(8P) is a baseline; of the grid it is only where its chunk size happens to be a power of 4.
  const fixed = [LOOP, ...grid.map(({ plan }) => plan)].filter((plan) => runs[plan])
  const bestPlan = fixed.reduce((best, each) => (medianOf(each) < medianOf(best) ? each : best))
  const best = timesOf(bestPlan)
  const loop = timesOf(LOOP)
  const timesOfFixed = fixed.map(timesOf)
  const quarter = timesOf(quarterPlan)
  const loss = ratios(quarter, best)
  const isLossCertain = quarterPlan !== bestPlan && intervalOfMedian(loss)[0] > LEAST_LOSS
  const gapClosedBy = (contender: string): number | undefined =>
    isLossCertain
      ? (median(quarter) - medianOf(contender)) / (median(quarter) - median(best))
      : undefined
  const overLoopBy = (contender: string): number | undefined =>
    bestPlan === LOOP
      ? median(
          timesOf(contender).map(
            (timeMs, index) => timeMs - ALLOWED_RATIO * loop[index]! - ALLOWED_MS,
          ),
        )
      : undefined
  const regrets = ratios(timesOf(EXECUTE), best)
  return {
    name,
    loopMs: median(loop),
    bestPlan,
    bestMs: median(best),
    quarterMs: median(quarter),
    eighthMs: medianOf(eighthPlan),
    executeMs: medianOf(EXECUTE),
    uncachedMs: medianOf(EXECUTE_UNCACHED),
    plan: usualPlan(runs[EXECUTE]!),
    uncachedPlan: usualPlan(runs[EXECUTE_UNCACHED]!),
    regret: median(regrets),
    regretInterval: intervalOfMedian(regrets),
    uncachedRegret: median(ratios(timesOf(EXECUTE_UNCACHED), best)),
    crossRegret: crossValidatedRegret(timesOf(EXECUTE), timesOfFixed),
    searchedRegret: regretOfSearch(timesOfFixed),
    cpuRatio: median(ratios(cpuOf(EXECUTE), cpuOf(bestPlan))),
    overLoopMs: overLoopBy(EXECUTE),
    uncachedOverLoopMs: overLoopBy(EXECUTE_UNCACHED),
    gapClosed: gapClosedBy(EXECUTE),
    uncachedGapClosed: gapClosedBy(EXECUTE_UNCACHED),
    turnRatio: turnsMs.length === 0 ? undefined : mean(turnsMs) / median(best),
    foreignCpuShare: foreignShareOf(Object.values(runs).flat()),
  }
}

/** The summary over all lines, with the decision from the cache or from a dry run each time. */
export function summarise(rows: readonly RegretRow[], isCached: boolean): RegretSummary {
  const regrets = rows
    .map(({ regret, uncachedRegret }) => (isCached ? regret : uncachedRegret))
    .toSorted((a, b) => a - b)
  const cross = rows.map(({ crossRegret }) => crossRegret).toSorted((a, b) => a - b)
  const gaps = defined(rows.map((row) => (isCached ? row.gapClosed : row.uncachedGapClosed)))
  const over = (row: RegretRow): number | undefined =>
    isCached ? row.overLoopMs : row.uncachedOverLoopMs
  return {
    median: quantile(regrets, 0.5),
    crossMedian: quantile(cross, 0.5),
    crossP90: quantile(cross, 0.9),
    p90: quantile(regrets, 0.9),
    worst: regrets.at(-1)!,
    gapClosed: gaps.length === 0 ? undefined : mean(gaps),
    gapCount: gaps.length,
    loopWins: rows.filter((row) => over(row) !== undefined).length,
    loopViolations: rows.filter((row) => (over(row) ?? 0) > 0).map(({ name }) => name),
  }
}

/** Each half of the repetitions is held against the plan that was best in the other one. */
function crossValidatedRegret(
  subject: readonly number[],
  plans: readonly (readonly number[])[],
): number {
  const regrets = HALVES.flatMap((half) => {
    const best = bestIn(plans, half === 0 ? 1 : 0)
    return ratios(inHalf(subject, half), inHalf(best, half))
  })
  return median(regrets)
}

function regretOfSearch(plans: readonly (readonly number[])[]): number {
  const [one, other] = HALVES.map((half) => {
    const picked = bestIn(plans, half === 0 ? 1 : 0)
    return median(ratios(inHalf(picked, half), inHalf(bestIn(plans, half), half)))
  })
  return Math.sqrt(one! * other!)
}

/** Every second repetition, so that a machine that grows slower does so in both. */
const HALVES = [0, 1] as const
type Half = (typeof HALVES)[number]

function inHalf(times: readonly number[], half: Half): number[] {
  return times.filter((_, repetition) => repetition % 2 === half)
}

/** The plan of the least median in a half: its times in all. */
function bestIn(plans: readonly (readonly number[])[], half: Half): readonly number[] {
  const medians = plans.map((times) => median(inHalf(times, half)))
  return plans[medians.indexOf(Math.min(...medians))]!
}

function ratios(subject: readonly number[], baseline: readonly number[]): number[] {
  return subject.map((value, index) => value / baseline[index]!)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function defined<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined)
}

/** Weighted by time: of a few milliseconds the kernel's counters say nothing. */
function foreignShareOf(observations: readonly Observation[]): number {
  const total = observations.reduce((sum, { timeMs }) => sum + timeMs, 0)
  const foreign = observations.reduce((sum, each) => sum + each.timeMs * each.foreignCpuShare, 0)
  return foreign / total
}

function usualPlan(observations: readonly Observation[]): string {
  const counts = new Map<string, number>()
  for (const { decided } of observations) {
    const plan = decided?.plan ?? ''
    counts.set(plan, (counts.get(plan) ?? 0) + 1)
  }
  const [[plan, count] = ['', 0]] = [...counts].toSorted((a, b) => b[1] - a[1])
  return count === observations.length ? plan : `${plan} (${count} of ${observations.length})`
}

/** Decisions in words: the one-line reason and the readable account. */
import type { Costs } from './cost-model.ts'
import type { Decision } from './decide/source.ts'
import { countOf, formatBytes, formatCount, formatMs, formatPercent } from './format.ts'
import type { BindingTerm } from './pool-makespan.ts'
import type { Plan, PricedPlan, SearchResult } from './search.ts'

export { countOf, formatMs } from './format.ts'

const BINDING_TERMS: Record<BindingTerm, string> = {
  workers: 'the items on the busiest worker',
  cores: 'the cores that all threads share',
  caller: 'the calling thread, which sends every item and takes every result',
  'start-up': 'the start of workers',
}

/** Why the search chose as it did, in one sentence. */
export function describeChoice(search: SearchResult, costs: Costs): string {
  const { best, serial } = search
  if (costs.itemCount === 0) return 'Nothing is left to run: the sample covered every item'
  const loop = formatMs(serial.makespanMs)
  switch (best.executor) {
    case 'serial':
      return describeLoop(search, loop)
    case 'async':
      return `Items wait ${formatPercent(costs.waitShare)} of their time, so ${best.nJobs} at once take ${formatMs(best.makespanMs)} instead of ${loop}`
    default: {
      const workers = `${countOf(best.nJobs, 'worker')} would take ${formatMs(best.makespanMs)}`
      const otherwise = Number.isFinite(serial.makespanMs)
        ? `the plain loop ${loop}`
        : 'the calling thread may not be used'
      return `${workers}, ${otherwise}; what counts is ${BINDING_TERMS[best.bindingTerm ?? 'workers']}`
    }
  }
}

function describeLoop({ parallel, serial }: SearchResult, loop: string): string {
  if (!parallel) return `The plain loop takes ${loop}, too short to start a worker for`
  const others =
    parallel.executor === 'async' ? `${parallel.nJobs} at once` : countOf(parallel.nJobs, 'worker')
  const compared = `The plain loop takes ${loop}, ${others} would take ${formatMs(parallel.makespanMs)}`
  if (parallel.makespanMs < serial.makespanMs) return `${compared}, which is no sure gain`
  return parallel.bindingTerm
    ? `${compared}; what counts is ${BINDING_TERMS[parallel.bindingTerm]}`
    : compared
}

/** A readable account of a decision, several lines. */
export function explainDecision<O>(
  decision: Decision<O>,
  itemCount: number,
  decisionTimeMs: number,
): string {
  const { source, plan, reason, warnings, confidence } = decision
  return [
    `${describePlan(plan)} for ${countOf(itemCount, 'item')}, decided by ${source} in ${formatMs(decisionTimeMs)}`,
    `  ${reason}.`,
    ...(confidence === undefined ? [] : [`  Confidence ${formatPercent(confidence)}.`]),
    ...measurements(decision),
    ...alternatives(decision),
    ...warnings.map((warning) => `  Warning: ${warning}`),
  ].join('\n')
}

function measurements<O>({ features, costs }: Decision<O>): string[] {
  return [
    `  Item time     ${describeItemTime(features.itemTimeMs, features.coefficientOfVariation ?? 0, costs)}`,
    ...(costs ? describeCosts(costs) : []),
  ]
}

function describeItemTime(itemTimeMs: number, cv: number, costs: Costs | undefined): string {
  const { waitShare = 0, trend = 0 } = costs ?? {}
  const facts = [
    // 0 is what too few items give.
    ...(cv === 0 ? [] : [`coefficient of variation ${cv.toFixed(2)}`]),
    ...(Math.abs(trend) < NOTABLE_TREND ? [] : [trend > 0 ? 'growing' : 'shrinking']),
    ...(waitShare < NOTABLE_SHARE ? [] : [`${formatPercent(waitShare)} of it waiting`]),
  ]
  return formatMs(itemTimeMs) + (facts.length === 0 ? '' : ` (${facts.join(', ')})`)
}

const NOTABLE_TREND = 0.5
const NOTABLE_SHARE = 0.05

function describeCosts({ dispatch, usableCores, contention, memory }: Costs): string[] {
  if (!dispatch) return []
  const { cloneMs, dispatchMs, startUpMs, warmWorkers } = dispatch
  const slower =
    contention === 0
      ? ''
      : `, an item ${formatPercent(contention)} slower for each further busy worker`
  return [
    `  Sending       ${formatMs(cloneMs)} an item, ${formatMs(dispatchMs)} a chunk`,
    `  Worker start  ${formatMs(startUpMs)}, ${countOf(warmWorkers, 'worker')} warm`,
    `  Usable cores  ${usableCores}${slower}`,
    ...(memory && memory.workerBytes > 0
      ? [
          `  Memory        ${formatBytes(memory.availableBytes)} available, ${formatBytes(memory.workerBytes)} a worker`,
        ]
      : []),
  ]
}

function alternatives<O>({ search, costs }: Decision<O>): string[] {
  if (!search || !costs || costs.itemCount === 0) return []
  const { serial, parallel, best } = search
  const rows: [string, PricedPlan | undefined][] = [
    ['plain loop', serial],
    ['default N/(4P)', search.default],
    ['best of others', best === parallel ? undefined : parallel],
    ['chosen', best],
  ]
  return [
    `  Predicted for the ${countOf(costs.itemCount, 'item')} left:`,
    ...rows
      .filter((entry): entry is [string, PricedPlan] => Number.isFinite(entry[1]?.makespanMs))
      .map(([label, plan]) => row(label, plan)),
  ]
}

function row(label: string, plan: PricedPlan): string {
  const waits = plan.bindingTerm ? `; waits for ${BINDING_TERMS[plan.bindingTerm]}` : ''
  return `    ${label.padEnd(15)}${formatMs(plan.makespanMs).padStart(10)}   ${describePlan(plan)}${waits}`
}

/** A plan in words. */
export function describePlan({ executor, nJobs, chunkSize }: Plan): string {
  switch (executor) {
    case 'serial':
      return 'plain loop on the calling thread'
    case 'async':
      return `${nJobs} at once on the calling thread`
    default:
      return `${countOf(nJobs, 'worker')} (${executor}), chunks of ${formatCount(chunkSize)}`
  }
}

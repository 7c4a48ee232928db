/** Decisions in words: the one-line reason and the readable account. */
import type { Costs } from './cost-model.ts'
import type { Decision } from './decide/source.ts'
import type { Plan, PricedPlan, SearchResult } from './search.ts'

/** Why the search chose as it did, in one sentence. */
export function describeChoice({ best, serial }: SearchResult, costs: Costs): string {
  if (costs.itemCount === 0) return 'Nothing is left to run: the sample covered every item'
  const loop = formatMs(serial.makespanMs)
  switch (best.executor) {
    case 'serial':
      return costs.dispatch
        ? `The plain loop takes ${loop}; workers would not gain a tenth of it`
        : `The plain loop takes ${loop}, too short to start a worker for`
    case 'async':
      return `Items wait ${formatPercent(costs.waitShare)} of their time, so ${best.nJobs} at once take ${formatMs(best.makespanMs)} instead of ${loop}`
    default:
      return Number.isFinite(serial.makespanMs)
        ? `${countOf(best.nJobs, 'worker')} would take ${formatMs(best.makespanMs)}, the plain loop ${loop}`
        : `${countOf(best.nJobs, 'worker')} would take ${formatMs(best.makespanMs)}; the calling thread may not be used`
  }
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
  const cv = features.coefficientOfVariation ?? 0
  // 0 is what too few items give.
  const spread = cv === 0 ? '' : ` (coefficient of variation ${cv.toFixed(2)})`
  const lines = [`  Item time     ${formatMs(features.itemTimeMs)}${spread}`]
  const dispatch = costs?.dispatch
  if (!dispatch) return lines
  return [
    ...lines,
    `  Sending       ${formatMs(dispatch.cloneMs)} an item, ${formatMs(dispatch.dispatchMs)} a chunk`,
    `  Worker start  ${formatMs(dispatch.startUpMs)}, ${countOf(dispatch.warmWorkers, 'worker')} warm`,
    `  Usable cores  ${costs.usableCores}`,
  ]
}

function alternatives<O>({ search, costs }: Decision<O>): string[] {
  if (!search || !costs || costs.itemCount === 0) return []
  const rows: [string, PricedPlan | undefined][] = [
    ['plain loop', search.serial],
    ['default N/(4P)', search.default],
    ['chosen', search.best],
  ]
  return [
    `  Predicted for the ${countOf(costs.itemCount, 'item')} left:`,
    ...rows
      .filter((entry): entry is [string, PricedPlan] => Number.isFinite(entry[1]?.makespanMs))
      .map(([label, plan]) => row(label, plan)),
  ]
}

function row(label: string, plan: PricedPlan): string {
  return `    ${label.padEnd(15)}${formatMs(plan.makespanMs).padStart(10)}   ${describePlan(plan)}`
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

/** `1 item`, `2,000 items`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Not `toLocaleString`, whose first call in a process loads tables for 20 ms. */
function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}

const MS_PER_SECOND = 1000
const US_PER_MS = 1000

/** A duration in the unit that suits it, three significant digits. */
export function formatMs(durationMs: number): string {
  if (durationMs >= MS_PER_SECOND) return `${significant(durationMs / MS_PER_SECOND)} s`
  if (durationMs >= 1 || durationMs === 0) return `${significant(durationMs)} ms`
  return `${significant(durationMs * US_PER_MS)} us`
}

function significant(value: number): string {
  return Number(value.toPrecision(3)).toString()
}

/** The cost of asking: a decision from the cache, and a dry run beside its budget. */
import { median, quantile } from '@amorsize/features'

import type { AskingMeasurement } from '../asking/measure.ts'
import { callInChild } from '../harness/child.ts'
import type { SuiteReport } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { WORKLOADS } from '../workloads/index.ts'

const MEASURE = new URL('../asking/measure.js', import.meta.url).href
const SEED = 1
const REPETITIONS = 5
const QUICK_REPETITIONS = 2
const LONGEST_DECISION_MS = 0.1
/** The default of `sampleBudgetMs`. */
const BUDGET_MS = 50
/** Quick and slow items, large and small ones: what is asked of the cache is the same for all. */
const QUICK_EVERY = 5

/** Medians a workload, then over the workloads. */
export async function benchAsking({ isQuick, only }: Settings): Promise<SuiteReport> {
  const chosen = WORKLOADS.filter(({ name }, index) =>
    only ? name.includes(only) : !isQuick || index % QUICK_EVERY === 0,
  )
  const repetitions = isQuick ? QUICK_REPETITIONS : REPETITIONS
  const measurements: AskingMeasurement[] = []
  for (const { name } of chosen) {
    const order = { name, seed: SEED, repetitions }
    measurements.push(await callInChild<AskingMeasurement>(MEASURE, 'measureAsking', order))
  }
  const cached = measurements.map(({ cachedMs }) => median(cachedMs)).toSorted((a, b) => a - b)
  const apart = measurements.map(({ apartMs }) => median(apartMs)).toSorted((a, b) => a - b)
  const dryRuns = measurements.map(({ name, itemTimeMs, dryRunMs }) => {
    const timeMs = median(dryRunMs)
    return { name, timeMs, overMs: timeMs - BUDGET_MS - itemTimeMs }
  })
  const over = dryRuns.filter(({ overMs }) => overMs > 0).toSorted((a, b) => b.overMs - a.overMs)
  const where = over.map(({ name, timeMs }) => `${name} (${timeMs.toFixed(0)} ms)`).join('; ')
  const findings = [
    {
      what: `decision from a warm cache, the default store, median of ${cached.length} workloads (worst)`,
      target: `<= ${LONGEST_DECISION_MS} ms`,
      measured: `${quantile(cached, 0.5).toFixed(3)} ms (${cached.at(-1)!.toFixed(3)} ms)`,
      isMet: quantile(cached, 0.5) <= LONGEST_DECISION_MS,
    },
    {
      what: 'the same, more than a second after the last call',
      target: `<= ${LONGEST_DECISION_MS} ms`,
      measured: `${quantile(apart, 0.5).toFixed(3)} ms (${apart.at(-1)!.toFixed(3)} ms)`,
      isMet: quantile(apart, 0.5) <= LONGEST_DECISION_MS,
    },
    {
      what: `dry run over its budget of ${BUDGET_MS} ms by more than one item, of ${dryRuns.length} workloads`,
      target: 'none',
      measured: over.length === 0 ? 'none' : `${over.length}: ${where}`,
      isMet: over.length === 0,
    },
  ]
  return { findings, details: { measurements } }
}

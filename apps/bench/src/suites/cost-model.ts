/** The cost model and its decisions on simulated machines of 2 to 128 cores. */
import { choosePlan } from '@amorsize/core'
import type { Costs } from '@amorsize/core'
import { median, quantile } from '@amorsize/features'

import type { Random } from '../harness/random.ts'
import { createRandom } from '../harness/random.ts'
import type { Finding, SuiteReport } from '../harness/report.ts'
import { regretOf, SimulatedMap, tryDecision, tryGrid } from '../simulation/decision-regret.ts'
import type { DecisionOutcome } from '../simulation/decision-regret.ts'
import { normalDeviate, randomMap } from '../simulation/random-map.ts'

const SEED = 6
const MAPS = 300

/** Maps for the margin: most of them are far from the break-even. */
const MISJUDGED_MAPS = 3000
const BREAK_EVEN_FACTOR = 1.5

/** Shares of the loop's time that a parallel plan may promise at most, to choose from. */
const MARGINS = [1, 0.95, 0.9, 0.85, 0.8]

/** What a dry run is off by, as standard deviations of logarithms. */
const ITEM_TIME_ERROR = 0.15
const OVERHEAD_ERROR = 0.3
const NOTABLE_LOSS = 1.05

/** The first half is not counted. */
const SEARCHES = 1000
const SEARCH_ITEMS = 100_000
const MOST_WORKERS = 128
const LONGEST_SEARCH_HERE_MS = 0.05
const LONGEST_SEARCH_MS = 0.5

const LARGEST_MEDIAN_ERROR = 0.02
const LARGEST_ERROR_OF_NINE_IN_TEN = 0.15
const LARGEST_MEDIAN_REGRET = 1.01
const LARGEST_REGRET_OF_NINETEEN_IN_TWENTY = 1.1

/** Decides by exact knowledge, and by what a dry run would make of it. */
export async function benchCostModel(): Promise<SuiteReport> {
  const random = createRandom(SEED)
  const errors: number[] = []
  const regrets: number[] = []
  const defaultRegrets: number[] = []
  for (let count = 0; count < MAPS; count++) {
    const map = new SimulatedMap(randomMap(random), random)
    const decision = tryDecision(map)
    const grid = tryGrid(map)
    errors.push(...grid.accuracies.map((ratio) => Math.abs(ratio - 1)))
    regrets.push(regretOf(decision, grid))
    defaultRegrets.push(regretOf(decision, grid, decision.defaultMs))
  }
  const medianDefault = median(defaultRegrets).toFixed(2)
  const highDefault = quantileOf(defaultRegrets, 0.95).toFixed(1)
  const findings = [
    atMost(
      `predicted / simulated makespan of ${errors.length} plans, median error`,
      median(errors),
      LARGEST_MEDIAN_ERROR,
    ),
    atMost(
      'predicted / simulated makespan, 90th percentile of the error',
      quantileOf(errors, 0.9),
      LARGEST_ERROR_OF_NINE_IN_TEN,
    ),
    atMost(
      `chosen / best simulated makespan of ${MAPS} maps, median (N/(4P): ${medianDefault})`,
      median(regrets),
      LARGEST_MEDIAN_REGRET,
    ),
    atMost(
      `chosen / best simulated makespan, 95th percentile (N/(4P): ${highDefault})`,
      quantileOf(regrets, 0.95),
      LARGEST_REGRET_OF_NINETEEN_IN_TWENTY,
    ),
    timeSearch(2, LONGEST_SEARCH_HERE_MS),
    timeSearch(MOST_WORKERS, LONGEST_SEARCH_MS),
    ...rateMargins(random),
  ]
  return { findings }
}

/** What a decision from the cache costs beyond looking it up. */
function timeSearch(maxWorkers: number, targetMs: number): Finding {
  const { costs } = randomMap(createRandom(SEED))
  const times = Array.from({ length: SEARCHES }, () => {
    const startMs = performance.now()
    choosePlan(
      { ...costs, itemCount: SEARCH_ITEMS, usableCores: maxWorkers },
      { maxWorkers, runtime: 'worker_threads' },
    )
    return performance.now() - startMs
  })
  const searchMs = median(times.slice(SEARCHES / 2))
  return {
    what: `search over up to ${maxWorkers} workers, warm`,
    target: `<= ${targetMs} ms`,
    measured: `${searchMs.toFixed(3)} ms`,
    isMet: searchMs <= targetMs,
  }
}

function atMost(what: string, value: number, target: number): Finding {
  return { what, target: `<= ${target}`, measured: value.toFixed(4), isMet: value <= target }
}

/** What each margin would have cost where the loop and workers are near one another. */
function rateMargins(random: Random): Finding[] {
  const near: DecisionOutcome[] = []
  for (let count = 0; count < MISJUDGED_MAPS; count++) {
    const map = new SimulatedMap(randomMap(random), random)
    const outcome = tryDecision(map, misjudged(map.costs, random))
    const ratio = outcome.loopMs / outcome.parallelMs
    if (ratio < BREAK_EVEN_FACTOR && ratio > 1 / BREAK_EVEN_FACTOR) near.push(outcome)
  }
  return MARGINS.map((margin) => {
    const outcomes = near.map(({ promised, loopMs, parallelMs }) => {
      const timeMs = promised < margin ? parallelMs : loopMs
      return {
        regret: timeMs / Math.min(loopMs, parallelMs),
        isLoss: timeMs > NOTABLE_LOSS * loopMs,
      }
    })
    const meanRegret = outcomes.reduce((sum, { regret }) => sum + regret, 0) / near.length
    const lossShare = outcomes.filter(({ isLoss }) => isLoss).length / near.length
    return {
      what: `parallel below ${margin.toFixed(2)} of the loop, ${near.length} misjudged maps near the break-even`,
      measured: `mean regret ${meanRegret.toFixed(4)}, over 5 % slower than the loop in ${(100 * lossShare).toFixed(1)} %`,
    }
  })
}

/** The costs as a dry run may have measured them. */
function misjudged(costs: Costs, random: Random): Costs {
  const off = (value: number, error: number = OVERHEAD_ERROR): number =>
    value * Math.exp(error * normalDeviate(random))
  const { workerItemTimeMs, coefficientOfVariation, dispatch } = costs
  const itemTimeMs = off(workerItemTimeMs, ITEM_TIME_ERROR)
  return {
    ...costs,
    mainItemTimeMs: itemTimeMs,
    workerItemTimeMs: itemTimeMs,
    coefficientOfVariation: off(coefficientOfVariation),
    trend: 0,
    // What workers do to one another, a dry run with one worker does not see.
    contention: 0,
    dispatch: dispatch && {
      ...dispatch,
      dispatchMs: off(dispatch.dispatchMs),
      mainDispatchMs: off(dispatch.mainDispatchMs),
      cloneMs: off(dispatch.cloneMs),
      startUpMs: off(dispatch.startUpMs),
    },
  }
}

function quantileOf(values: readonly number[], share: number): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    share,
  )
}

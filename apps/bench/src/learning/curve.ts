/** How a stream of maps fares while the model learns: predicted where it is sure, else by a dry run. */
import type { AskedRun } from './asked-run.ts'
import type { Predictor } from './predictors.ts'

/** Runs that are looked at, counted from 1. */
export const CURVE: readonly number[] = [1, 3, 5, 10, 100]

/** Less is not acted on: the usual threshold. */
const THRESHOLD = 0.7

/** One of those runs. */
export interface CurvePoint {
  readonly run: number
  readonly isPredicted: boolean
  readonly regret: number
}

/** Goes through a stream, the model learning every run of it. */
export function followStream(runs: readonly AskedRun[], predictor: Predictor): CurvePoint[] {
  return runs.flatMap((run) => {
    const isLookedAt = CURVE.includes(run.nth + 1)
    const said = isLookedAt ? predictor.answer(run, false) : undefined
    const isPredicted = said !== undefined && said.confidence >= THRESHOLD
    predictor.learn(run)
    if (!isLookedAt) return []
    const plan = isPredicted ? said.plan : run.planned
    return { run: run.nth + 1, isPredicted, regret: run.regretOf(plan) }
  })
}

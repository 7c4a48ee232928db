/** How a stream of maps fares while the model learns: predicted where it is sure, else by a dry run. */
import type { Predictor } from './predictors.ts'
import type { StreamRun } from './stream.ts'

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

/** Goes through a stream, the model learning every run of it as it was carried out. */
export function followStream(runs: readonly StreamRun[], predictor: Predictor): CurvePoint[] {
  return runs.flatMap((run) => {
    const said = predictor.answer(run, false)
    const prediction = said && said.confidence >= THRESHOLD ? said : undefined
    predictor.learn(prediction ? { ...run, sample: run.sampleAfter(prediction) } : run)
    if (!CURVE.includes(run.nth + 1)) return []
    const plan = prediction?.plan ?? run.planned
    return { run: run.nth + 1, isPredicted: prediction !== undefined, regret: run.regretOf(plan) }
  })
}

/** The second source: past runs, asked what this one would cost. */
import { countOf, describeChoice } from '../explain.ts'
import { askFor } from '../learning/ask.ts'
import { liveModelOf } from '../learning/live-model.ts'
import { FEWEST_SAMPLES } from '../learning/prediction-model.ts'
import type { PredictionModel } from '../learning/prediction-model.ts'
import { memoryWarnings } from '../memory.ts'
import type { Request } from '../request.ts'
import { MOST_WORKERS_PER_CORE, usesWorkers } from '../search.ts'
import type { Plan } from '../search.ts'
import type { Decision, Declined } from './source.ts'
import { warmForNext } from './warm-for-next.ts'

/** What a prediction says of itself beside the decision. */
export interface PredictedDecision<O> extends Decision<O> {
  readonly confidence: number
  readonly featureMatch: number
  readonly trainingSamples: number
}

/** Decides by the runs of this function and of others like it, where they are alike enough. */
export async function decideFromPrediction<I, O>(
  request: Request<I, O>,
): Promise<Decision<O> | Declined> {
  const outcome = await predict(request)
  if ('declined' in outcome) request.say(() => `ML Prediction: ${outcome.declined}`)
  else for (const line of describe(outcome)) request.say(() => line)
  return outcome
}

async function predict<I, O>(request: Request<I, O>): Promise<PredictedDecision<O> | Declined> {
  const live = liveModelOf(await request.openStore())
  const model = await live.model()
  request.say(() => `ML Prediction: Loaded ${live.sampleCount} training samples from cache`)
  if (model.size < FEWEST_SAMPLES) {
    const declined = `Insufficient training data (${model.size} of ${FEWEST_SAMPLES} samples)`
    return { declined }
  }
  const decision =
    request.predictor === 'average'
      ? predictByAverage(model, request)
      : predictByModel(model, request)
  const threshold = request.mlConfidenceThreshold
  if (decision && decision.confidence >= threshold) {
    const { costs, plan, estimatedTimeMs } = decision
    if (costs && mayWantWorkers(request, plan)) warmForNext(request, costs, estimatedTimeMs)
    return decision
  }
  const confidence = percent(decision?.confidence ?? 0)
  return {
    declined: `Confidence too low (${confidence} < ${percent(threshold)}), falling back to dry run`,
  }
}

/** Whether to look for more workers may be worth it, which takes as long as the search for the plan. */
function mayWantWorkers<I, O>(
  { pool, maxWorkers, mayOversubscribe }: Request<I, O>,
  plan: Plan,
): boolean {
  const most = mayOversubscribe ? MOST_WORKERS_PER_CORE * maxWorkers : maxWorkers
  const { warmWorkers } = pool
  return warmWorkers < most && (!usesWorkers(plan) || plan.nJobs >= warmWorkers)
}

function predictByModel<I, O>(
  model: PredictionModel,
  request: Request<I, O>,
): PredictedDecision<O> | undefined {
  const prediction = model.predict(askFor(request), request)
  if (!prediction) return undefined
  const { basis, plan, estimatedTimeMs, estimatedSpeedup, features, costs, search } = prediction
  const { confidence, confidenceSource, featureMatch, trainingSamples } = prediction
  const runs = countOf(model.history.runsOf(request.task.signature).length, 'past run')
  return {
    source: 'prediction',
    plan,
    estimatedTimeMs,
    estimatedSpeedup,
    reason:
      basis === 'own'
        ? `${runs} of this function: ${describeChoice(search, costs)}`
        : `Past runs of other functions: ${describeChoice(search, costs)}`,
    warnings: memoryWarnings(costs, request),
    features,
    costs,
    search,
    confidence,
    confidenceSource,
    featureMatch,
    trainingSamples,
  }
}

function predictByAverage<I, O>(
  model: PredictionModel,
  request: Request<I, O>,
): PredictedDecision<O> | undefined {
  const prediction = model.predictByAverage(askFor(request), request)
  if (!prediction) return undefined
  const { basis: _basis, rawConfidence: _raw, ...predicted } = prediction
  return {
    ...predicted,
    source: 'prediction',
    reason: `The mean of the nearest of ${predicted.trainingSamples} past runs`,
    warnings: [],
  }
}

function describe<O>(decision: PredictedDecision<O>): string[] {
  const { plan, confidence, trainingSamples, featureMatch } = decision
  return [
    `✓ ML Prediction: n_jobs=${plan.nJobs}, chunksize=${plan.chunkSize}, confidence=${percent(confidence)}`,
    `  Training samples: ${trainingSamples}, Feature match: ${percent(featureMatch)}`,
  ]
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

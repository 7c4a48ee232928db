/** A decision by the plain mean over the nearest runs: `predictor: 'average'`. */
import type { AverageModel, AverageTarget } from '../learning/average-model.ts'
import { askFor } from '../learning/ask.ts'
import type { History } from '../learning/history.ts'
import { mayUseMainThread } from '../request.ts'
import type { Request } from '../request.ts'
import type { Plan } from '../search.ts'
import type { PredictedDecision } from './from-prediction.ts'

/** Asks with what the function's last run measured; `undefined` where it never ran. */
export function predictByAverage<I, O>(
  average: AverageModel,
  history: History,
  request: Request<I, O>,
): PredictedDecision<O> | undefined {
  const last = history.runsOf(request.task.signature).at(-1)
  if (!last) return undefined
  const features = {
    ...last.features,
    ...askFor(request).features,
    itemTimeMs: last.features.itemTimeMs,
  }
  const prediction = average.predict(features)
  if (!prediction) return undefined
  const { targets, confidence, featureMatch, trainingSamples } = prediction
  const plan = planOf(targets, request)
  const estimatedSpeedup = plan.executor === 'serial' ? 1 : targets.speedup
  const serialMs = request.items.length * features.itemTimeMs
  return {
    source: 'prediction',
    plan,
    estimatedTimeMs: serialMs / Math.max(estimatedSpeedup, Number.EPSILON),
    estimatedSpeedup,
    reason: `The mean of the nearest of ${trainingSamples} past runs`,
    warnings: [],
    features,
    confidence,
    confidenceSource: 'raw',
    featureMatch,
    trainingSamples,
  }
}

function planOf<I, O>(targets: Record<AverageTarget, number>, request: Request<I, O>): Plan {
  const { items, maxWorkers, runtime } = request
  const nJobs = Math.min(targets.nJobs, maxWorkers)
  const isSerial = maxWorkers === 0 || (nJobs <= 1 && mayUseMainThread(request, 0))
  if (isSerial) return { executor: 'serial', nJobs: 1, chunkSize: Math.max(1, items.length) }
  const largestChunk = Math.max(1, Math.ceil(items.length / Math.max(1, nJobs)))
  const chunkSize = Math.min(targets.chunkSize, largestChunk)
  return { executor: runtime, nJobs: Math.max(1, nJobs), chunkSize }
}

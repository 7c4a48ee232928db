/** The second source: past runs, by k nearest neighbours. */
import type { TrainingSample } from '@amorsize/cache'
import { toVector, FEATURE_NAMES } from '@amorsize/features'
import type { WorkloadFeatures } from '@amorsize/features'
import { KnnPredictor } from '@amorsize/knn'
import type { Prediction } from '@amorsize/knn'

import { mayUseMainThread } from '../request.ts'
import type { Request } from '../request.ts'
import type { Plan } from '../search.ts'
import type { Decision, Declined } from './source.ts'

/** Fewer samples make no prediction. */
const FEWEST_SAMPLES = 3

/** What is predicted of a run. */
type Target = 'nJobs' | 'chunkSize' | 'speedup'

/** Decides by the runs of this function and of others like it, where they are alike enough. */
export async function decideFromPrediction<I, O>(
  request: Request<I, O>,
): Promise<Decision<O> | Declined> {
  if (!request.useMlPrediction) return { declined: 'Prediction is not used' }
  const outcome = await predict(request)
  if ('declined' in outcome) request.say(() => `ML Prediction: ${outcome.declined}`)
  return outcome
}

async function predict<I, O>(request: Request<I, O>): Promise<Decision<O> | Declined> {
  const store = await request.openStore()
  const { samples } = await store.loadSamples()
  request.say(() => `ML Prediction: Loaded ${samples.length} training samples from cache`)
  if (samples.length < FEWEST_SAMPLES) {
    const declined = `Insufficient training data (${samples.length} of ${FEWEST_SAMPLES} samples)`
    return { declined }
  }
  const features = featuresFromHistory(samples, request)
  if (!features) return { declined: 'No past run of this function, falling back to dry run' }

  const threshold = request.mlConfidenceThreshold
  const prediction = predictorOf(samples).predict(toVector(features), { confidenceThreshold: 0 })
  if (!prediction || prediction.confidence < threshold) {
    const confidence = percent(prediction?.confidence ?? 0)
    return {
      declined: `Confidence too low (${confidence} < ${percent(threshold)}), falling back to dry run`,
    }
  }
  return toDecision(prediction, features, request)
}

function predictorOf(samples: readonly TrainingSample[]): KnnPredictor<Target> {
  const predictor = new KnnPredictor<Target>({
    dimensions: FEATURE_NAMES.length,
    featureNames: FEATURE_NAMES,
    targets: { nJobs: {}, chunkSize: { scale: 'log' }, speedup: { integer: false, min: 0 } },
  })
  return predictor.addAll(
    samples.map(({ features, nJobs, chunkSize, speedup }) => ({
      features: toVector(features),
      targets: { nJobs, chunkSize, speedup },
    })),
  )
}

/** What the last run of the same function measured, at today's size on today's machine. */
function featuresFromHistory<I, O>(
  samples: readonly TrainingSample[],
  { task, items, system, runtime }: Request<I, O>,
): WorkloadFeatures | undefined {
  const last = samples.findLast(({ functionSignature }) => functionSignature === task.signature)
  return (
    last && {
      ...last.features,
      dataSize: items.length,
      physicalCores: system.physicalCores,
      availableMemoryBytes: system.availableMemoryBytes,
      startMethod: runtime,
    }
  )
}

function toDecision<I, O>(
  prediction: Prediction<Target>,
  features: WorkloadFeatures,
  request: Request<I, O>,
): Decision<O> {
  const { targets, confidence, trainingSamples, featureMatch } = prediction
  const plan = planOf(targets, request)
  request.say(
    () =>
      `✓ ML Prediction: n_jobs=${plan.nJobs}, chunksize=${plan.chunkSize}, confidence=${percent(confidence)}`,
  )
  request.say(
    () => `  Training samples: ${trainingSamples}, Feature match: ${percent(featureMatch)}`,
  )
  const estimatedSpeedup = plan.executor === 'serial' ? 1 : targets.speedup
  const serialMs = request.items.length * features.itemTimeMs
  return {
    source: 'prediction',
    plan,
    estimatedTimeMs: serialMs / Math.max(estimatedSpeedup, Number.EPSILON),
    estimatedSpeedup,
    reason: `${trainingSamples} past runs, the nearest of them ${percent(featureMatch)} alike`,
    warnings: [],
    features,
    confidence,
  }
}

function planOf<I, O>(targets: Record<Target, number>, request: Request<I, O>): Plan {
  const { items, maxWorkers, runtime } = request
  const nJobs = Math.min(targets.nJobs, maxWorkers)
  const isSerial = nJobs <= 1 && mayUseMainThread(request, 0)
  if (isSerial) return { executor: 'serial', nJobs: 1, chunkSize: Math.max(1, items.length) }
  const largestChunk = Math.max(1, Math.ceil(items.length / Math.max(1, nJobs)))
  const chunkSize = Math.min(targets.chunkSize, largestChunk)
  return { executor: runtime, nJobs: Math.max(1, nJobs), chunkSize }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

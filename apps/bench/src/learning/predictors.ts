/** What is asked for plans: the model of `@amorsize/core`, parts of it switched off, and the plain mean. */
import { FEATURE_NAMES, KnnPredictor, loadPredictionModel, toVector } from '@amorsize/core'
import type {
  ModelPrediction,
  ModelSettings,
  Plan,
  PredictionModel,
  WorkloadFeatures,
} from '@amorsize/core'

import { planWithin } from './asked-run.ts'
import type { AskedRun } from './asked-run.ts'

const Model: typeof PredictionModel = await loadPredictionModel()

/** What a predictor says of a run. */
export type Said = Pick<ModelPrediction, 'confidence' | 'rawConfidence'> & { readonly plan: Plan }

/** Something that learns runs and answers. */
export interface Predictor {
  /** Takes a run in; how the runs before it would have predicted it, where that is tried. */
  learn(run: AskedRun): ReturnType<PredictionModel['learn']>
  answer(run: AskedRun, isItemTimeGiven: boolean): Said | undefined
}

/** What a model is not told, to see what telling it is worth. */
export type Untold = 'itemSize' | 'mayWait' | 'contention' | 'waitShare' | 'cloneMs'

/** The model of costs. */
export function costModel(settings: Partial<ModelSettings> = {}, untold?: Untold): Predictor {
  const model = new Model(settings)
  return {
    learn: ({ sample }) => model.learn(untold ? { ...sample, [untold]: undefined } : sample),
    answer({ query, limits, guessedItemTimeMs }, isItemTimeGiven) {
      const known = query(isItemTimeGiven ? guessedItemTimeMs : undefined)
      return model.predict(untold ? { ...known, [untold]: undefined } : known, limits)
    },
  }
}

/** As many models as machines: none learns from another machine's runs. */
export function modelPerMachine(): Predictor {
  const models = new Map<string | undefined, Predictor>()
  const modelOf = ({ sample: { machine } }: AskedRun): Predictor => {
    let model = models.get(machine)
    if (!model) models.set(machine, (model = costModel()))
    return model
  }
  return {
    learn: (run) => modelOf(run).learn(run),
    answer: (run, isItemTimeGiven) => modelOf(run).answer(run, isItemTimeGiven),
  }
}

/** Item times of a function's earlier runs are averaged as they are, or by their logarithms. */
export type MeanScale = 'linear' | 'log'

/** Runs after which an older one counts half. */
const HALF_LIFE_RUNS = 2

/** The model of costs, the mean item time of the function's runs on the machine worked out here. */
export function modelTold(scale: MeanScale): Predictor {
  const model = costModel()
  const means = new Map<string, { sum: number; weight: number }>()
  const [into, back] = scale === 'log' ? [Math.log, Math.exp] : [Number, Number]
  const fade = 2 ** (-1 / HALF_LIFE_RUNS)
  const nameOf = ({ sample }: AskedRun): string => `${sample.functionSignature} ${sample.machine}`
  return {
    learn(run) {
      const { sum, weight } = means.get(nameOf(run)) ?? { sum: 0, weight: 0 }
      const value = into(run.sample.features.itemTimeMs)
      means.set(nameOf(run), { sum: fade * sum + value, weight: fade * weight + 1 })
      return model.learn(run)
    },
    answer(run) {
      const mean = means.get(nameOf(run))
      if (!mean) return undefined
      return model.answer({ ...run, guessedItemTimeMs: back(mean.sum / mean.weight) }, true)
    },
  }
}

/** The plain mean over the nearest runs, as DESIGN section 4 has it. */
export function averageModel(chunkScale: MeanScale = 'log'): Predictor {
  const knn = new KnnPredictor<'nJobs' | 'chunkSize'>({
    dimensions: FEATURE_NAMES.length,
    targets: { nJobs: {}, chunkSize: { scale: chunkScale } },
  })
  const lastOf = new Map<string, WorkloadFeatures>()
  return {
    learn({ sample }) {
      const { nJobs, chunkSize, features, functionSignature, executor } = sample
      // Items in flight of an asynchronous run are no workers.
      const workers = executor === 'async' ? 1 : nJobs
      knn.add({ features: toVector(features), targets: { nJobs: workers, chunkSize } })
      lastOf.set(functionSignature, features)
      return undefined
    },
    answer(run, isItemTimeGiven) {
      const last = lastOf.get(run.sample.functionSignature)
      const itemTimeMs = isItemTimeGiven ? run.guessedItemTimeMs : last?.itemTimeMs
      if (itemTimeMs === undefined) return undefined
      const { features } = run.query(itemTimeMs)
      const asked = { ...last, ...features, itemTimeMs }
      const said = knn.predict(toVector(asked), { confidenceThreshold: 0 })
      if (!said) return undefined
      const { nJobs, chunkSize } = said.targets
      const { confidence } = said
      return { confidence, rawConfidence: confidence, plan: planWithin(run, nJobs, chunkSize) }
    },
  }
}

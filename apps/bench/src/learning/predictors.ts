/** What is asked for plans: the model of `@amorsize/core`, parts of it switched off, and the plain mean. */
import { loadPredictionModel } from '@amorsize/core'
import type { ModelPrediction, ModelSettings, PredictionModel } from '@amorsize/core'

import type { AskedRun } from './asked-run.ts'

const Model: typeof PredictionModel = await loadPredictionModel()

/** What a predictor says of a run. */
export type Said = Pick<ModelPrediction, 'confidence' | 'rawConfidence' | 'plan' | 'features'>

/** Something that learns runs and answers. */
export interface Predictor {
  /** Takes a run in; how the runs before it would have predicted it, where that is tried. */
  learn(run: AskedRun): ReturnType<PredictionModel['learn']>
  answer(run: AskedRun, isItemTimeGiven: boolean): Said | undefined
}

/** What a model is not told, to see what telling it is worth. */
export type Untold = 'itemSize' | 'mayWait' | 'contention' | 'waitShare' | 'cloneMs'

/** The model of costs; with an example of an item and its result where it is given the item time. */
export function costModel(
  settings: Partial<ModelSettings> = {},
  untold?: Untold,
  hasExample = false,
): Predictor {
  const model = new Model(settings)
  return {
    learn: ({ sample }) => model.learn(untold ? { ...sample, [untold]: undefined } : sample),
    answer({ query, limits, guessedItemTimeMs, guessedCloneMs }, isItemTimeGiven) {
      const asked = query(isItemTimeGiven ? guessedItemTimeMs : undefined)
      const known = hasExample && isItemTimeGiven ? { ...asked, cloneMs: guessedCloneMs } : asked
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

/** The plain mean over the nearest runs. */
export function averageModel(): Predictor {
  const model = new Model()
  return {
    learn({ sample }) {
      model.learn(sample)
      return undefined
    },
    answer: ({ query, limits, guessedItemTimeMs }, isItemTimeGiven) =>
      model.predictByAverage(query(isItemTimeGiven ? guessedItemTimeMs : undefined), limits),
  }
}

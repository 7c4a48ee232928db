/** The three questions that a model is asked about runs it has not seen, and the plans of baselines. */
import { FEATURE_NAMES, KnnPredictor, loadPredictionModel, toVector } from '@amorsize/core'
import type { ModelSettings, WorkloadFeatures } from '@amorsize/core'

import { limitsOf, queryOf } from './observe.ts'
import type { Judged } from './scores.ts'
import type { StreamedRun } from './stream.ts'
import { bestMs, runPlan } from './workload.ts'
import type { SimulatedPlan, Workload } from './workload.ts'

/** Time of a plan over that of the best. */
export function regretOf(workload: Workload, plan: SimulatedPlan): number {
  return runPlan(workload, plan).makespanMs / bestMs(workload)
}

/** What a predictor said, and the run it said it of. */
export interface Answer extends Judged {
  readonly run: StreamedRun
  readonly rawConfidence: number
}

/** Something that learns runs and answers. */
export interface Predictor {
  learn(run: StreamedRun): void
  answer(run: StreamedRun, isItemTimeGiven: boolean): Answer | undefined
}

const PredictionModel = await loadPredictionModel()

/** What a model is not told, to see what telling it is worth. */
export type Untold = 'itemSize' | 'mayWait' | 'contention'

/** The model of costs. */
export function costModel(settings: Partial<ModelSettings> = {}, untold?: Untold): Predictor {
  const model = new PredictionModel(settings)
  return {
    learn: ({ sample }) => void model.learn(untold ? { ...sample, [untold]: undefined } : sample),
    answer(run, isItemTimeGiven) {
      const known = queryOf(run.workload, isItemTimeGiven ? run.guessedItemTimeMs : undefined)
      const query = untold ? { ...known, [untold]: undefined } : known
      const said = model.predict(query, limitsOf(run.workload))
      if (!said) return undefined
      const { confidence, rawConfidence } = said
      return { run, confidence, rawConfidence, regret: regretOf(run.workload, said.plan) }
    },
  }
}

/** The plain mean over the nearest runs, as DESIGN section 4 has it. */
export function averageModel(chunkScale: 'linear' | 'log' = 'log'): Predictor {
  const knn = new KnnPredictor<'nJobs' | 'chunkSize'>({
    dimensions: FEATURE_NAMES.length,
    targets: { nJobs: {}, chunkSize: { scale: chunkScale } },
  })
  const lastOf = new Map<string, WorkloadFeatures>()
  return {
    learn({ sample }) {
      const { nJobs, chunkSize, features, functionSignature } = sample
      knn.add({ features: toVector(features), targets: { nJobs, chunkSize } })
      lastOf.set(functionSignature, features)
    },
    answer(run, isItemTimeGiven) {
      const last = lastOf.get(run.workload.fn.signature)
      const itemTimeMs = isItemTimeGiven ? run.guessedItemTimeMs : last?.itemTimeMs
      if (itemTimeMs === undefined) return undefined
      const { features } = queryOf(run.workload, itemTimeMs)
      const asked = { ...last, ...features, itemTimeMs }
      const said = knn.predict(toVector(asked), { confidenceThreshold: 0 })
      if (!said) return undefined
      const regret = regretOf(run.workload, averagePlan(run.workload, said.targets))
      return { run, confidence: said.confidence, rawConfidence: said.confidence, regret }
    },
  }
}

function averagePlan(
  { machine, itemTimesMs }: Workload,
  { nJobs, chunkSize }: Readonly<Record<'nJobs' | 'chunkSize', number>>,
): SimulatedPlan {
  const workers = Math.min(nJobs, machine.cores)
  if (workers <= 1) return loopPlan()
  const largest = Math.ceil(itemTimesMs.length / workers)
  return { executor: 'worker_threads', nJobs: workers, chunkSize: Math.min(chunkSize, largest) }
}

/** The plain loop. */
export function loopPlan(): SimulatedPlan {
  return { executor: 'serial', nJobs: 1, chunkSize: 1 }
}

/** All cores, four chunks each. */
export function defaultPlan({ machine, itemTimesMs }: Workload): SimulatedPlan {
  const chunkSize = Math.ceil(itemTimesMs.length / (4 * machine.cores))
  return { executor: 'worker_threads', nJobs: machine.cores, chunkSize }
}

/** A known function: each run is predicted from all before it. */
export function askInTurn(runs: readonly StreamedRun[], predictor: Predictor): Answer[] {
  const known = new Set<string>()
  return runs.flatMap((run) => {
    const name = `${run.workload.fn.signature} ${run.workload.machine.name}`
    const answer = known.has(name) ? predictor.answer(run, false) : undefined
    known.add(name)
    predictor.learn(run)
    return answer ?? []
  })
}

/** Functions left out at once: a model less to train for each, and the history loses a twentieth. */
const LEFT_OUT = 4

/** A stranger, its item time given: nothing of the function was learned. */
export function askLeavingFunctionsOut(
  runs: readonly StreamedRun[],
  makePredictor: () => Predictor,
  asked: number,
): Answer[] {
  const signatures = [...new Set(runs.map(({ workload }) => workload.fn.signature))]
  const folds = Array.from({ length: Math.ceil(signatures.length / LEFT_OUT) }, (_, fold) =>
    signatures.slice(fold * LEFT_OUT, (fold + 1) * LEFT_OUT),
  )
  return folds.flatMap((leftOut) => {
    const predictor = makePredictor()
    const isLeftOut = (run: StreamedRun): boolean => leftOut.includes(run.workload.fn.signature)
    for (const run of runs) if (!isLeftOut(run)) predictor.learn(run)
    const questions = runs.filter((run) => isLeftOut(run) && run.nth < asked)
    return questions.flatMap((run) => predictor.answer(run, true) ?? [])
  })
}

/** A new machine: nothing on it was learned, the functions elsewhere were. */
export function askLeavingMachinesOut(
  runs: readonly StreamedRun[],
  makePredictor: () => Predictor,
  asked: number,
): Answer[] {
  const names = new Set(runs.map(({ workload }) => workload.machine.name))
  return [...names].flatMap((name) => {
    const predictor = makePredictor()
    const isLeftOut = (run: StreamedRun): boolean => run.workload.machine.name === name
    for (const run of runs) if (!isLeftOut(run)) predictor.learn(run)
    const questions = runs.filter((run) => isLeftOut(run) && run.nth < asked)
    return questions.flatMap((run) => predictor.answer(run, false) ?? [])
  })
}

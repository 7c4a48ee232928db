/** The model of past runs: it takes runs in and says how a run to come should be carried out. */
import type { SampleList, TrainingSample } from '@amorsize/cache'
import type { WorkloadFeatures } from '@amorsize/features'

import type { Costs, MemoryCosts } from '../cost-model.ts'
import { fitsMemory } from '../fits-memory.ts'
import { usualMemory } from '../memory.ts'
import type { Plan, SearchLimits, SearchResult } from '../search.ts'
import { AverageModel } from './average-model.ts'
import type { AveragePrediction } from './average-model.ts'
import { proximityOf, rateEstimate, trustWithin } from './confidence.ts'
import type { Estimate } from './estimate.ts'
import { estimateFromOwn, estimateFromStrangers } from './estimate.ts'
import { History, MOST_RUNS } from './history.ts'
import { hasSameContext } from './likeness.ts'
import { choosePredictedPlan } from './predicted-plan.ts'
import type { Query } from './query.ts'
import { fieldsOf, readRun } from './run.ts'
import type { Run } from './run.ts'
import { RunTable } from './run-table.ts'
import type { JudgedConfidence } from './track.ts'
import { attemptOn, trialOf } from './trial.ts'
import type { Basis, Trial } from './trial.ts'
import { resolveSettings } from './settings.ts'
import type { ModelSettings } from './settings.ts'

/**
 * How a run should be carried out, by past runs.
 * @public
 */
export interface ModelPrediction extends JudgedConfidence {
  /** By the function's own past, or by that of the functions most like it. */
  readonly basis: Basis
  /** How to run it. */
  readonly plan: Plan
  /** Expected time of the plan, milliseconds. */
  readonly estimatedTimeMs: number
  /** Expected time of the plain loop over that; infinite where the loop is not allowed. */
  readonly estimatedSpeedup: number
  /** The confidence before calibration, 0..1. */
  readonly rawConfidence: number
  /** How alike the runs that were asked are to the workload, 0..1. */
  readonly featureMatch: number
  /** Runs that the model knows. */
  readonly trainingSamples: number
  /** The workload, what was not known filled in. */
  readonly features: WorkloadFeatures
  /** What the plan was computed from. */
  readonly costs: Costs
  /** What the plan was held against. */
  readonly search: SearchResult
}

/** Runs tried when a history is loaded; a calibration needs 10, and a process should start soon. */
const MOST_TRIALS = 100

/** Fewer runs make no prediction. */
export const FEWEST_SAMPLES = 3

/**
 * Past runs, and what they say of those to come. The same runs in the same order give the same
 * answers.
 * @public
 */
export class PredictionModel {
  #history: History
  /** Made of the history when first asked for. */
  #average: AverageModel | undefined

  /** @param settings - Those that differ from the defaults: trials made with others do not count. */
  constructor(settings: Partial<ModelSettings> = {}) {
    this.#history = new History(resolveSettings(settings))
  }

  /** Number of runs. */
  get size(): number {
    return this.#history.size
  }

  /** The settings. */
  get settings(): ModelSettings {
    return this.#history.settings
  }

  /** The runs of a function that are held, the oldest first. @internal */
  get history(): History {
    return this.#history
  }

  /**
   * Takes a run in. Where the sample does not tell how the runs before it would have predicted it,
   * that is tried first.
   *
   * @returns How they would have, or did; `undefined` for a sample that cannot be true, that is known
   * already, or that no run before it says anything about.
   */
  learn(sample: TrainingSample): Trial | undefined {
    return this.#take(sample, true)
  }

  /**
   * Takes a run in as {@link PredictionModel.learn} does.
   * @returns The fields that its sample should be kept with, so that nobody has to try again.
   */
  tryAndLearn(sample: TrainingSample): Readonly<Record<string, number>> {
    const trial = this.learn(sample)
    return trial ? fieldsOf(trial) : {}
  }

  /**
   * Takes a history in, the oldest run first. Of runs that do not tell how the earlier ones would have
   * predicted them, only the latest are tried: it takes a tenth of a millisecond each. Where a list
   * has columns, most runs are read when a question needs them; so it must not change.
   */
  learnAll(samples: SampleList): void {
    const firstTried = samples.length - MOST_TRIALS
    let place = this.#beginWith(samples, firstTried)
    for (; place < samples.length; place++) this.#take(samples.at(place)!, place >= firstTried)
  }

  /** Takes in by columns what can be; how many samples that were. */
  #beginWith(samples: SampleList, firstTried: number): number {
    const { settings, settingsDigest } = this.#history
    if (this.size > 0 || samples.length > MOST_RUNS) return 0
    const past = RunTable.of(samples, settingsDigest, firstTried)
    if (!past) return 0
    this.#history = new History(settings, past)
    this.#average = undefined
    return past.end
  }

  #take(sample: TrainingSample, isTried: boolean): Trial | undefined {
    const run = readRun(sample)
    if (!run || !this.#history.note(run)) return undefined
    const { settingsDigest } = this.#history
    if (run.trial?.model === settingsDigest) {
      this.#add(run)
      return run.trial
    }
    const trial = isTried ? trialOf(attemptOn(this.#history, run), settingsDigest) : undefined
    this.#add({ ...run, trial })
    return trial
  }

  #add(run: Run): void {
    const before = this.size
    this.#history.add(run)
    if (this.size > before) this.#average?.add(run)
    // The history dropped its oldest runs; a mean cannot take any back.
    else this.#average = undefined
  }

  /** Predicts; `undefined` below three runs, or where none says anything of the workload. */
  predict(query: Query, limits: SearchLimits): ModelPrediction | undefined {
    const history = this.#history
    if (history.size < FEWEST_SAMPLES) return undefined
    const estimate = estimateFromOwn(history, query) ?? estimateFromStrangers(history, query)
    if (!estimate) return undefined
    const { basis, features } = estimate
    const memory = usualMemory(features)
    const costs = { ...estimate.costs, memory }
    const asked = fitsMemory(costs, limits.maxWorkers, 1) ? estimate : within(estimate, memory)
    const search = choosePredictedPlan(asked.costs, limits)
    const { executor, nJobs, chunkSize, makespanMs } = search.best
    const plan: Plan = { executor, nJobs, chunkSize }
    const rawConfidence = rateEstimate(asked, plan, limits)
    const { confidence, confidenceSource } = this.#judge(estimate, rawConfidence, query.signature)
    return {
      basis,
      plan,
      estimatedTimeMs: makespanMs,
      estimatedSpeedup: makespanMs > 0 ? search.serial.makespanMs / makespanMs : 1,
      rawConfidence,
      confidence,
      confidenceSource,
      featureMatch: proximityOf(estimate),
      trainingSamples: history.size,
      features,
      costs,
      search,
    }
  }

  /**
   * Predicts by the plain mean of the nearest runs, which {@link PredictionModel.predict} has to be
   * better than; `undefined` below three runs, or where no item time is known: neither given nor that
   * of a run with the same context.
   */
  predictByAverage(query: Query, limits: SearchLimits): AveragePrediction | undefined {
    this.#average ??= new AverageModel([...this.#history.latestRuns()].toReversed())
    const last = this.#history.runsOf(query.signature).findLast((run) => hasSameContext(run, query))
    return this.#average.predict(query, last, limits)
  }

  /** Outcomes tell what an estimate is worth, and nothing of guesses. */
  #judge(estimate: Estimate, raw: number, signature: string): JudgedConfidence {
    if (estimate.isGuess) return { confidence: raw, confidenceSource: 'raw' }
    const judged = this.#history.track.judge(raw, estimate.basis, signature)
    const { confidence, confidenceSource } = judged
    if (confidenceSource === 'raw') return judged
    return { confidence: confidence * trustWithin(estimate), confidenceSource }
  }
}

/** An estimate for so much memory: what keeps a plan from being chosen does not make it look worse than others. */
function within(estimate: Estimate, memory: MemoryCosts): Estimate {
  const { costs, worlds } = estimate
  const limited = (all: Costs): Costs => ({ ...all, memory })
  return { ...estimate, costs: limited(costs), worlds: worlds.map(limited) }
}

/** Plans by models other than core's: of the costs that they tell, or told outright. */
import { choosePlan } from '@amorsize/core'
import type { Plan } from '@amorsize/core'
import { median } from '@amorsize/features'

import { planWithin } from '../learning/asked-run.ts'
import type { AskedRun } from '../learning/asked-run.ts'
import { foldsOf } from '../learning/trials.ts'
import { featuresOf, historicalSpeedups } from './features.ts'
import type { Candidate } from './features.ts'
import type { Learner } from './learners.ts'

/** What is learned: the costs that a caller cannot tell, or the plan itself. */
export type Aim = 'costs' | 'plan'

/** A model to try. */
export interface CandidateModel {
  readonly learner: Learner
  readonly aim: Aim
  readonly candidates: readonly Candidate[]
}

/** A run that was asked about, and what came of it. */
export interface CandidateAnswer {
  readonly run: AskedRun
  readonly regret: number
}

/** Runs to learn from, and runs to ask about. */
export interface Split {
  readonly learned: readonly AskedRun[]
  readonly asked: readonly AskedRun[]
}

/** Runs of a function that are learned, from the second on: the first has no history. */
const LEARNED = 4

/** Of a left-out function as many are asked about. */
export function leaveFunctionsOut(runs: readonly AskedRun[], together: number): Split[] {
  const used = runs.filter(({ nth }) => nth > 0 && nth < LEARNED)
  return foldsOf(used, together).map((leftOut) => {
    const isLeftOut = ({ sample }: AskedRun): boolean => leftOut.has(sample.functionSignature)
    return { learned: used.filter((run) => !isLeftOut(run)), asked: used.filter(isLeftOut) }
  })
}

/** The next run of known functions. */
export function askNextRun(runs: readonly AskedRun[]): Split[] {
  const learned = runs.filter(({ nth }) => nth > 0 && nth < LEARNED)
  return [{ learned, asked: runs.filter(({ nth }) => nth === LEARNED) }]
}

/** What a model makes of the runs that are asked about. */
export function tryCandidate(
  runs: readonly AskedRun[],
  splits: readonly Split[],
  model: CandidateModel,
): CandidateAnswer[] {
  const speedups = historicalSpeedups(runs)
  const features = (run: AskedRun): number[] => featuresOf(run, model.candidates, speedups)
  return splits.flatMap(({ learned, asked }) => {
    const plans = PLANS[model.aim](model.learner, learned, asked, features)
    return asked.map((run, place) => ({ run, regret: run.regretOf(plans[place]!) }))
  })
}

type Describe = (run: AskedRun) => number[]

/** Plans of the runs that are asked about. */
type TellPlans = (
  learner: Learner,
  learned: readonly AskedRun[],
  asked: readonly AskedRun[],
  features: Describe,
) => Plan[]

const tellPlans: TellPlans = (learner, learned, asked, features) => {
  const rows = learned.map((run) => {
    const { nJobs, chunkSize, executor, functionSignature: group } = run.sample
    const workers = executor === 'async' ? 1 : nJobs
    const targets = { nJobs: workers, logChunk: Math.log(chunkSize) }
    return { features: features(run), group, targets }
  })
  const told = learner(rows, ['nJobs', 'logChunk'], asked.map(features))
  return asked.map((run, place) => {
    const { nJobs, logChunk } = told[place]!
    return planWithin(run, nJobs, Math.exp(logChunk))
  })
}

const LEAST_MS = 1e-6

const tellCosts: TellPlans = (learner, learned, asked, features) => {
  const rows = learned
    .filter(({ sample }) => sample['isTainted'] === undefined)
    .map((run) => {
      const { sample } = run
      const measured = defined({
        variation: sample.features.coefficientOfVariation,
        waitShare: numberOf(sample['waitShare']),
        contention: numberOf(sample['contention']),
        logClone: logOf(numberOf(sample['cloneMs'])),
      })
      return { features: features(run), group: sample.functionSignature, targets: measured }
    })
  const targets = ['variation', 'waitShare', 'contention', 'logClone'] as const
  const told = learner(rows, targets, asked.map(features))
  return asked.map((run, place) => {
    const { variation, waitShare, contention, logClone } = told[place]!
    const { sample, limits, guessedItemTimeMs } = run
    const { usableCores, warmWorkers } = run.query(guessedItemTimeMs)
    const machineMs = (field: string, usualMs: number): number => {
      const measured = learned
        .filter((other) => other.sample.machine === sample.machine)
        .flatMap((other) => numberOf(other.sample[field]) ?? [])
      return measured.length > 0 ? median(measured) : usualMs
    }
    const dispatchMs = machineMs('dispatchMs', USUAL.dispatchMs)
    return choosePlan(
      {
        itemCount: sample.features.dataSize,
        mainItemTimeMs: guessedItemTimeMs,
        workerItemTimeMs: guessedItemTimeMs,
        coefficientOfVariation: Math.max(0, variation),
        waitShare: Math.min(1, Math.max(0, waitShare)),
        contention: Math.max(0, contention),
        usableCores,
        dispatch: {
          dispatchMs,
          mainDispatchMs: Math.min(dispatchMs, machineMs('mainDispatchMs', USUAL.mainDispatchMs)),
          cloneMs: Math.exp(logClone),
          startUpMs: machineMs('startUpMs', USUAL.startUpMs),
          warmWorkers,
        },
      },
      limits,
    ).best
  })
}

const PLANS: Record<Aim, TellPlans> = { costs: tellCosts, plan: tellPlans }

/** As core has them where nothing was measured. */
const USUAL = { dispatchMs: 0.05, mainDispatchMs: 0.025, startUpMs: 50 }

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function logOf(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.log(Math.max(LEAST_MS, value))
}

function defined<Name extends string>(
  values: Readonly<Record<Name, number | undefined>>,
): Partial<Record<Name, number>> {
  const known = Object.entries(values).filter(([, value]) => value !== undefined)
  // What is left are numbers.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(known) as Partial<Record<Name, number>>
}

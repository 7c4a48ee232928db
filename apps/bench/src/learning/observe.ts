/** What a real program would see of a simulated map: a dry run's sample, and the run's own figures. */
import { choosePlan } from '@amorsize/core'
import type {
  Costs,
  ModelPrediction,
  Plan,
  PredictionQuery,
  SearchLimits,
  TrainingSample,
  WorkloadFeatures,
} from '@amorsize/core'

import { noise } from './random.ts'
import type { Random } from './random.ts'
import { runPlan, serialMs } from './workload.ts'
import type { Workload } from './workload.ts'

/** A clock on a shared machine. */
const TIME_NOISE = 0.05
/** Costs of sending are told from few round trips. */
const SENDING_NOISE = 0.2
/** Items of a dry run, as many as its budget has on average. */
const SAMPLED_ITEMS = 12

/** Item time and unevenness as some items show them. */
export interface DryRun {
  readonly itemTimeMs: number
  readonly coefficientOfVariation: number
  readonly cloneMs: number
  readonly dispatchMs: number
  readonly mainDispatchMs: number
  readonly startUpMs: number
}

/** Samples some items. */
export function dryRun({ fn, machine, itemTimesMs }: Workload, random: Random): DryRun {
  const times = Array.from(
    { length: SAMPLED_ITEMS },
    () => itemTimesMs[Math.floor(random() * itemTimesMs.length)]!,
  )
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length
  const dispatchNoise = noise(random, SENDING_NOISE)
  return {
    itemTimeMs: mean * noise(random, TIME_NOISE),
    coefficientOfVariation: Math.sqrt(variance) / mean,
    cloneMs: fn.cloneMs * machine.slowness * noise(random, SENDING_NOISE),
    dispatchMs: machine.dispatchMs * dispatchNoise,
    mainDispatchMs: machine.mainDispatchMs * dispatchNoise,
    startUpMs: machine.startUpMs * noise(random, SENDING_NOISE),
  }
}

/** What may be chosen from on the workload's machine. */
export function limitsOf({ machine }: Workload): SearchLimits {
  return { maxWorkers: machine.cores, runtime: 'worker_threads' }
}

/** The plan of a dry run: it measures everything but how much the workers disturb each other. */
export function planByDryRun(workload: Workload, sampled: DryRun): Plan {
  return choosePlan(costsOf(workload, sampled), limitsOf(workload)).best
}

function costsOf({ fn, machine, itemTimesMs, warmWorkers }: Workload, sampled: DryRun): Costs {
  const { itemTimeMs, coefficientOfVariation, ...dispatch } = sampled
  return {
    itemCount: itemTimesMs.length,
    mainItemTimeMs: itemTimeMs,
    workerItemTimeMs: itemTimeMs,
    coefficientOfVariation,
    waitShare: fn.waitShare,
    contention: 0,
    usableCores: machine.cores,
    dispatch: { ...dispatch, warmWorkers },
  }
}

/** The question that a program would ask of the workload. */
export function queryOf(workload: Workload, itemTimeMs: number | undefined): PredictionQuery {
  const { fn, machine, itemTimesMs, size, warmWorkers } = workload
  return {
    signature: fn.signature,
    features: {
      dataSize: itemTimesMs.length,
      itemTimeMs,
      physicalCores: machine.cores,
      availableMemoryBytes: machine.availableMemoryBytes,
      startMethod: 'worker_threads',
      functionComplexity: fn.complexity,
      ...(itemTimeMs !== undefined && { serializedBytes: fn.serializedBytes }),
    },
    itemSize: size,
    mayWait: fn.mayWait,
    machine: machine.name,
    usableCores: machine.cores,
    warmWorkers,
    allowMainThread: true,
  }
}

/** The sample that a run leaves after a dry run. */
export function sampleOf(
  workload: Workload,
  plan: Plan,
  sampled: DryRun,
  atMs: number,
  random: Random,
): TrainingSample {
  const { machine, warmWorkers } = workload
  const { makespanMs, besideMs } = timesOf(workload, plan, random)
  const count = workload.itemTimesMs.length
  const isAlone = plan.executor === 'serial'
  const itemTimeMs = isAlone ? makespanMs / count : sampled.itemTimeMs
  const { cloneMs, dispatchMs, mainDispatchMs, startUpMs, coefficientOfVariation } = sampled
  // A map too short for workers was never sent to one.
  const hasWorker = serialMs(workload) > 2 * machine.startUpMs || warmWorkers > 0
  return {
    ...describedRun(workload, plan, atMs, {
      itemTimeMs,
      coefficientOfVariation,
      speedup: isAlone ? 1 : (itemTimeMs * count) / makespanMs,
    }),
    ...(hasWorker && { cloneMs, dispatchMs, mainDispatchMs, startUpMs }),
    ...(isOnSeveral(plan) && { contention: (besideMs / itemTimeMs - 1) / (plan.nJobs - 1) }),
  }
}

/** What was predicted of a run: how it is carried out, and what is known of it. */
export type Prediction = Pick<ModelPrediction, 'plan' | 'features'>

/** Items that are quicker than this beside others are no longer what they were known to be alone. */
const QUICKER = 1 / 1.5

/**
 * The sample that a run leaves after a prediction, by the rules of `learning/measured-run.ts` in core:
 * on several workers it measures items beside one another, and knows of them alone what was known.
 */
export function sampleAfter(
  workload: Workload,
  { plan, features }: Prediction,
  atMs: number,
  random: Random,
): TrainingSample {
  const { makespanMs, besideMs } = timesOf(workload, plan, random)
  const count = workload.itemTimesMs.length
  const isRemembered = isOnSeveral(plan) && besideMs > QUICKER * features.itemTimeMs
  const itemTimeMs = isRemembered ? features.itemTimeMs : besideMs
  const most = plan.executor === 'async' ? plan.nJobs : Math.min(plan.nJobs, workload.machine.cores)
  const speedup = Math.min((count * itemTimeMs) / makespanMs, most)
  return {
    ...describedRun(workload, plan, atMs, {
      itemTimeMs,
      coefficientOfVariation: features.coefficientOfVariation,
      speedup: plan.executor === 'serial' ? 1 : speedup,
    }),
    source: 'prediction',
    ...(isRemembered && { besideMs }),
  }
}

/** Times that a run measures of itself, milliseconds. */
function timesOf(
  workload: Workload,
  plan: Plan,
  random: Random,
): { readonly makespanMs: number; readonly besideMs: number } {
  const { makespanMs, itemsMs } = runPlan(workload, plan)
  return {
    makespanMs: makespanMs * noise(random, TIME_NOISE),
    besideMs: (itemsMs * noise(random, TIME_NOISE)) / workload.itemTimesMs.length,
  }
}

function isOnSeveral({ executor, nJobs }: Plan): boolean {
  return executor === 'worker_threads' && nJobs > 1
}

/** What every sample says. */
function describedRun(
  { fn, machine, itemTimesMs, size, warmWorkers }: Workload,
  { nJobs, chunkSize, executor }: Plan,
  timestampMs: number,
  {
    speedup,
    ...measured
  }: Pick<TrainingSample, 'speedup'> &
    Pick<WorkloadFeatures, 'itemTimeMs' | 'coefficientOfVariation'>,
): TrainingSample {
  return {
    features: {
      dataSize: itemTimesMs.length,
      ...measured,
      physicalCores: machine.cores,
      availableMemoryBytes: machine.availableMemoryBytes,
      startMethod: 'worker_threads',
      serializedBytes: fn.serializedBytes,
      functionComplexity: fn.complexity,
    },
    nJobs,
    chunkSize,
    executor,
    speedup,
    timestampMs,
    functionSignature: fn.signature,
    machine: machine.name,
    itemSize: size,
    mayWait: Number(fn.mayWait),
    usableCores: machine.cores,
    warmWorkers,
    waitShare: fn.waitShare,
  }
}

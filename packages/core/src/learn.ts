/** What an execution teaches: a training sample of what was measured, and a cached decision put right. */
import type { TrainingSample } from '@amorsize/cache'
import { cpuSnapshot, foreignCpuShare } from '@amorsize/features/system'

import { rememberDecision } from './decide/from-cache.ts'
import type { Decision } from './decide/source.ts'
import { askFor } from './learning/ask.ts'
import { liveModelOf } from './learning/live-model.ts'
import { fieldsOf } from './learning/run.ts'
import { measureRun } from './learning/measured-run.ts'
import type { ForeignLoad, RunFigures } from './learning/measured-run.ts'
import { mayUseMainThread } from './request.ts'
import type { Request } from './request.ts'
import { choosePlan } from './search.ts'

/** A run of fewer items says nothing about a plan. */
const FEWEST_ITEMS = 2

/** A decision that is further off than this, up or down, is not the one to keep. */
const CONTRADICTION = 1.5

/** Shorter runs are off by more for reasons of their own. */
const SHORTEST_CONTRADICTION_MS = 10

/**
 * Learns from a run, in memory at once, on disk off the caller's path. A run whose items were all
 * computed while deciding, and one too short to time, teach nothing.
 *
 * @param isKept - Whether a training sample is kept.
 */
export function learn<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  execution: RunFigures,
  isKept: boolean,
): void {
  if (execution.itemCount < FEWEST_ITEMS || !(execution.makespanMs > 0)) return
  const hasChanged = isContradicted(request, decision, execution)
  if (!isKept && !hasChanged) return
  const sample = sampleOf(request, decision, execution)
  if (isKept) {
    void keep(request, sample).catch((error: unknown) =>
      request.say(() => `The run was not kept: ${String(error)}`),
    )
  }
  if (hasChanged) {
    void correct(request, decision, sample).catch((error: unknown) =>
      request.say(() => `The decision was not corrected: ${String(error)}`),
    )
  }
}

async function keep<I, O>(request: Request<I, O>, sample: TrainingSample): Promise<void> {
  const store = await request.openStore()
  const trial = liveModelOf(store).learn(sample)
  await store.addSample(trial ? { ...sample, ...fieldsOf(trial) } : sample)
  request.say(() => '✓ ML model updated with execution results')
}

function sampleOf<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  execution: RunFigures,
): TrainingSample {
  const { plan, features, source } = decision
  const { signature, machine, itemSize, mayWait, usableCores } = askFor(request)
  const measured = measureRun(decision, execution, foreignLoadOf(request, execution))
  return {
    features: {
      ...features,
      dataSize: request.items.length,
      itemTimeMs: measured.itemTimeMs,
      coefficientOfVariation: measured.coefficientOfVariation,
    },
    nJobs: plan.nJobs,
    chunkSize: plan.chunkSize,
    speedup: measured.speedup,
    timestampMs: Date.now(),
    functionSignature: signature,
    machine,
    executor: plan.executor,
    source,
    itemCount: execution.itemCount,
    usableCores,
    warmWorkers: decision.costs?.dispatch?.warmWorkers ?? 0,
    ...(itemSize !== undefined && { itemSize }),
    ...(mayWait !== undefined && { mayWait: Number(mayWait) }),
    ...(measured.isTainted && { isTainted: 1 }),
    ...measured.costs,
  }
}

function foreignLoadOf<I, O>(
  { cpuBefore, runtime, system }: Request<I, O>,
  { itemCount, itemTimeMs = 0 }: RunFigures,
): ForeignLoad {
  const { logicalCores, usableCores } = system
  if (!cpuBefore) return { share: 0, logicalCores, usableCores }
  const childrenCpuMs = runtime === 'child_process' ? itemCount * itemTimeMs : 0
  const share = foreignCpuShare(cpuBefore, cpuSnapshot(), { childrenCpuMs }) ?? 0
  return { share, logicalCores, usableCores }
}

function isContradicted<I, O>(
  { useCache }: Request<I, O>,
  { source, estimatedTimeMs }: Decision<O>,
  { makespanMs }: RunFigures,
): boolean {
  if (source !== 'cache' || !useCache || !(estimatedTimeMs > 0)) return false
  if (Math.max(makespanMs, estimatedTimeMs) < SHORTEST_CONTRADICTION_MS) return false
  const ratio = makespanMs / estimatedTimeMs
  return ratio > CONTRADICTION || ratio < 1 / CONTRADICTION
}

/** Puts what the run measured in the place of what the decision was made from. */
async function correct<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  { features }: TrainingSample,
): Promise<void> {
  const { itemTimeMs, coefficientOfVariation = 0 } = features
  const costs = decision.costs && {
    ...decision.costs,
    mainItemTimeMs: mayUseMainThread(request, decision.costs.waitShare) ? itemTimeMs : undefined,
    workerItemTimeMs: itemTimeMs,
    coefficientOfVariation,
  }
  const search = costs && choosePlan(costs, request)
  await rememberDecision(request, {
    ...decision,
    plan: search?.best ?? decision.plan,
    estimatedTimeMs: search?.best.makespanMs ?? decision.estimatedTimeMs,
    reason: 'A run took another time than the decision before it expected',
    features,
    ...(costs && { costs }),
  })
}

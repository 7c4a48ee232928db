/** What a run leaves behind: a training sample of what it measured, and a cached decision put right. */
import type { TrainingSample } from '@amorsize/cache'
import { foreignCpuShare } from '@amorsize/features/system'
import type { CpuSnapshot } from '@amorsize/features/system'

import { contextNumber } from '../context-digest.ts'
import { cacheKey } from '../cache-key.ts'
import type { Costs } from '../cost-model.ts'
import { rememberDecision } from '../decide/from-cache.ts'
import type { Decision } from '../decide/source.ts'
import { isStillKept } from '../decide/weighing.ts'
import { mayUseMainThread } from '../request.ts'
import type { Request } from '../request.ts'
import { choosePlan } from '../search.ts'
import { sharingOf } from '../worker-pace.ts'
import { askWithoutContext } from './ask.ts'
import { correctCosts } from './correct-costs.ts'
import { liveModelOf } from './live-model.ts'
import { measureRun } from './measured-run.ts'
import type { ForeignLoad, RunFigures } from './measured-run.ts'
import type { MeasuredCosts } from './run.ts'
import { isSendingMeasured, sendingCostsOf } from './sending-costs.ts'

/** A run, and the machine's counters when it ended. */
export interface EndedRun extends RunFigures {
  /** Items and results of a loop, which were not sent. */
  readonly pairs: readonly (readonly [item: unknown, result: unknown])[]
  readonly cpuAfter: CpuSnapshot | undefined
}

/** What is to be done with a run. */
export interface RunUse {
  /** A training sample is kept: in memory at once, on disk soon after. */
  readonly isKept: boolean
  /** The run took another time than the cached decision said, which is replaced. */
  readonly isContradicted: boolean
}

/** Keeps a run; resolves when it is durable. */
export async function keepRun<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  execution: EndedRun,
  { isKept, isContradicted }: RunUse,
): Promise<void> {
  const sample = sampleOf(request, decision, execution)
  await Promise.all([
    isKept && keep(request, sample, execution.pairs),
    isContradicted && correct(request, decision, sample),
  ])
}

async function keep<I, O>(
  request: Request<I, O>,
  sample: TrainingSample & MeasuredCosts,
  pairs: readonly (readonly [item: unknown, result: unknown])[],
): Promise<void> {
  if (!request.isContextDigested) await new Promise(setImmediate)
  const contextDigest = contextNumber(request.contextDigest)
  const isUnsent = sample.cloneMs === undefined && pairs.length > 0
  const workload = isUnsent ? cacheKey(request) : undefined
  if (workload !== undefined && !isSendingMeasured(workload)) {
    // To clone and to serialise can take long.
    await new Promise(setImmediate)
  }
  const sending = workload === undefined ? undefined : sendingCostsOf(workload, pairs)
  const store = await request.openStore()
  const whole = {
    ...sample,
    ...(contextDigest !== 0 && { contextDigest }),
    ...(sending && {
      cloneMs: sending.cloneMs,
      features: { ...sample.features, serializedBytes: sending.serializedBytes },
    }),
  }
  await store.addSample(liveModelOf(store).learn(whole))
  request.say(() => '✓ ML model updated with execution results')
}

/** What is kept of a run, but for its context. */
function sampleOf<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  execution: EndedRun,
): TrainingSample & MeasuredCosts {
  const { plan, features, source } = decision
  const asked = askWithoutContext(request)
  const { signature, machine, runtimeMajor, itemSize, mayWait, usableCores, warmWorkers } = asked
  const measured = measureRun(decision, execution, foreignLoadOf(request, execution))
  return {
    features: {
      ...features,
      dataSize: request.itemCount,
      itemTimeMs: measured.itemTimeMs,
      coefficientOfVariation: measured.coefficientOfVariation,
    },
    nJobs: plan.nJobs,
    chunkSize: plan.chunkSize,
    speedup: measured.speedup,
    timestampMs: Date.now(),
    functionSignature: signature,
    machine,
    runtimeMajor,
    executor: plan.executor,
    source,
    itemCount: execution.itemCount,
    usableCores,
    // A loop that asked no worker ran beside those all the same.
    warmWorkers: decision.costs?.dispatch?.warmWorkers ?? warmWorkers,
    ...(itemSize !== undefined && { itemSize }),
    ...(mayWait !== undefined && { mayWait: Number(mayWait) }),
    ...(measured.isTainted && { isTainted: 1 }),
    ...measured.costs,
  }
}

function foreignLoadOf<I, O>(
  { cpuBefore, runtime, system }: Request<I, O>,
  { itemCount, itemTimeMs = 0, cpuAfter }: EndedRun,
): ForeignLoad {
  const { logicalCores, usableCores } = system
  if (!cpuBefore || !cpuAfter) return { share: 0, logicalCores, usableCores }
  const childrenCpuMs = runtime === 'child_process' ? itemCount * itemTimeMs : 0
  const share = foreignCpuShare(cpuBefore, cpuAfter, { childrenCpuMs }) ?? 0
  return { share, logicalCores, usableCores }
}

/** Puts what the run measured in the place of what the decision was made from. */
async function correct<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  sample: TrainingSample & MeasuredCosts,
): Promise<void> {
  const { costs: before, plan } = decision
  const features = { ...sample.features, itemTimeMs: timeByKnownContention(sample, before) }
  const mayUseMain =
    before?.mainItemTimeMs !== undefined && mayUseMainThread(request, before.waitShare)
  const run = { ...features, waitShare: sample.waitShare }
  const costs = before && correctCosts(before, plan, run, mayUseMain)
  // Runs beside this one may have put it right, or learned what it must not be.
  if (!(await isStillKept(request, decision))) return
  const search = costs && choosePlan(costs, request)
  await rememberDecision(request, {
    ...decision,
    plan: search?.best ?? decision.plan,
    estimatedTimeMs: search?.best.makespanMs ?? decision.estimatedTimeMs,
    reason: 'A run took another time than the decision before it expected',
    isTainted: sample.isTainted === 1,
    features,
    ...(costs && { costs }),
  })
}

/** Time of an item alone, where it is that and not the contention that was another than was thought. */
function timeByKnownContention(
  { features, nJobs, besideMs }: TrainingSample & Pick<MeasuredCosts, 'besideMs'>,
  costs: Costs | undefined,
): number {
  if (besideMs === undefined) return features.itemTimeMs
  const sharing = costs ? sharingOf(nJobs, costs) : 1
  return besideMs / (sharing * (1 + (costs?.contention ?? 0) * (nJobs - 1)))
}

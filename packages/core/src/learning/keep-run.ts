/** What a run leaves behind: a training sample of what it measured, and a cached decision put right. */
import type { TrainingSample } from '@amorsize/cache'
import { foreignCpuShare } from '@amorsize/features/system'
import type { CpuSnapshot } from '@amorsize/features/system'
import type { PartialResults } from '@amorsize/sampler'

import { contextNumber } from '../context-digest.ts'
import { cacheKey } from '../cache-key.ts'
import type { Costs } from '../cost-model.ts'
import { rememberDecision } from '../decide/from-cache.ts'
import type { Decision } from '../decide/source.ts'
import { mayUseMainThread } from '../request.ts'
import type { Request } from '../request.ts'
import { roughBytes } from '../rough-size.ts'
import { choosePlan } from '../search.ts'
import { firstPairs } from '../usual-dispatch.ts'
import { askWithoutContext } from './ask.ts'
import { correctCosts } from './correct-costs.ts'
import { liveModelOf } from './live-model.ts'
import { measureRun } from './measured-run.ts'
import type { ForeignLoad, RunFigures } from './measured-run.ts'
import type { MeasuredCosts } from './run.ts'
import { isSendingMeasured, sendingCostsOf } from './sending-costs.ts'

/** A run, and the machine's counters when it ended. */
export interface EndedRun extends RunFigures {
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
    isKept && keep(request, sample, decision.results),
    isContradicted && correct(request, decision, sample),
  ])
}

async function keep<I, O>(
  request: Request<I, O>,
  sample: TrainingSample & MeasuredCosts,
  results: PartialResults<O> | undefined,
): Promise<void> {
  // What a loop did not send it may have to send the next time. The caller may change everything as
  // soon as it has the results, so all but the largest contexts are looked at before.
  const isUnsent = sample.executor === 'serial' && sample.cloneMs === undefined
  const isThreads = request.runtime === 'worker_threads'
  const pairs = isUnsent && isThreads && results ? firstPairs(request.items, results) : []
  const isDigestedLate = !request.isContextDigested && isLarge(request.context)
  if (isDigestedLate) await new Promise(setImmediate)
  const contextDigest = contextNumber(request.contextDigest)
  const workload = pairs.length > 0 ? cacheKey(request) : undefined
  if (workload !== undefined && !isSendingMeasured(workload) && !isDigestedLate) {
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

/** To digest a larger context takes longer than the caller should wait, bytes. */
const LARGE_CONTEXT_BYTES = 100_000

function isLarge(context: unknown): boolean {
  return roughBytes(context) > LARGE_CONTEXT_BYTES
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
  return besideMs / (1 + (costs?.contention ?? 0) * (nJobs - 1))
}

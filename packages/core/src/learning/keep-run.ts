/** What a run leaves behind: a training sample of what it measured, and a cached decision put right. */
import type { TrainingSample } from '@amorsize/cache'
import { foreignCpuShare } from '@amorsize/features/system'
import type { CpuSnapshot } from '@amorsize/features/system'

import type { Costs, ThreadKind } from '../cost-model.ts'
import { rememberDecision } from '../decide/from-cache.ts'
import type { Decision } from '../decide/source.ts'
import { mayUseMainThread } from '../request.ts'
import type { Request } from '../request.ts'
import { choosePlan } from '../search.ts'
import type { Plan } from '../search.ts'
import { askFor } from './ask.ts'
import { liveModelOf } from './live-model.ts'
import { measureRun } from './measured-run.ts'
import type { ForeignLoad, RunFigures } from './measured-run.ts'
import type { MeasuredCosts } from './run.ts'

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
    isKept && keep(request, sample),
    isContradicted && correct(request, decision, sample),
  ])
}

async function keep<I, O>(request: Request<I, O>, sample: TrainingSample): Promise<void> {
  const store = await request.openStore()
  await store.addSample(liveModelOf(store).learn(sample))
  request.say(() => '✓ ML model updated with execution results')
}

function sampleOf<I, O>(
  request: Request<I, O>,
  decision: Decision<O>,
  execution: EndedRun,
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
  { features, waitShare }: TrainingSample & Pick<MeasuredCosts, 'waitShare'>,
): Promise<void> {
  const { costs: before, plan } = decision
  const costs =
    before &&
    (crowdedCosts(before, plan, features, waitShare) ??
      waitingCorrected(
        correctedCosts(request, before, decision, features),
        before,
        plan,
        waitShare,
      ))
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

/** Below this share of waiting a run on workers says as much of the calling thread as of them. */
const LEAST_WAITING = 0.2

/**
 * Workers whose items wait get in the way of what they wait for: the threads that read files, for
 * example, want the same cores. That they took longer than one worker alone is their number's doing
 * then and says nothing of the calling thread; `undefined` where it is not so.
 */
function crowdedCosts(
  costs: Costs,
  { executor, nJobs }: Plan,
  { itemTimeMs }: TrainingSample['features'],
  measuredShare: number = costs.waitShare,
): Costs | undefined {
  const waitShare = Math.max(costs.waitShare, measuredShare)
  const slowdown = itemTimeMs / costs.workerItemTimeMs
  const isPool = executor === 'worker_threads' || executor === 'child_process'
  if (!isPool || nJobs < 2 || waitShare < LEAST_WAITING || !(slowdown > 1)) return undefined
  const others = nJobs - 1
  const besideOthers = slowdown * (1 + costs.contention * others)
  return { ...costs, waitShare, contention: (besideOthers - 1) / others }
}

/**
 * Puts in how much the items wait. What many of them at once cost the calling thread is known only from
 * such a run: a run on workers, which get in the way of what their items wait for, does not change it.
 */
function waitingCorrected(
  costs: Costs,
  before: Costs,
  { executor }: Plan,
  waitShare: number = costs.waitShare,
): Costs {
  const { mainItemTimeMs: mainMs, waitShare: waitedBefore, timedByRuns = [] } = before
  const isKnown = timedByRuns.includes('main') && waitedBefore >= LEAST_WAITING
  if (executor === 'async' || !isKnown || mainMs === undefined) return { ...costs, waitShare }
  const computingMs = mainMs * (1 - waitedBefore)
  return { ...costs, waitShare, mainItemTimeMs: computingMs / Math.max(1 - waitShare, 1e-6) }
}

/** The upper end of the feature's range: beyond it nothing is told apart. */
const MOST_VARIATION = 2

/**
 * Kinds of thread differ by so much, or it is the machine's pace that changed between two runs: cores
 * of a virtual machine were seen to be 2.3 times slower for seconds.
 */
const LEAST_RATIO = 3

/**
 * What was sampled for one kind of thread was off by as much for the other, as far as anyone knows. A
 * whole run that was measured there stands, if what it said is another matter than the machine's pace.
 */
function correctedCosts<I, O>(
  request: Request<I, O>,
  costs: Costs,
  { plan }: Decision<O>,
  { itemTimeMs, coefficientOfVariation = 0 }: TrainingSample['features'],
): Costs {
  const { mainItemTimeMs = costs.workerItemTimeMs, workerItemTimeMs, timedByRuns = [] } = costs
  const isPool = plan.executor === 'worker_threads' || plan.executor === 'child_process'
  const ranOn: ThreadKind = isPool ? 'worker' : 'main'
  const expectedMs = isPool ? workerItemTimeMs : mainItemTimeMs
  const factor = expectedMs > 0 ? itemTimeMs / expectedMs : 1
  const put = (kind: ThreadKind, timeMs: number): number => {
    if (kind === ranOn) return itemTimeMs
    if (!timedByRuns.includes(kind)) return timeMs * factor
    const ratio = timeMs / itemTimeMs
    return Math.max(ratio, 1 / ratio) < LEAST_RATIO ? itemTimeMs : timeMs
  }
  const mayUseMain =
    costs.mainItemTimeMs !== undefined && mayUseMainThread(request, costs.waitShare)
  return {
    ...costs,
    mainItemTimeMs: mayUseMain ? put('main', mainItemTimeMs) : undefined,
    workerItemTimeMs: put('worker', workerItemTimeMs),
    // What disturbs a thread makes either too large: a pause counts as an item that takes as long.
    coefficientOfVariation: Math.min(
      costs.coefficientOfVariation || MOST_VARIATION,
      coefficientOfVariation,
    ),
    timedByRuns: [...new Set([...timedByRuns, ranOn])],
  }
}

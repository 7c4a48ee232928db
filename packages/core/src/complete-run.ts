/** What a run goes through that its opening did not finish: deciding, running, learning. */
import { PartialResults } from '@amorsize/sampler'
import type { BegunMap } from '@amorsize/sampler'

import { decideQuickly, measureAndDecide, remember, tellDecision } from './decide/decide.ts'
import { decideFromOpening } from './decide/from-opening.ts'
import type { Decision } from './decide/source.ts'
import { keepToWorkers, leaveTurn, takeTurn } from './decide/weighing.ts'
import { tell } from './diagnostics.ts'
import { describePlan, formatMs } from './explain.ts'
import type { ItemFailures, ItemOutcome } from './item-failures.ts'
import { learn } from './learn.ts'
import { isWorthRemembering, tellsEnough } from './opening.ts'
import type { Opening } from './opening.ts'
import type { ExecuteOptions } from './options.ts'
import { warnOfResults } from './memory.ts'
import type { ProgressReporter } from './progress.ts'
import type { Request } from './request.ts'
import { toOptimizationResult } from './result.ts'
import type { ExecutionResult, OptimizationResult } from './result.ts'
import { runPlan } from './run-plan.ts'

/** A run that has begun. */
export interface BegunRun<O> {
  readonly startMs: number
  readonly options: ExecuteOptions<unknown>
  readonly failures: ItemFailures
  readonly reporter: ProgressReporter | undefined
  /** What the cache or the history said of it. */
  readonly known: Decision<O> | undefined
  readonly opening: Opening<O> | undefined
}

type Results<I, O> = (O | ItemOutcome<O>)[] | ExecutionResult<I, O | ItemOutcome<O>>

/** The results of a run, its opening's included. */
export async function completeRun<I, O>(
  request: Request<I, O>,
  begun: BegunRun<O>,
): Promise<Results<I, O>> {
  const { known, opening, failures } = begun
  const isToldByOpening = !known && opening !== undefined && tellsEnough(request, opening)
  const decided = known ?? (await decideAfter(request, opening, isToldByOpening))
  const decision = takeTurn(decided, request.pool)
  try {
    return await runDecided(request, begun, decision, isToldByOpening)
  } finally {
    // However it ended: a listener of the caller's may have thrown.
    leaveTurn(decision)
    if (failures.hasEndedWorker) await keepToWorkers(request)
  }
}

async function runDecided<I, O>(
  request: Request<I, O>,
  { startMs, options, failures, reporter, opening }: BegunRun<O>,
  decision: Decision<O>,
  isToldByOpening: boolean,
): Promise<Results<I, O>> {
  tellDecision(request, decision)
  warnOfResults(decision.costs, request.task.signature)
  const decisionTimeMs = performance.now() - startMs
  const optimization = (): OptimizationResult<I> =>
    toOptimizationResult(decision, request, decisionTimeMs)
  request.say(() => optimization().explain())

  const results = decision.results ?? opening?.results ?? new PartialResults<O>(request.itemCount)
  const { retries, returnOptimizationResult: isLookedAt = false } = options
  const report = await runPlan(request, decision, results, { retries, failures, reporter })
  // Where the store is not open, to open it would keep the run waiting.
  if (
    isToldByOpening &&
    opening &&
    (request.isStoreOpen || isWorthRemembering(opening, isLookedAt))
  ) {
    remember(request, decision)
  }
  const execution = { ...report, totalTimeMs: performance.now() - startMs }
  request.say(
    () =>
      `Ran ${describePlan(decision.plan)} in ${formatMs(execution.makespanMs)}, ${execution.speedup.toFixed(2)} times the plain loop`,
  )
  const isKept = options.enableOnlineLearning ?? false
  await learn(request, { ...decision, results }, execution, isKept)
  tell('end', () => {
    const plan = report.replans.at(-1)?.to ?? decision.plan
    return { ...execution, signature: request.task.signature, plan }
  })
  const outcomes = failures.outcomesOf(results)
  return isLookedAt ? { results: outcomes, optimization: optimization(), execution } : outcomes
}

async function decideAfter<I, O>(
  request: Request<I, O>,
  opening: Opening<O> | undefined,
  isToldByOpening: boolean,
): Promise<Decision<O>> {
  if (opening && isToldByOpening) return decideFromOpening(request, opening)
  const known = request.isStoreOpen ? undefined : await decideQuickly(request)
  return known ?? (await measureAndDecide(request, opening && begunBy(opening)))
}

/** Of a few items the first was cold; what is left goes by the last. */
function begunBy<O>({ results, leftMs, waitShare }: Opening<O>): BegunMap<O> {
  return { results, itemTimeMs: leftMs / results.restCount, waitShare }
}

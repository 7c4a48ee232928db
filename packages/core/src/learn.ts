/** What an execution teaches: a training sample of what was measured. */
import type { Store, TrainingSample } from '@amorsize/cache'

import type { Decision } from './decide/source.ts'
import type { Request } from './request.ts'
import type { ExecutionReport } from './result.ts'

/** A run of fewer items says nothing about a plan. */
const FEWEST_ITEMS = 2

/**
 * Keeps what a run measured: in memory at once, on disk off the caller's path. A run whose items
 * were all computed while deciding, and one too short to time, teach nothing.
 */
export function learn<I, O>(
  store: Store,
  request: Request<I, O>,
  decision: Decision<O>,
  execution: ExecutionReport,
): void {
  if (execution.itemCount < FEWEST_ITEMS || !(execution.speedup > 0)) return
  void store.addSample(sampleOf(request, decision, execution)).then(
    () => request.say(() => '✓ ML model updated with execution results'),
    (error: unknown) => request.say(() => `The run was not kept: ${String(error)}`),
  )
}

function sampleOf<I, O>(
  request: Request<I, O>,
  { plan, features }: Decision<O>,
  { speedup }: ExecutionReport,
): TrainingSample {
  return {
    features,
    nJobs: plan.nJobs,
    chunkSize: plan.chunkSize,
    speedup,
    timestampMs: Date.now(),
    functionSignature: request.task.signature,
    machine: request.system.fingerprint,
    executor: plan.executor,
  }
}

/** What talking to workers costs where nobody has measured it yet. */
import type { DispatchCosts } from './cost-model.ts'

/** A warm thread's costs as measured (docs/decision-model.md). */
export const USUAL_DISPATCH: Omit<DispatchCosts, 'warmWorkers'> = {
  dispatchMs: 0.2,
  mainDispatchMs: 0.08,
  cloneMs: 0.003,
  startUpMs: 60,
}

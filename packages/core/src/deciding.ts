/**
 * Loaded by the first call that has to decide something: the code for it is a third of the package,
 * and most maps are over before they need it.
 */
export { decide, decideQuickly, tellDecision } from './decide/decide.ts'
export { forItems } from './decide/for-items.ts'
export { completeRun } from './complete-run.ts'
export { toOptimizationResult } from './result.ts'

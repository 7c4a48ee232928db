/** The plan for a map whose costs past runs tell: nobody has measured them for the map itself. */
import type { Costs } from '../cost-model.ts'
import { choosePlan } from '../search.ts'
import type { SearchLimits, SearchResult } from '../search.ts'

/**
 * What past runs say may not hold for the next, and workers make up for it in small chunks. Chosen by
 * `pnpm bench learning-real` (docs/decision-model.md).
 */
const DISTURBED_SHARE = 0.35

/** Chooses as {@link choosePlan} does, but smaller chunks where the limits do not say otherwise. */
export function choosePredictedPlan(costs: Costs, limits: SearchLimits): SearchResult {
  const { maxWorkers, mayOversubscribe, maxInFlight, runtime } = limits
  const { disturbedShare = DISTURBED_SHARE } = limits
  return choosePlan(costs, { maxWorkers, mayOversubscribe, maxInFlight, disturbedShare, runtime })
}

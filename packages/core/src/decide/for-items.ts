/** A decision held against other items than it was made for: the whole map, or the rest of a stream. */
import { describeChoice } from '../explain.ts'
import { memoryWarnings } from '../memory.ts'
import type { Request } from '../request.ts'
import { choosePlan } from '../search.ts'
import type { Decision } from './source.ts'

/**
 * What the same costs say of so many items; a decision that came without its costs, or that was made
 * for as many, stays as it is.
 */
export function forItems<I, O>(
  decision: Decision<O>,
  request: Request<I, O>,
  itemCount: number,
): Decision<O> {
  const { costs: before, warnings } = decision
  if (!before || before.itemCount === itemCount) return decision
  const costs = { ...before, itemCount }
  const search = choosePlan(costs, request)
  const { best, serial } = search
  const outdated = new Set(memoryWarnings(before, request))
  return {
    ...decision,
    costs,
    search,
    plan: best,
    estimatedTimeMs: best.makespanMs,
    estimatedSpeedup: best.makespanMs > 0 ? serial.makespanMs / best.makespanMs : 1,
    reason: describeChoice(search, costs),
    warnings: [
      ...memoryWarnings(costs, request),
      ...warnings.filter((warning) => !outdated.has(warning)),
    ],
  }
}

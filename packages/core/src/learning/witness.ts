/** Runs that are asked, and their weighted means. */
import type { Run } from './run.ts'

/** A run and how much it counts. */
export interface Witness {
  readonly run: Run
  /** Above 0. */
  readonly weight: number
  /** Distance from what was asked, where it was measured. */
  readonly distance?: number
}

/** A value that counts as so many runs of weight 1. */
export interface Prior {
  readonly value: number
  readonly weight: number
}

/** Weighted mean over the witnesses that have the value, and the prior; `undefined` over none. */
export function meanOf(
  witnesses: readonly Witness[],
  valueOf: (run: Run) => number | undefined,
  prior: Prior = { value: 0, weight: 0 },
): number | undefined {
  let sum = prior.value * prior.weight
  let total = prior.weight
  for (const { run, weight } of witnesses) {
    const value = valueOf(run)
    if (value === undefined) continue
    sum += weight * value
    total += weight
  }
  return total > 0 ? sum / total : undefined
}

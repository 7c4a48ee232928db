/** Runs that are asked, their weighted means, and whether what is asked lies among them. */
import { vectorOf } from './run.ts'
import type { Run } from './run.ts'
import { DEFAULT_SETTINGS } from './settings.ts'

/** A run and how much it counts. */
export interface Witness {
  readonly run: Run
  /** Above 0. */
  readonly weight: number
}

/** One whose distance from what was asked was measured. */
export interface NearWitness extends Witness {
  readonly distance: number
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

/**
 * How much farther they are from what is asked than from one another; 0 in their midst.
 *
 * @param weights - Those of the dimensions by which their distances were measured.
 */
export function outsideOf(
  witnesses: readonly NearWitness[],
  weights: readonly number[] = DEFAULT_SETTINGS.weights,
): number {
  let total = 0
  let spread = 0
  for (const [place, { run, distance }] of witnesses.entries()) {
    total += distance
    for (let other = 0; other < place; other++) {
      spread += distanceOf(vectorOf(run), vectorOf(witnesses[other]!.run), weights)
    }
  }
  const { length } = witnesses
  const pairs = (length * (length - 1)) / 2
  return Math.max(0, total / length - spread / Math.max(1, pairs))
}

function distanceOf(one: Float64Array, other: Float64Array, weights: readonly number[]): number {
  let squares = 0
  for (const [axis, weight] of weights.entries())
    squares += weight * (one[axis]! - other[axis]!) ** 2
  return Math.sqrt(squares)
}

/**
 * Which numbers this package computes with. The bounds are far beyond any use and exist so that no
 * sum of squares overflows and no quotient of weights vanishes: a result is never NaN.
 */

/** Largest magnitude of a feature, target or weight. */
export const MAX_MAGNITUDE = 1e100

/** Smallest positive weight, and smallest epsilon. */
const MIN_WEIGHT = 1e-100

export function isNumberIn(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max
}

export function isIntegerIn(value: unknown, min: number, max: number): value is number {
  return isNumberIn(value, min, max) && Number.isInteger(value)
}

export function isMagnitude(value: unknown): value is number {
  return isNumberIn(value, -MAX_MAGNITUDE, MAX_MAGNITUDE)
}

export function isWeight(value: unknown): value is number {
  return isNumberIn(value, MIN_WEIGHT, MAX_MAGNITUDE)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return isRecordOrArray(value) && isIntegerIn(value['length'], 0, Number.MAX_SAFE_INTEGER)
}

function isRecordOrArray(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

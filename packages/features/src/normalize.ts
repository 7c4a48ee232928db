/** From a measured value to its place in [0, 1], and the refusal of what is no measurement. */
import { InvalidFeatureError } from './errors.ts'
import type { CategoryDimension, FeatureDimension, NumericDimension } from './ranges.ts'

/**
 * Place of a value on its dimension.
 *
 * @param dimension - A row of the table.
 * @param value - What the workload has in the row's field; `undefined` where it has nothing.
 * @returns A number in [0, 1]; a value at or below the range's foot is 0, one at or above its top 1.
 * @throws {@link InvalidFeatureError} `AMORSIZE_FEATURES_INVALID_FEATURE`.
 * @internal
 */
export function normalize(dimension: FeatureDimension, value: unknown): number {
  if (value === undefined && dimension.isOptional) return 0
  return dimension.scale === 'category' ? placeOf(dimension, value) : positionOf(dimension, value)
}

function placeOf({ field, places, unknownPlace }: CategoryDimension, value: unknown): number {
  if (typeof value !== 'string' || value === '') {
    const known = Object.keys(places).join(', ')
    throw new InvalidFeatureError(field, `one of ${known}`, value, 'Say how the workers start.')
  }
  return Object.entries(places).find(([name]) => name === value)?.[1] ?? unknownPlace
}

function positionOf(dimension: NumericDimension, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    const { field, unit, meaning, isOptional } = dimension
    const orLeaveOut = isOptional ? ', or leave it out' : ''
    throw new InvalidFeatureError(
      field,
      `a finite number (${unit}), 0 or more`,
      value,
      `Give the ${meaning}${orLeaveOut}.`,
    )
  }
  const { scale, foot, top } = dimension
  if (value <= foot) return 0
  if (value >= top) return 1
  return scale === 'linear'
    ? (value - foot) / (top - foot)
    : Math.log10(value / foot) / Math.log10(top / foot)
}

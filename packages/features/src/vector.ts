/** Workloads as points of the unit cube, and how far apart two of them are. */
import { InvalidArgumentError } from './errors.ts'
import { normalize } from './normalize.ts'
import { FEATURE_DIMENSIONS } from './ranges.ts'
import type { WorkloadFeatures } from './workload-features.ts'

/**
 * Turns the features of a workload into a vector, one component a row of `FEATURE_DIMENSIONS`.
 *
 * @param features - The measured features; the optional ones default to 0.
 * @returns A new vector of 8 components, each in [0, 1] and never `NaN`.
 * @throws {@link InvalidFeatureError} `AMORSIZE_FEATURES_INVALID_FEATURE` if a feature is missing,
 * negative, `NaN` or infinite.
 * @throws {@link InvalidArgumentError} `AMORSIZE_FEATURES_INVALID_ARGUMENT` if `features` is not an
 * object.
 * @public
 */
export function toVector(features: WorkloadFeatures): Float64Array {
  if (typeof features !== 'object' || features === null) {
    throw new InvalidArgumentError(
      'features',
      'an object',
      features,
      'Pass the features by name, as `WorkloadFeatures` describes them.',
    )
  }
  const vector = new Float64Array(FEATURE_DIMENSIONS.length)
  for (const [index, dimension] of FEATURE_DIMENSIONS.entries()) {
    vector[index] = normalize(dimension, features[dimension.field])
  }
  return vector
}

/**
 * Euclidean distance of two feature vectors.
 *
 * @param a - A vector of 8 components in [0, 1], as {@link toVector} makes them.
 * @param b - Another one.
 * @returns The distance, in [0, sqrt(8)]; 0 only for vectors that differ by less than 1e-150, if at all.
 * @throws {@link InvalidArgumentError} `AMORSIZE_FEATURES_INVALID_ARGUMENT` if a vector has another
 * length or a component outside [0, 1].
 * @public
 */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertVector('a', a)
  assertVector('b', b)
  let sum = 0
  for (let i = 0; i < FEATURE_DIMENSIONS.length; i++) {
    // Both vectors were just found to have this many components.
    const difference = a[i]! - b[i]!
    sum += difference * difference
  }
  return Math.sqrt(sum)
}

function assertVector(argument: string, vector: ArrayLike<number>): void {
  const { length } = FEATURE_DIMENSIONS
  const remedy = 'Make vectors with `toVector`.'
  if (vector?.length !== length) {
    throw new InvalidArgumentError(argument, `a vector of ${length} numbers`, vector, remedy)
  }
  for (let i = 0; i < length; i++) {
    const component: unknown = vector[i]
    if (typeof component !== 'number' || !(component >= 0 && component <= 1)) {
      throw new InvalidArgumentError(`${argument}[${i}]`, 'a number in [0, 1]', component, remedy)
    }
  }
}

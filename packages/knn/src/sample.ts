/** One observation that a predictor learns from, and what makes one valid. */
import {
  DimensionMismatchError,
  InvalidVectorError,
  InvalidSampleError,
  InvalidTargetError,
  UnknownTargetError,
} from './errors.ts'
import type { ResolvedOptions, ResolvedTarget } from './options.ts'
import { isArrayLike, isMagnitude, isRecord, isWeight, MAX_MAGNITUDE } from './validation.ts'

/**
 * One observation: where it lies and what was seen there.
 *
 * @public
 */
export interface Sample<Target extends string = string> {
  /**
   * One finite number per dimension. Scale each to 0 .. 1, so that all count alike and the
   * confidence means what it says.
   */
  readonly features: ArrayLike<number>
  /** The observed value of every target; above 0 for a target of scale `'log'`. */
  readonly targets: Readonly<Record<Target, number>>
  /**
   * How many ordinary samples this one counts as in a vote, above 0.
   *
   * @defaultValue `1`
   */
  readonly weight?: number | undefined
  /**
   * What the sample belongs to (a function, a machine, a person). Samples of one group are left out
   * together where the predictor is judged by leaving samples out.
   *
   * @defaultValue a group of its own
   */
  readonly group?: string | undefined
}

/**
 * A sample as the predictor holds it.
 *
 * @public
 */
export interface StoredSample<Target extends string = string> {
  /** A copy of the sample's features. */
  readonly features: Float64Array
  /** The sample's targets. */
  readonly targets: Readonly<Record<Target, number>>
  /** The sample's weight. */
  readonly weight: number
  /** The sample's group; `undefined` where it has none. */
  readonly group: string | undefined
}

/** A sample whose values were checked, in the order of the dimensions and targets. */
export interface CheckedSample {
  readonly vector: Float64Array
  readonly values: readonly number[]
  readonly weight: number
  readonly group: string | undefined
}

export function checkSample(sample: unknown, options: ResolvedOptions): CheckedSample {
  if (!isRecord(sample)) {
    const expectation = 'a sample to be an object'
    throw new InvalidSampleError(expectation, sample, 'Pass { features, targets }.')
  }
  const { features, targets, weight = 1, group } = sample
  const vector = checkVector(features, options.dimensions)
  const values = checkTargets(targets, options.targets)
  if (!isWeight(weight)) {
    const expectation = 'the weight of a sample to be a number above 0'
    throw new InvalidSampleError(expectation, weight, 'Leave it out for 1.')
  }
  if (group !== undefined && typeof group !== 'string') {
    const expectation = 'the group of a sample to be a text'
    throw new InvalidSampleError(expectation, group, 'Leave it out for none.')
  }
  return { vector, values, weight, group }
}

/** A checked copy of a feature vector. */
export function checkVector(features: unknown, dimensions: number): Float64Array {
  if (!isArrayLike(features)) {
    const remedy = 'Pass an array or a typed array.'
    throw new InvalidVectorError('features to be a list of numbers', features, remedy)
  }
  if (features.length !== dimensions) {
    const expectation = `${dimensions} features`
    const remedy = `Pass one number per dimension.`
    throw new DimensionMismatchError(expectation, features.length, remedy)
  }
  const vector = new Float64Array(dimensions)
  for (let d = 0; d < dimensions; d++) {
    const feature = features[d]
    if (!isMagnitude(feature)) {
      const expectation = `feature ${d} to be a finite number, up to ${MAX_MAGNITUDE} either way`
      throw new InvalidVectorError(expectation, feature, 'Replace or drop what was not measured.')
    }
    vector[d] = feature
  }
  return vector
}

function checkTargets(given: unknown, targets: readonly ResolvedTarget[]): readonly number[] {
  if (!isRecord(given)) {
    const remedy = `Pass ${targets.map(({ name }) => name).join(', ')}.`
    throw new InvalidTargetError('targets to be an object of numbers', given, remedy)
  }
  for (const name of Object.keys(given)) {
    if (targets.some((target) => target.name === name)) continue
    const expectation = `targets among ${targets.map((target) => target.name).join(', ')}`
    throw new UnknownTargetError(expectation, name, 'Drop it, or name it in the options.')
  }
  return targets.map((target) =>
    checkTarget(target, Object.hasOwn(given, target.name) ? given[target.name] : undefined),
  )
}

function checkTarget({ name, scale }: ResolvedTarget, value: unknown): number {
  if (isMagnitude(value) && (scale === 'linear' || isWeight(value))) return value
  const range = scale === 'log' ? 'above 0, up to' : 'up to, either way,'
  const expectation = `target \`${name}\` to be a finite number ${range} ${MAX_MAGNITUDE}`
  throw new InvalidTargetError(expectation, value, 'Give every target of every sample a value.')
}

/** What a predictor is made from: how many features, which targets, and how it looks and averages. */
import { KnnOptionError } from './errors.ts'
import {
  isArrayLike,
  isIntegerIn,
  isNumberIn,
  isRecord,
  isWeight,
  MAX_MAGNITUDE,
} from './validation.ts'

/** The defaults of the published formulas; another choice has to be shown to predict better. */
const DEFAULT_K = 5
const DEFAULT_MIN_SAMPLES = 3
const DEFAULT_EPSILON = 0.01
/** An index numbers its samples in 32 bits. */
const MAX_SAMPLES = 2 ** 32 - 1
/** Where sums of squares of the largest features still do not overflow. */
const MAX_DIMENSIONS = 2 ** 16 - 1

/**
 * How the values of a target are averaged: `'linear'` takes the arithmetic mean, `'log'` the
 * geometric mean, for values that differ by factors rather than by amounts.
 *
 * @public
 */
export type TargetScale = 'linear' | 'log'

/**
 * How one target is predicted.
 *
 * @public
 */
export interface TargetOptions {
  /**
   * How values are averaged. A `'log'` target takes values above 0 only.
   *
   * @defaultValue `'linear'`
   */
  readonly scale?: TargetScale
  /**
   * Whether a prediction is rounded to a whole number.
   *
   * @defaultValue `true`
   */
  readonly integer?: boolean
  /**
   * Smallest value that is predicted; a whole number where `integer` is true.
   *
   * @defaultValue `1` where `integer` is true, no limit where it is false
   */
  readonly min?: number
}

/**
 * Which index finds the neighbours: `'auto'` scans few samples and moves to a k-d forest when they
 * grow many. All give the same answers.
 *
 * @public
 */
export type NeighborSearch = 'auto' | 'scan' | 'forest'

/**
 * Options of a `KnnPredictor`.
 *
 * @public
 */
export interface KnnPredictorOptions<Target extends string = string> {
  /** Numbers in a feature vector, an integer from 1 to 65,535. */
  readonly dimensions: number
  /**
   * One name per dimension, all different; the keys of the feature importance.
   *
   * @defaultValue `feature0`, `feature1`, …
   */
  readonly featureNames?: readonly string[]
  /** What is predicted, by name; at least one target. */
  readonly targets: Readonly<Record<Target, TargetOptions>>
  /**
   * How many neighbours are averaged, an integer from 1.
   *
   * @defaultValue `5`
   */
  readonly k?: number
  /**
   * Below this many samples nothing is predicted, an integer from 1.
   *
   * @defaultValue `3`
   */
  readonly minSamples?: number
  /**
   * Added to a distance before it is inverted to a vote, above 0: the smaller, the more the nearest
   * neighbour decides alone.
   *
   * @defaultValue `0.01`
   */
  readonly epsilon?: number
  /**
   * One factor per dimension on its squared difference, 0 or more, at least one above 0.
   *
   * @defaultValue all `1`
   */
  readonly weights?: ArrayLike<number>
  /**
   * Which index finds the neighbours.
   *
   * @defaultValue `'auto'`
   */
  readonly search?: NeighborSearch
}

/** A target with its defaults filled in. */
export interface ResolvedTarget {
  readonly name: string
  readonly scale: TargetScale
  readonly integer: boolean
  /** `-Infinity` where there is no limit. */
  readonly min: number
}

/** Options with their defaults filled in; copies, so that the caller's objects stay the caller's. */
export interface ResolvedOptions {
  readonly dimensions: number
  readonly featureNames: readonly string[]
  readonly targets: readonly ResolvedTarget[]
  readonly k: number
  readonly minSamples: number
  readonly epsilon: number
  readonly weights: Float64Array
  readonly search: NeighborSearch
}

export function resolveOptions(given: unknown): ResolvedOptions {
  const options = requireOptionsObject(given)
  const { k = DEFAULT_K, minSamples = DEFAULT_MIN_SAMPLES, epsilon = DEFAULT_EPSILON } = options
  const dimensions = integerOption('dimensions', options['dimensions'], MAX_DIMENSIONS)
  return {
    dimensions,
    featureNames: resolveFeatureNames(options['featureNames'], dimensions),
    targets: resolveTargets(options['targets']),
    k: resolveK(k),
    minSamples: integerOption('minSamples', minSamples),
    epsilon: resolveEpsilon(epsilon),
    weights: resolveWeights(options['weights'], dimensions),
    search: resolveSearch(options['search']),
  }
}

/** Throws `KnnOptionError` where a caller passed null or something else for an object of options. */
export function requireOptionsObject<Options>(
  options: Options,
): Options & Readonly<Record<string, unknown>> {
  if (isRecord(options)) return options
  throw new KnnOptionError('options to be an object', options, 'Pass an object of options.')
}

export function resolveK(k: unknown): number {
  return integerOption('k', k)
}

/** Throws `KnnOptionError` unless `value` is an integer from 1 to `max`. */
export function integerOption(name: string, value: unknown, max: number = MAX_SAMPLES): number {
  if (isIntegerIn(value, 1, max)) return value
  const expectation = `\`${name}\` to be an integer from 1 to ${max}`
  throw new KnnOptionError(expectation, value, `Pass such an integer as \`${name}\`.`)
}

function resolveEpsilon(epsilon: unknown): number {
  if (isWeight(epsilon)) return epsilon
  const expectation = '`epsilon` to be a number above 0'
  throw new KnnOptionError(expectation, epsilon, 'Leave it out for 0.01.')
}

function resolveSearch(search: unknown = 'auto'): NeighborSearch {
  if (search === 'auto' || search === 'scan' || search === 'forest') return search
  const expectation = "`search` to be 'auto', 'scan' or 'forest'"
  throw new KnnOptionError(expectation, search, "Leave it out for 'auto'.")
}

function resolveFeatureNames(names: unknown, dimensions: number): readonly string[] {
  if (names === undefined) return Array.from({ length: dimensions }, (_, d) => `feature${d}`)
  const isValid =
    Array.isArray(names) &&
    names.length === dimensions &&
    names.every((name) => typeof name === 'string' && name !== '') &&
    new Set(names).size === dimensions
  if (isValid) return names.map(String)
  const expectation = `\`featureNames\` to be ${dimensions} different texts, one per dimension`
  throw new KnnOptionError(expectation, names, 'Name each dimension once, or leave the names out.')
}

function resolveWeights(weights: unknown, dimensions: number): Float64Array {
  if (weights === undefined) return new Float64Array(dimensions).fill(1)
  const list = isArrayLike(weights) && weights.length === dimensions ? Array.from(weights) : []
  const isValid =
    list.length > 0 &&
    list.every((weight) => weight === 0 || isWeight(weight)) &&
    list.some((weight) => weight !== 0)
  if (isValid) return Float64Array.from(list, Number)
  const expectation = `\`weights\` to be ${dimensions} numbers from 0 to ${MAX_MAGNITUDE}, not all 0`
  throw new KnnOptionError(expectation, weights, 'Give each dimension one weight, or none.')
}

function resolveTargets(targets: unknown): readonly ResolvedTarget[] {
  if (!isRecord(targets) || Object.keys(targets).length === 0) {
    const remedy = 'Name what is to be predicted, for instance `{ price: {} }`.'
    throw new KnnOptionError('`targets` to be an object with at least one target', targets, remedy)
  }
  return Object.entries(targets).map(([name, options]) => resolveTarget(name, options))
}

function resolveTarget(name: string, options: unknown): ResolvedTarget {
  const path = `\`targets.${name}\``
  if (!isRecord(options)) {
    throw new KnnOptionError(`${path} to be an object`, options, 'Pass {} for the defaults.')
  }
  const { scale = 'linear', integer = true } = options
  if (scale !== 'linear' && scale !== 'log') {
    throw new KnnOptionError(`the scale of ${path} to be 'linear' or 'log'`, scale, 'Pass one.')
  }
  if (typeof integer !== 'boolean') {
    throw new KnnOptionError(`\`integer\` of ${path} to be a boolean`, integer, 'Pass one.')
  }
  return { name, scale, integer, min: resolveMin(path, options['min'], integer) }
}

function resolveMin(path: string, min: unknown, integer: boolean): number {
  if (min === undefined) return integer ? 1 : -Infinity
  if (isNumberIn(min, -MAX_MAGNITUDE, MAX_MAGNITUDE) && (!integer || Number.isInteger(min))) {
    return min
  }
  const kind = integer ? 'a whole number' : 'a finite number'
  throw new KnnOptionError(`\`min\` of ${path} to be ${kind}`, min, 'Leave it out for none.')
}

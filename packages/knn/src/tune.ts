/**
 * Chooses k and the weights of the features by leave-one-out error: coordinate descent from the
 * present weights, one feature at a time made more or less important or ignored, and for each set of
 * weights the best k, all of which one pass over the samples judges.
 */
import { type LeaveOneOut, measureLeaveOneOut, prepareLeaveOneOut } from './leave-one-out.ts'
import type { Model } from './model.ts'
import { KnnOptionError } from './errors.ts'
import { integerOption, requireOptionsObject, resolveK } from './options.ts'
import { isWeight } from './validation.ts'

const DEFAULT_KS: readonly number[] = [1, 2, 3, 5, 8, 13, 21]
const DEFAULT_MAX_QUERIES = 500
const DEFAULT_SEED = 1
/** What a weight is multiplied by: a factor of 2 in distance either way, or nothing at all. */
const FACTORS: readonly number[] = [4, 1 / 4, 0]
/** A choice has to lower the error by this share: less is chance, and would be noise in the next. */
const MIN_GAIN = 0.01
/** Passes over the features; the later ones seldom find anything. */
const MAX_ROUNDS = 3

/**
 * Options of `KnnPredictor.tune`.
 *
 * @public
 */
export interface TuneOptions {
  /**
   * Numbers of neighbours to choose from, each an integer from 1.
   *
   * @defaultValue `[1, 2, 3, 5, 8, 13, 21]`
   */
  readonly ks?: readonly number[]
  /**
   * Whether the weights of the features are chosen too.
   *
   * @defaultValue `true`
   */
  readonly tuneWeights?: boolean
  /**
   * How many samples are asked about at most, an integer from 1; more cost more time.
   *
   * @defaultValue `500`
   */
  readonly maxQueries?: number
  /**
   * Chooses the samples asked about where there are more, an integer from 0 to 4,294,967,295.
   *
   * @defaultValue `1`
   */
  readonly seed?: number
}

/**
 * What tuning chose, and what it gained. An error of 0 is perfect, of 1 no better than always
 * predicting the mean.
 *
 * @public
 */
export interface TuneResult {
  /** The number of neighbours chosen. */
  readonly k: number
  /** The weights chosen; their sum is that of the weights before. */
  readonly weights: Float64Array
  /** Leave-one-out error with these. */
  readonly error: number
  /** Leave-one-out error before. */
  readonly errorBefore: number
}

interface Choice {
  readonly k: number
  readonly weights: Float64Array
  readonly error: number
}

/** `undefined` where no sample can be left out and still be predicted. */
export function chooseSettings(model: Model, options: TuneOptions): TuneResult | undefined {
  const {
    ks = DEFAULT_KS,
    tuneWeights = true,
    maxQueries = DEFAULT_MAX_QUERIES,
    seed = DEFAULT_SEED,
  } = requireOptionsObject(options)
  const candidates = checkKs(ks)
  const queries = integerOption('maxQueries', maxQueries)
  const prepared = prepareLeaveOneOut(model, queries, seed)
  if (!prepared.ids.some((id) => hasOutsider(model, id))) return undefined

  const { k, weights } = model.options
  const before = judge(prepared, weights, [k])
  let choice = better(before, judge(prepared, weights, candidates))
  const rounds = tuneWeights ? MAX_ROUNDS : 0
  for (let round = 0; round < rounds; round++) {
    const improved = descend(prepared, choice, candidates)
    if (improved === choice) break
    choice = improved
  }
  return { ...choice, errorBefore: before.error }
}

/** One pass over the features. */
function descend(prepared: LeaveOneOut, start: Choice, ks: readonly number[]): Choice {
  let choice = start
  for (let d = 0; d < start.weights.length; d++) {
    for (const factor of FACTORS) {
      const weights = reweigh(choice.weights, d, factor)
      if (weights !== undefined) choice = better(choice, judge(prepared, weights, ks))
    }
  }
  return choice
}

/**
 * The weights with one of them multiplied, scaled to the same sum, so that distances and confidences
 * keep their size. A weight of 0 comes back as an average one. `undefined` where nothing would be
 * left, nothing changes, or a weight leaves the range of weights.
 */
function reweigh(weights: Float64Array, d: number, factor: number): Float64Array | undefined {
  const sum = weights.reduce((a, b) => a + b, 0)
  const changed = weights.slice()
  changed[d] = weights[d] === 0 ? (factor * sum) / weights.length : weights[d]! * factor
  const changedSum = changed.reduce((a, b) => a + b, 0)
  if (changedSum === 0 || changed[d] === weights[d]) return undefined
  const scaled = changed.map((weight) => (weight * sum) / changedSum)
  return scaled.every((weight) => weight === 0 || isWeight(weight)) ? scaled : undefined
}

/** The best k for these weights; of equally good ones the first. */
function judge(prepared: LeaveOneOut, weights: Float64Array, ks: readonly number[]): Choice {
  const errors = measureLeaveOneOut(prepared, { weights, ks })
  let best = 0
  for (const [i, error] of errors.entries()) if (error < errors[best]!) best = i
  return { k: ks[best]!, weights, error: errors[best]! }
}

function better(choice: Choice, challenger: Choice): Choice {
  return challenger.error < choice.error * (1 - MIN_GAIN) ? challenger : choice
}

function hasOutsider({ table }: Model, id: number): boolean {
  for (let other = 0; other < table.size; other++) {
    if (!table.isSameGroup(id, other)) return true
  }
  return false
}

function checkKs(ks: unknown): readonly number[] {
  if (!Array.isArray(ks) || ks.length === 0) {
    const expectation = '`ks` to be a list of at least one number of neighbours'
    throw new KnnOptionError(expectation, ks, 'Leave it out for the default.')
  }
  return [...new Set(ks.map(resolveK))].toSorted((a, b) => a - b)
}

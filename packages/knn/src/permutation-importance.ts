/** How much each feature matters to the predictions, found by destroying it. */
import { measureLeaveOneOut, prepareLeaveOneOut } from './leave-one-out.ts'
import type { Model } from './model.ts'
import { integerOption, requireOptionsObject } from './options.ts'
import { createRandom, shuffle } from './random.ts'

const DEFAULT_REPEATS = 3
const DEFAULT_MAX_QUERIES = 500
const DEFAULT_SEED = 1
/** One sample alone has no neighbour to be predicted from. */
const MIN_SAMPLES = 2

/**
 * Options of `KnnPredictor.permutationImportance`.
 *
 * @public
 */
export interface PermutationOptions {
  /**
   * How many shuffles are averaged, an integer from 1 to 1000.
   *
   * @defaultValue `3`
   */
  readonly repeats?: number
  /**
   * How many samples are asked about at most, an integer from 1; more cost more time.
   *
   * @defaultValue `500`
   */
  readonly maxQueries?: number
  /**
   * Decides the shuffles, an integer from 0 to 4,294,967,295: equal seeds give equal results.
   *
   * @defaultValue `1`
   */
  readonly seed?: number
}

const MAX_REPEATS = 1000

export function measurePermutationImportance(
  model: Model,
  options: PermutationOptions,
): Record<string, number> {
  const {
    repeats = DEFAULT_REPEATS,
    maxQueries = DEFAULT_MAX_QUERIES,
    seed = DEFAULT_SEED,
  } = requireOptionsObject(options)
  const rounds = integerOption('repeats', repeats, MAX_REPEATS)
  const queries = integerOption('maxQueries', maxQueries)
  const random = createRandom(seed)
  if (model.table.size < MIN_SAMPLES) return {}

  const prepared = prepareLeaveOneOut(model, queries, seed)
  const { weights, k, dimensions, featureNames } = model.options
  const measure = (alter?: (query: Float64Array, n: number) => void): number =>
    // One k was asked about, so there is one error.
    measureLeaveOneOut(prepared, { weights, ks: [k], ...(alter && { alter }) })[0]!

  const unspoiled = measure()
  const growths = featureNames.map((name, d) => {
    let growth = 0
    for (let round = 0; round < rounds; round++) {
      const donors = shuffle(prepared.ids, random)
      growth += measure((query, n) => {
        query[d] = prepared.rows[donors[n]! * dimensions + d]!
      })
    }
    return [name, growth / rounds - unspoiled] as const
  })
  return Object.fromEntries(growths)
}

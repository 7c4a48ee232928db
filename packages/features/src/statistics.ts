/** The few statistics that measuring needs, in one pass or over sorted values. */
import { InvalidArgumentError } from './errors.ts'

const FINITE_REMEDY = 'Leave out values that are not finite numbers.'

/**
 * Mean and variance of a stream of numbers, in constant memory.
 *
 * @remarks
 * Welford's update, which does not lose digits where the mean is large beside the spread.
 * @see B. P. Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products",
 * Technometrics 4(3), 1962.
 * @public
 */
export class RunningStatistics {
  #count = 0
  #mean = 0
  #squaredDeviations = 0

  /**
   * Takes one more value into account.
   *
   * @param x - A finite number.
   * @throws {@link InvalidArgumentError} `AMORSIZE_FEATURES_INVALID_ARGUMENT`; nothing is changed.
   */
  add(x: number): void {
    assertFinite('x', x)
    const difference = x - this.#mean
    this.#count++
    this.#mean += difference / this.#count
    this.#squaredDeviations += difference * (x - this.#mean)
  }

  /** Number of values so far. */
  get count(): number {
    return this.#count
  }

  /** Arithmetic mean; `NaN` while there is no value. */
  get mean(): number {
    return this.#count === 0 ? Number.NaN : this.#mean
  }

  /** Mean squared deviation from the mean, dividing by the count; `NaN` while there is no value. */
  get populationVariance(): number {
    return this.#count === 0 ? Number.NaN : this.#squaredDeviations / this.#count
  }

  /**
   * Population standard deviation over the absolute mean. 0 where all values are equal, also to 0;
   * infinite where different values have the mean 0; `NaN` while there is no value.
   */
  get coefficientOfVariation(): number {
    const variance = this.populationVariance
    return variance === 0 ? 0 : Math.sqrt(variance) / Math.abs(this.mean)
  }
}

/**
 * Quantile by linear interpolation between order statistics, type 7 of Hyndman and Fan.
 *
 * @param sorted - At least one finite number, in ascending order. The order is the caller's
 * promise: only what a constant-time look shows is refused.
 * @param q - Share of the values at or below the quantile, 0 to 1.
 * @returns The quantile, between the first and the last value.
 * @throws {@link InvalidArgumentError} `AMORSIZE_FEATURES_INVALID_ARGUMENT`.
 * @see R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages",
 * The American Statistician 50(4), 1996: type 7, position (n - 1) q.
 * @public
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  assertNotEmpty('sorted', sorted)
  if (!(q >= 0 && q <= 1)) {
    throw new InvalidArgumentError('q', 'a number in [0, 1]', q, 'Give 0.5 for the median.')
  }
  const last = sorted.length - 1
  const position = last * q
  const below = Math.floor(position)
  const share = position - below
  // `below` and the next index are within 0..last, because q is at most 1.
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, last)]!
  assertFinite(`sorted[${below}]`, low)
  assertFinite(`sorted[${Math.min(below + 1, last)}]`, high)
  if (low > high || !(sorted[0]! <= low) || !(high <= sorted[last]!)) {
    throw new InvalidArgumentError('sorted', 'in ascending order', sorted, 'Sort the values first.')
  }
  // Rounding must not carry it past the value above.
  return share === 0 ? low : Math.min(high, low + share * (high - low))
}

/**
 * Median of values in any order: the middle one, or the mean of the middle two.
 *
 * @param values - At least one finite number; they are not changed.
 * @returns The median, between the smallest and the largest value.
 * @throws {@link InvalidArgumentError} `AMORSIZE_FEATURES_INVALID_ARGUMENT`.
 * @public
 */
export function median(values: ArrayLike<number>): number {
  assertNotEmpty('values', values)
  for (let i = 0; i < values.length; i++) assertFinite(`values[${i}]`, values[i])
  return quantile(Float64Array.from(values).toSorted(), 0.5)
}

function assertFinite(argument: string, value: unknown): void {
  if (!Number.isFinite(value)) {
    throw new InvalidArgumentError(argument, 'a finite number', value, FINITE_REMEDY)
  }
}

function assertNotEmpty(argument: string, values: ArrayLike<number>): void {
  if (!(values?.length > 0)) {
    throw new InvalidArgumentError(argument, 'at least one number', values, 'Give some values.')
  }
}

/**
 * Two things compared on a machine that is never quiet: they take turns, each pair gives one ratio,
 * and the interval is what resampling the pairs would give.
 */
import { median } from '@amorsize/features'

import { createRandom } from './random.ts'

/** A ratio with its uncertainty. */
export interface Ratio {
  readonly value: number
  /** 95 % interval of the median. */
  readonly low: number
  readonly high: number
  /** Medians of the two, in the unit that they were measured in. */
  readonly subject: number
  readonly baseline: number
}

type Measurement = () => number | Promise<number>

const RESAMPLES = 1000
const LOW_SHARE = 0.025
const HIGH_SHARE = 0.975

/**
 * Ratio of `subject` to `baseline` over so many pairs, after one pair that does not count. The order
 * alternates, so that neither always runs second.
 */
export async function measureRatio(
  subject: Measurement,
  baseline: Measurement,
  pairs: number,
): Promise<Ratio> {
  const subjects: number[] = []
  const baselines: number[] = []
  for (let pair = -1; pair < pairs; pair++) {
    const isSubjectFirst = pair % 2 === 0
    const first = await (isSubjectFirst ? subject : baseline)()
    const second = await (isSubjectFirst ? baseline : subject)()
    if (pair < 0) continue
    subjects.push(isSubjectFirst ? first : second)
    baselines.push(isSubjectFirst ? second : first)
  }
  const ratios = subjects.map((value, index) => value / baselines[index]!)
  const [low, high] = intervalOfMedian(ratios)
  return {
    value: median(ratios),
    low,
    high,
    subject: median(subjects),
    baseline: median(baselines),
  }
}

/**
 * 95 % interval of the median, by resampling.
 * @see Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7(1), 1979.
 */
export function intervalOfMedian(values: readonly number[]): [low: number, high: number] {
  const random = createRandom(1)
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)]!)),
  ).toSorted((a, b) => a - b)
  return [medians[Math.floor(LOW_SHARE * RESAMPLES)]!, medians[Math.floor(HIGH_SHARE * RESAMPLES)]!]
}

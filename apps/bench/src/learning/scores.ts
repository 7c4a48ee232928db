/** What predictions came to: regrets, and what their confidences were worth. */
import { measureReliability } from '@amorsize/core'
import { quantile } from '@amorsize/features'

/** A plan that was predicted, and what it came to. */
export interface Judged {
  /** Its time over that of the best plan of the grid. */
  readonly regret: number
  readonly confidence: number
}

/** A plan this far from the best is good: what the confidence claims. */
const GOOD_REGRET = 1.2

/** What counts as sure, and as enough to go without a dry run. */
const SURE = 0.8
const ANSWERED = 0.7

/** Regrets in short. */
export interface RegretSummary {
  readonly count: number
  readonly median: number
  readonly p90: number
  readonly mean: number
  readonly goodShare: number
}

/** Confidences in short. */
export interface ConfidenceSummary {
  readonly expectedCalibrationError: number
  /** Share of queries with a confidence of 0.8 and more, and how many of those were good. */
  readonly sureShare: number
  readonly sureGoodShare: number
  /** Share of queries that the usual threshold lets through. */
  readonly answeredShare: number
  /** Claimed against observed, by tenths. */
  readonly bins: readonly { from: number; count: number; observed: number; medianRegret: number }[]
}

/** Summary of regrets, at least one. */
export function summarizeRegret(regrets: readonly number[]): RegretSummary {
  const sorted = regrets.toSorted((a, b) => a - b)
  return {
    count: sorted.length,
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    mean: sorted.reduce((sum, regret) => sum + regret, 0) / sorted.length,
    goodShare: sorted.filter((regret) => regret <= GOOD_REGRET).length / sorted.length,
  }
}

/** Summary of confidences, at least one. */
export function summarizeConfidence(judged: readonly Judged[]): ConfidenceSummary {
  const outcomes = judged.map(({ confidence, regret }) => ({
    confidence,
    observed: regret <= GOOD_REGRET,
  }))
  const { bins, expectedCalibrationError = 0 } = measureReliability(outcomes)
  const sure = judged.filter(({ confidence }) => confidence >= SURE)
  const good = sure.filter(({ regret }) => regret <= GOOD_REGRET)
  return {
    expectedCalibrationError,
    sureShare: sure.length / judged.length,
    sureGoodShare: sure.length === 0 ? 0 : good.length / sure.length,
    answeredShare: judged.filter(({ confidence }) => confidence >= ANSWERED).length / judged.length,
    bins: bins
      .filter(({ count }) => count > 0)
      .map(({ from, to, count, observed = 0 }) => {
        const isIn = ({ confidence }: Judged): boolean =>
          confidence >= from && (confidence < to || to === 1)
        const regrets = judged.filter(isIn).map(({ regret }) => regret)
        return {
          from,
          count,
          observed,
          medianRegret: quantile(
            regrets.toSorted((a, b) => a - b),
            0.5,
          ),
        }
      }),
  }
}

/** How what a live run shows of a prediction agrees with what it was worth. */
export interface LiveAgreement {
  /** Predictions whose run could tell. */
  readonly count: number
  readonly agreedShare: number
  /** Share that was good by what the run showed, and in truth. */
  readonly goodLiveShare: number
  readonly goodShare: number
}

/** Holds the live outcomes of predictions against their regrets. */
export function summarizeLiveOutcomes(
  judged: readonly { readonly regret: number; readonly isGoodLive: boolean | undefined }[],
): LiveAgreement {
  const tried = judged.filter(({ isGoodLive }) => isGoodLive !== undefined)
  const shareOf = (isIt: (answer: (typeof tried)[number]) => boolean): number =>
    tried.filter((answer) => isIt(answer)).length / Math.max(1, tried.length)
  return {
    count: tried.length,
    agreedShare: shareOf(({ regret, isGoodLive }) => isGoodLive === regret <= GOOD_REGRET),
    goodLiveShare: shareOf(({ isGoodLive }) => isGoodLive === true),
    goodShare: shareOf(({ regret }) => regret <= GOOD_REGRET),
  }
}

/** One line of regrets. */
export function regretLine(name: string, regrets: readonly number[]): string {
  const { count, median, p90, mean, goodShare } = summarizeRegret(regrets)
  const figures = [median, p90, mean].map((figure) => figure.toFixed(3).padStart(8)).join('')
  return `  ${name.padEnd(34)}${String(count).padStart(6)}${figures}${percent(goodShare).padStart(9)}`
}

/** The head of such lines. */
export const REGRET_HEAD: string = `  ${''.padEnd(34)} count  median     p90    mean  <= 1.2`

/** A share for people. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

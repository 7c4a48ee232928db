/** Answers to a question for the eye, beside those of the baselines, and held against the targets. */
import type { Plan } from '@amorsize/core'

import type { Finding } from '../harness/report.ts'
import { defaultPlanOf, LOOP_PLAN } from './asked-run.ts'
import type { AskedRun } from './asked-run.ts'
import { perfectForecaster } from './perfect-forecaster.ts'
import {
  percent,
  REGRET_HEAD,
  regretLine,
  summarizeConfidence,
  summarizeLiveOutcomes,
  summarizeRegret,
} from './scores.ts'
import type { ConfidenceSummary, LiveAgreement } from './scores.ts'
import type { Answer } from './trials.ts'

const SURE_GOOD = 0.9
const LARGEST_CALIBRATION_ERROR = 0.05

/** Prints what the answers came to beside four baselines, by confidence, and as a live run sees them. */
export function describeAnswers(
  name: string,
  answers: readonly Answer[],
  averages: readonly Answer[],
): unknown {
  const ofPlan = (planOf: (run: AskedRun) => Plan): number[] =>
    answers.map(({ run }) => run.regretOf(planOf(run)))
  const regrets = {
    'always the plain loop': ofPlan(() => LOOP_PLAN),
    'N/(4P) on all cores': ofPlan(defaultPlanOf),
    'dry run': ofPlan(({ planned }) => planned),
    'plain average': averages.map(({ regret }) => regret),
    'past runs': answers.map(({ regret }) => regret),
  }
  console.log(`\n  ${name}\n${REGRET_HEAD}`)
  for (const [line, values] of Object.entries(regrets)) console.log(regretLine(line, values))
  const confidence = summarizeConfidence(answers)
  printBins(confidence)
  const raw = summarizeConfidence(
    answers.map(({ regret, rawConfidence }) => ({ regret, confidence: rawConfidence })),
  )
  const average = summarizeConfidence(averages)
  const errors = [confidence, raw, average].map(({ expectedCalibrationError }) =>
    expectedCalibrationError.toFixed(3),
  )
  console.log(
    `  calibration error ${errors[0]}, of the raw score ${errors[1]}, of the plain average's ${errors[2]}`,
  )
  const perfect = perfectForecaster(answers, LARGEST_CALIBRATION_ERROR)
  console.log(
    `  calibration error of a perfect forecaster over as many maps ${perfect.median.toFixed(3)} in the median, 90th percentile ${perfect.p90.toFixed(3)}, above ${LARGEST_CALIBRATION_ERROR} in ${percent(perfect.overShare)}`,
  )
  const live = summarizeLiveOutcomes(answers)
  printLive(live)
  const summaries = Object.entries(regrets).map(([line, values]) => [line, summarizeRegret(values)])
  return { regret: Object.fromEntries(summaries), confidence, raw, average, perfect, live }
}

/** What was promised of predictions. */
export function findingsOf(name: string, answers: readonly Answer[]): Finding[] {
  const { sureShare, sureGoodShare, expectedCalibrationError, answeredShare } =
    summarizeConfidence(answers)
  return [
    {
      what: `${name}: of predictions with a confidence of 0.8 and more, within 20 % of the best`,
      target: `>= ${percent(SURE_GOOD)}`,
      measured: `${percent(sureGoodShare)} (${percent(sureShare)} of all; ${percent(answeredShare)} reach 0.7)`,
      isMet: sureGoodShare >= SURE_GOOD,
    },
    {
      what: `${name}: expected calibration error`,
      target: `<= ${LARGEST_CALIBRATION_ERROR}`,
      measured: expectedCalibrationError.toFixed(3),
      isMet: expectedCalibrationError <= LARGEST_CALIBRATION_ERROR,
    },
  ]
}

function printBins({ bins }: ConfidenceSummary): void {
  console.log('  confidence   count  within 20 %  median regret')
  for (const { from, count, observed, medianRegret } of bins) {
    const range = `${from.toFixed(1)} .. ${(from + 0.1).toFixed(1)}`
    console.log(
      `  ${range.padEnd(11)}${String(count).padStart(7)}${percent(observed).padStart(13)}${medianRegret.toFixed(3).padStart(15)}`,
    )
  }
}

function printLive({ count, agreedShare, goodLiveShare, goodShare }: LiveAgreement): void {
  if (count === 0) return
  console.log(
    `  the outcome that a live run shows agrees in ${percent(agreedShare)} of ${count}: good by it ${percent(goodLiveShare)}, in truth ${percent(goodShare)}`,
  )
}

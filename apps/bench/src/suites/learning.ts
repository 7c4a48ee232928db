/**
 * What predictions from past runs are worth, on simulated machines where the best plan is known: for
 * functions that ran before, for functions and for machines that were left out of the history.
 */
import type { ModelSettings } from '@amorsize/core'

import type { Finding, SuiteReport } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import {
  percent,
  REGRET_HEAD,
  regretLine,
  summarizeConfidence,
  summarizeRegret,
} from '../learning/scores.ts'
import type { ConfidenceSummary } from '../learning/scores.ts'
import { makeStream } from '../learning/stream.ts'
import type { StreamedRun } from '../learning/stream.ts'
import {
  askInTurn,
  askLeavingFunctionsOut,
  askLeavingMachinesOut,
  averageModel,
  costModel,
  defaultPlan,
  loopPlan,
  regretOf,
} from '../learning/trials.ts'
import type { Answer, Predictor } from '../learning/trials.ts'
import { makeFunctions, makeMachines } from '../learning/world.ts'

const FUNCTIONS = 80
const QUICK_FUNCTIONS = 24
const MACHINES = 5
const ROUNDS = 10
/** Runs of a left-out function or machine that are asked about. */
const ASKED = 3

const SURE_GOOD = 0.9
const LARGEST_CALIBRATION_ERROR = 0.05

/** Each layer of the model switched off, or set otherwise. */
const VARIANTS: Record<string, Partial<ModelSettings>> = {
  'no recency (half-life of 1e6 runs)': { halfLifeRuns: 1e6 },
  'half-life of 2 runs': { halfLifeRuns: 2 },
  'half-life of 8 runs': { halfLifeRuns: 8 },
  'number of items does not matter': { dataSizeScale: 1e3 },
  'all machines count alike': { machineScale: 1e3 },
  'no prior for contention': { priorRuns: 0 },
  'prior of 4 runs': { priorRuns: 4 },
  '1 neighbour': { neighbors: 1 },
  '3 neighbours': { neighbors: 3 },
  '10 neighbours': { neighbors: 10 },
  'item time counts four times': { weights: [1, 4, 1, 1, 1, 1, 1, 1] },
  'result size counts four times': { weights: [1, 1, 1, 1, 1, 4, 1, 1] },
  'number of items does not count': { weights: [0, 1, 1, 1, 1, 1, 1, 1] },
  'code size does not count': { weights: [1, 1, 1, 1, 1, 1, 1, 0] },
}

const QUESTIONS: Record<string, (runs: readonly StreamedRun[], make: () => Predictor) => Answer[]> =
  {
    'known functions': (runs, make) => askInTurn(runs, make()),
    'functions left out': (runs, make) => askLeavingFunctionsOut(runs, make, ASKED),
    'machines left out': (runs, make) => askLeavingMachinesOut(runs, make, ASKED),
  }

/** Measures regret and calibration of predictions, and what each layer of the model adds. */
export async function benchLearning({ isQuick }: Settings): Promise<SuiteReport> {
  const functions = makeFunctions('learning', isQuick ? QUICK_FUNCTIONS : FUNCTIONS)
  const runs = makeStream(functions, makeMachines('learning', MACHINES), ROUNDS)
  const findings: Finding[] = []
  const details: Record<string, unknown> = {}
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    const answers = ask(runs, costModel)
    const confidence = summarizeConfidence(answers)
    console.log(`\n  ${name}\n${REGRET_HEAD}`)
    const lines = {
      ...baselinesOf(answers),
      'plain average': ask(runs, averageModel),
      model: answers,
    }
    for (const [line, answered] of Object.entries(lines))
      console.log(
        regretLine(
          line,
          answered.map(({ regret }) => regret),
        ),
      )
    printBins(confidence)
    const raw = summarizeConfidence(
      answers.map(({ regret, rawConfidence }) => ({ regret, confidence: rawConfidence })),
    )
    const average = summarizeConfidence(lines['plain average'])
    console.log(
      `  error of the raw score ${raw.expectedCalibrationError.toFixed(3)}, of the plain average's ${average.expectedCalibrationError.toFixed(3)}`,
    )
    findings.push(...findingsOf(name, confidence))
    details[name] = {
      regret: Object.fromEntries(
        Object.entries(lines).map(([line, answered]) => [
          line,
          summarizeRegret(answered.map(({ regret }) => regret)),
        ]),
      ),
      confidence,
      raw,
      average,
    }
  }
  details['learning curve'] = printCurve(runs)
  if (!isQuick) details['variants'] = printVariants(runs)
  return { findings, details }
}

function baselinesOf(answers: readonly Answer[]): Record<string, { regret: number }[]> {
  const of = (regretOn: (run: StreamedRun) => number): { regret: number }[] =>
    answers.map(({ run }) => ({ regret: regretOn(run) }))
  return {
    'always the plain loop': of(({ workload }) => regretOf(workload, loopPlan())),
    'N/(4P) on all cores': of(({ workload }) => regretOf(workload, defaultPlan(workload))),
    'dry run': of(({ workload, planned }) => regretOf(workload, planned)),
  }
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

function findingsOf(name: string, confidence: ConfidenceSummary): Finding[] {
  const { sureShare, sureGoodShare, expectedCalibrationError, answeredShare } = confidence
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

/** Regret of the nth run of a function, predicted from those before. */
function printCurve(runs: readonly StreamedRun[]): unknown {
  console.log(`\n  learning curve\n${REGRET_HEAD}`)
  const answers = askInTurn(runs, costModel())
  return [1, 2, 4, ROUNDS - 1].map((nth) => {
    const regrets = answers.filter(({ run }) => run.nth === nth).map(({ regret }) => regret)
    console.log(regretLine(`run ${nth + 1} of a function`, regrets))
    return { run: nth + 1, ...summarizeRegret(regrets) }
  })
}

function printVariants(runs: readonly StreamedRun[]): unknown {
  const variants = { 'as it is': {}, ...VARIANTS }
  return Object.entries(variants).map(([name, settings]) => {
    const row: Record<string, unknown> = { name }
    const cells = Object.entries(QUESTIONS).map(([question, ask]) => {
      const answers = ask(runs, () => costModel(settings))
      const { mean, goodShare } = summarizeRegret(answers.map(({ regret }) => regret))
      const { expectedCalibrationError, sureShare } = summarizeConfidence(answers)
      row[question] = { mean, goodShare, expectedCalibrationError, sureShare }
      return `${mean.toFixed(3)} ${percent(goodShare)} ${expectedCalibrationError.toFixed(3)}`
    })
    console.log(`  ${name.padEnd(36)} ${cells.map((cell) => cell.padStart(20)).join('')}`)
    return row
  })
}

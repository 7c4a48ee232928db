/**
 * What predictions from past runs are worth, on simulated machines where the best plan is known: for
 * functions that ran before, for functions and for machines that were left out of the history.
 */
import { FEATURE_NAMES } from '@amorsize/core'

import type { Finding, SuiteReport } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { CURVE, followStream } from '../learning/curve.ts'
import type { AskedRun } from '../learning/asked-run.ts'
import { averageModel, costModel, modelPerMachine, modelTold } from '../learning/predictors.ts'
import type { Predictor } from '../learning/predictors.ts'
import { describeAnswers, findingsOf } from '../learning/report.ts'
import {
  percent,
  REGRET_HEAD,
  regretLine,
  summarizeConfidence,
  summarizeRegret,
} from '../learning/scores.ts'
import { makeStream } from '../learning/stream.ts'
import { askInTurn, askLeavingFunctionsOut, askLeavingMachinesOut } from '../learning/trials.ts'
import type { Answer, LeavingOut } from '../learning/trials.ts'
import { makeFunctions, makeMachines } from '../learning/world.ts'
import type { SimulatedFunction } from '../learning/world.ts'

const FUNCTIONS = 80
const QUICK_FUNCTIONS = 24
const MACHINES = 5
const ROUNDS = 10
const LEAVING_OUT: LeavingOut = { asked: 3, learned: 10, together: 10 }
/** For the many variants, which are held against one another: a third of the runs tells them apart. */
const BRIEF: LeavingOut = { asked: 3, learned: 4, together: 16 }
const BRIEF_ROUNDS = 6

/** Fewer functions, for as many runs of each as it takes to see where learning ends. */
const CURVE_FUNCTIONS = 16

/** Item times that a change leads to at most and at least, milliseconds. */
const LONGEST_ITEM_MS = 100
const SHORTEST_ITEM_MS = 0.001

const MS_PER_DAY = 86_400_000
const LARGEST_NAMED = 1000

type Question = 'known functions' | 'functions left out' | 'machines left out'

type Ask = (runs: readonly AskedRun[], make: () => Predictor, leaving: LeavingOut) => Answer[]

const QUESTIONS: Record<Question, Ask> = {
  'known functions': (runs, make) => askInTurn(runs, make()),
  'functions left out': askLeavingFunctionsOut,
  'machines left out': askLeavingMachinesOut,
}

const OF_KNOWN: readonly Question[] = ['known functions', 'machines left out']
const OF_STRANGERS: readonly Question[] = ['functions left out']
const OF_ALL: readonly Question[] = ['known functions', 'functions left out', 'machines left out']

/** A part of the model switched off, or set otherwise, and the questions that it can make a difference to. */
type Variant = readonly [questions: readonly Question[], make: () => Predictor]

const VARIANTS: Readonly<Record<string, Variant>> = {
  'as it is': [OF_ALL, () => costModel()],
  'no recency (half-life of 1e6 runs)': [OF_KNOWN, () => costModel({ halfLifeRuns: 1e6 })],
  'half-life of 1 run': [OF_KNOWN, () => costModel({ halfLifeRuns: 1 })],
  'half-life of 4 runs': [OF_KNOWN, () => costModel({ halfLifeRuns: 4 })],
  'mean item time, linear': [['known functions'], () => modelTold('linear')],
  'mean item time, log': [['known functions'], () => modelTold('log')],
  'size of the items not told': [OF_KNOWN, () => costModel({}, 'itemSize')],
  'all machines count alike': [OF_ALL, () => costModel({ machineScale: 1e3 })],
  'a model for each machine': [OF_ALL, modelPerMachine],
  'no prior for contention': [OF_KNOWN, () => costModel({ priorRuns: 0 })],
  'prior of 4 runs': [OF_KNOWN, () => costModel({ priorRuns: 4 })],
  'contention not told': [OF_ALL, () => costModel({}, 'contention')],
  'share of waiting not told': [OF_ALL, () => costModel({}, 'waitShare')],
  'not told what may wait': [OF_STRANGERS, () => costModel({}, 'mayWait')],
  '1 neighbour': [OF_STRANGERS, () => costModel({ neighbors: 1 })],
  '3 neighbours': [OF_STRANGERS, () => costModel({ neighbors: 3 })],
  '10 neighbours': [OF_STRANGERS, () => costModel({ neighbors: 10 })],
  ...Object.fromEntries(
    FEATURE_NAMES.map((name, place) => [
      `${name} does not count`,
      [OF_STRANGERS, () => costModel({ weights: weightsOf(place, 0) })],
    ]),
  ),
  'itemTime counts four times': [OF_STRANGERS, () => costModel({ weights: weightsOf(1, 4) })],
  'serializedSize counts four times': [OF_STRANGERS, () => costModel({ weights: weightsOf(5, 4) })],
  'plain average': [OF_ALL, averageModel],
}

function weightsOf(place: number, weight: number): number[] {
  return FEATURE_NAMES.map((_, other) => (other === place ? weight : 1))
}

/** Measures regret and calibration of predictions, and what each layer of the model adds. */
export async function benchLearning({ isQuick }: Settings): Promise<SuiteReport> {
  const functions = makeFunctions('learning', isQuick ? QUICK_FUNCTIONS : FUNCTIONS)
  const runs = makeStream(functions, makeMachines('learning', MACHINES), ROUNDS)
  const findings: Finding[] = []
  const details: Record<string, unknown> = {}
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    const answers = ask(runs, () => costModel(), LEAVING_OUT)
    details[name] = describeAnswers(
      name,
      answers,
      ask(runs, () => averageModel(), LEAVING_OUT),
    )
    findings.push(...findingsOf(name, answers))
  }
  details['learning curve'] = printCurve()
  details['after a change'] = printChange(functions)
  if (!isQuick) details['variants'] = printVariants(runs.filter(({ nth }) => nth < BRIEF_ROUNDS))
  return { findings, details }
}

/** Regret of the nth run of a function, decided as a caller's would be. */
function printCurve(): unknown {
  console.log(`\n  learning curve\n${REGRET_HEAD}`)
  const functions = makeFunctions('curve', CURVE_FUNCTIONS)
  const runs = makeStream(functions, makeMachines('curve', MACHINES), Math.max(...CURVE))
  const points = followStream(runs, costModel())
  return CURVE.map((run) => {
    const ofRun = points.filter((point) => point.run === run)
    const regrets = ofRun.map(({ regret }) => regret)
    const predictedShare = ofRun.filter(({ isPredicted }) => isPredicted).length / ofRun.length
    console.log(`${regretLine(`run ${run}`, regrets)}  ${percent(predictedShare)} predicted`)
    return { run, predictedShare, regret: summarizeRegret(regrets) }
  })
}

const HALF_LIVES = [1, 2, 4, 1e6]
const ROUNDS_EACH = 6
const CHANGE = 15

/** Every function takes fifteen times as long from one day to the next, or as little. */
function printChange(functions: readonly SimulatedFunction[]): unknown {
  console.log(`\n  after the item times have changed\n${REGRET_HEAD}`)
  const machines = makeMachines('learning', MACHINES)
  const changed = functions.map((fn, place) => {
    const itemTimeMs = place % 2 === 0 ? fn.itemTimeMs / CHANGE : fn.itemTimeMs * CHANGE
    return { ...fn, itemTimeMs: Math.min(LONGEST_ITEM_MS, Math.max(SHORTEST_ITEM_MS, itemTimeMs)) }
  })
  const before = makeStream(functions, machines, ROUNDS_EACH)
  const after = makeStream(changed, machines, ROUNDS_EACH, MS_PER_DAY)
  return HALF_LIVES.map((halfLifeRuns) => {
    const answers = askInTurn([...before, ...after], costModel({ halfLifeRuns }))
    const judged = answers.slice(-after.length)
    const { sureShare, sureGoodShare } = summarizeConfidence(judged)
    const name = halfLifeRuns > LARGEST_NAMED ? 'no recency' : `half-life of ${halfLifeRuns} runs`
    const regrets = judged.map(({ regret }) => regret)
    const sure = `${percent(sureGoodShare)} good of the ${percent(sureShare)} sure`
    console.log(`${regretLine(name, regrets)}  ${sure}`)
    return { halfLifeRuns, regret: summarizeRegret(regrets), sureShare, sureGoodShare }
  })
}

function printVariants(runs: readonly AskedRun[]): unknown {
  console.log('\n  mean regret, share within 20 %, calibration error')
  console.log(`  ${''.padEnd(36)}${OF_ALL.map((question) => question.padStart(22)).join('')}`)
  return Object.entries(VARIANTS).map(([name, [questions, make]]) => {
    const row: Record<string, unknown> = { name }
    const cells = OF_ALL.map((question) => {
      const answers = questions.includes(question) ? QUESTIONS[question](runs, make, BRIEF) : []
      if (answers.length === 0) return ''
      const { mean, goodShare } = summarizeRegret(answers.map(({ regret }) => regret))
      const { expectedCalibrationError, sureShare } = summarizeConfidence(answers)
      row[question] = { mean, goodShare, expectedCalibrationError, sureShare }
      return `${mean.toFixed(3)} ${percent(goodShare)} ${expectedCalibrationError.toFixed(3)}`
    })
    console.log(`  ${name.padEnd(36)}${cells.map((cell) => cell.padStart(22)).join('')}`)
    return row
  })
}

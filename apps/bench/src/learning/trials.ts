/** The three questions that a model is asked about runs it has not seen. */
import type { Judged } from './scores.ts'
import type { AskedRun } from './asked-run.ts'
import type { Predictor } from './predictors.ts'

/** What a predictor said, and the run it said it of. */
export interface Answer extends Judged {
  readonly run: AskedRun
  readonly rawConfidence: number
  /** Whether the prediction was good by what a live run shows of it, where that was tried. */
  readonly isGoodLive: boolean | undefined
}

/** How functions and machines are left out. */
export interface LeavingOut {
  /** Runs of a left-out function or machine that are asked about. */
  readonly asked: number
  /** Runs of every other function and machine that are learned. */
  readonly learned: number
  /** Functions left out at once: a model less to train for each, and a history smaller by as many. */
  readonly together: number
}

/** A known function: each run is predicted from all before it. */
export function askInTurn(
  runs: readonly AskedRun[],
  predictor: Predictor,
  isAsked: (run: AskedRun) => boolean = () => true,
): Answer[] {
  const known = new Set<string>()
  return runs.flatMap((run) => {
    const { functionSignature, machine } = run.sample
    const name = `${functionSignature} ${machine}`
    const said = known.has(name) && isAsked(run) ? predictor.answer(run, false) : undefined
    known.add(name)
    const trial = predictor.learn(run)
    return said ? answerOf(run, said, trial?.own?.[1]) : []
  })
}

/** A stranger, its item time given: nothing of the function was learned. */
export function askLeavingFunctionsOut(
  runs: readonly AskedRun[],
  makePredictor: () => Predictor,
  { asked, learned, together }: LeavingOut,
): Answer[] {
  return foldsOf(runs, together).flatMap((leftOut) => {
    const predictor = makePredictor()
    const isLeftOut = (run: AskedRun): boolean => leftOut.has(run.sample.functionSignature)
    for (const run of runs) if (!isLeftOut(run) && run.nth < learned) predictor.learn(run)
    const questions = runs.filter((run) => isLeftOut(run) && run.nth < asked)
    const said = questions.map((run) => predictor.answer(run, true))
    // Only now, when nothing is asked any more: a function is never its own stranger.
    const trials = questions.map((run) => predictor.learn(run))
    return questions.flatMap((run, place) => {
      const answer = said[place]
      return answer ? answerOf(run, answer, trials[place]?.stranger?.[1]) : []
    })
  })
}

/** A new machine: nothing on it was learned, the functions elsewhere were. */
export function askLeavingMachinesOut(
  runs: readonly AskedRun[],
  makePredictor: () => Predictor,
  { asked, learned }: LeavingOut,
): Answer[] {
  const names = new Set(runs.map(({ sample }) => sample.machine))
  return [...names].flatMap((name) => {
    const predictor = makePredictor()
    const isLeftOut = ({ sample }: AskedRun): boolean => sample.machine === name
    for (const run of runs) if (!isLeftOut(run) && run.nth < learned) predictor.learn(run)
    const questions = runs.filter((run) => isLeftOut(run) && run.nth < asked)
    return questions.flatMap((run) => {
      const said = predictor.answer(run, false)
      return said ? answerOf(run, said, undefined) : []
    })
  })
}

/** The functions of the runs, so many at a time. */
export function foldsOf(runs: readonly AskedRun[], together: number): Set<string>[] {
  const signatures = [...new Set(runs.map(({ sample }) => sample.functionSignature))]
  return Array.from(
    { length: Math.ceil(signatures.length / together) },
    (_, fold) => new Set(signatures.slice(fold * together, (fold + 1) * together)),
  )
}

function answerOf(
  run: AskedRun,
  { plan, confidence, rawConfidence }: NonNullable<ReturnType<Predictor['answer']>>,
  isGood: number | undefined,
): Answer {
  const isGoodLive = isGood === undefined ? undefined : isGood === 1
  return { run, confidence, rawConfidence, isGoodLive, regret: run.regretOf(plan) }
}

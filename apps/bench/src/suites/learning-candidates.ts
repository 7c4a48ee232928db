/** Features and models that might be taken in the place of those that are: what each gains on held-out functions. */
import { gainOf } from '../candidates/gain.ts'
import { askNextRun, leaveFunctionsOut, tryCandidate } from '../candidates/candidate-models.ts'
import type { Aim, CandidateAnswer, Split } from '../candidates/candidate-models.ts'
import type { Candidate } from '../candidates/features.ts'
import { gradientBoosting, nearestFunctions, randomForest } from '../candidates/learners.ts'
import type { SuiteReport } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import type { AskedRun } from '../learning/asked-run.ts'
import { costModel } from '../learning/predictors.ts'
import { percent, summarizeRegret } from '../learning/scores.ts'
import { makeStream } from '../learning/stream.ts'
import { makeFunctions, makeMachines } from '../learning/world.ts'
import { askedRunsOf } from '../observed/asked-runs.ts'
import { readObservations } from '../observed/observations.ts'

const FUNCTIONS = 120
const QUICK_FUNCTIONS = 24
const MACHINES = 5
const ROUNDS = 5
const TOGETHER = 12

const LEARNERS = { 'k-NN': nearestFunctions, forest: randomForest, boosting: gradientBoosting }
const AIMS: readonly Aim[] = ['costs', 'plan']
const CANDIDATES: readonly Candidate[] = ['call depth', 'imports', 'input size']

/** Tries all on simulated functions, and on real ones where they were observed. */
export async function benchLearningCandidates({
  isQuick,
  observationsFile,
}: Settings): Promise<SuiteReport> {
  const functions = makeFunctions('candidates', isQuick ? QUICK_FUNCTIONS : FUNCTIONS)
  const simulated = makeStream(functions, makeMachines('candidates', MACHINES), ROUNDS)
  const details: Record<string, unknown> = {
    simulated: tryAll('simulated', simulated, TOGETHER),
  }
  const observations = readObservations(observationsFile)
  if (observations) details['real'] = tryAll('real', askedRunsOf(observations.maps), 1)
  else console.log('\n  no real functions: the suite learning-real observes them')
  return { findings: [], details }
}

function tryAll(world: string, runs: readonly AskedRun[], together: number): unknown {
  return {
    'functions left out': tryOn(
      `${world} functions left out`,
      runs,
      leaveFunctionsOut(runs, together),
      CANDIDATES,
    ),
    'next run of known functions': tryOn(
      `${world} functions, the next run of known ones`,
      runs,
      askNextRun(runs),
      [...CANDIDATES, 'historical speedup'],
    ),
  }
}

/** Each learner, and each feature added to it: held against the same learner without, and against core. */
function tryOn(
  name: string,
  runs: readonly AskedRun[],
  splits: readonly Split[],
  candidates: readonly Candidate[],
): unknown {
  const core = askCore(splits)
  console.log(`\n  ${name}`)
  console.log(`  ${''.padEnd(40)}   mean  <= 1.2  gain over`)
  const rows: unknown[] = []
  const note = (
    line: string,
    answers: readonly CandidateAnswer[],
    base?: readonly CandidateAnswer[],
  ) => {
    const { mean: meanRegret, goodShare } = summarizeRegret(answers.map(({ regret }) => regret))
    const gain = base && gainOf(answers, base)
    const shown = gain ? `${percent(gain.mean)} ± ${percent(gain.standardError)}` : ''
    console.log(
      `  ${line.padEnd(40)}${meanRegret.toFixed(3).padStart(7)}${percent(goodShare).padStart(8)}  ${shown}`,
    )
    rows.push({ line, meanRegret, goodShare, ...(gain && { gain }) })
  }
  note('core', core)
  for (const aim of AIMS) {
    for (const [learnerName, learner] of Object.entries(LEARNERS)) {
      const base = tryCandidate(runs, splits, { learner, aim, candidates: [] })
      note(`${learnerName}, ${aim}`, base, core)
      // Plans told outright are far from good: only what might change that is tried with them.
      const added = aim === 'costs' ? candidates : candidates.filter(isHistory)
      for (const candidate of added) {
        const answers = tryCandidate(runs, splits, { learner, aim, candidates: [candidate] })
        note(`  and ${candidate}`, answers, base)
      }
    }
  }
  return rows
}

function isHistory(candidate: Candidate): boolean {
  return candidate === 'historical speedup'
}

/** Core's own model, told the same runs. */
function askCore(splits: readonly Split[]): CandidateAnswer[] {
  return splits.flatMap(({ learned, asked }) => {
    const model = costModel()
    for (const run of learned) model.learn(run)
    return asked.map((run) => ({
      run,
      regret: run.regretOf(model.answer(run, true)?.plan ?? run.planned),
    }))
  })
}

/** What predictions are worth on the real workloads of the regret suite: each function left out in turn. */
import type { Plan } from '@amorsize/core'
import { median } from '@amorsize/features'

import type { SuiteReport } from '../harness/report.ts'
import type { Settings } from '../harness/settings.ts'
import { CURVE } from '../learning/curve.ts'
import { averageModel, costModel } from '../learning/predictors.ts'
import { describeAnswers, findingsOf } from '../learning/report.ts'
import {
  percent,
  REGRET_HEAD,
  regretLine,
  summarizeConfidence,
  summarizeRegret,
} from '../learning/scores.ts'
import { askInTurn, askLeavingFunctionsOut } from '../learning/trials.ts'
import type { Answer } from '../learning/trials.ts'
import { askedRunsOf } from '../observed/asked-runs.ts'
import { observe, readObservations } from '../observed/observations.ts'
import type { Observations } from '../observed/observations.ts'
import { noiseOf, regretOf, timedIn } from '../observed/plan-times.ts'

/** Share of its time from which a function is one that waits. */
const WAITING = 0.3

/** From this many times the best the loop is out of the running. */
const WORTH_WORKERS = 1.3

const CHUNKS_SHOWN = [1, 2, 4, 8, 16]

const LEAVING_OUT = { asked: Infinity, learned: Infinity, together: 1 }

/** Asks about runs that are observed: all of them, or those that a named file lacks. */
export async function benchLearningReal(settings: Settings): Promise<SuiteReport> {
  const { observationsFile } = settings
  const before = observationsFile === undefined ? undefined : readObservations(observationsFile)
  const observations = await observe(settings, observationsFile, before)
  const runs = askedRunsOf(observations.maps)
  const samples = observations.maps.flatMap((map) => map.samples)
  const tainted = samples.filter(({ isTainted }) => isTainted !== undefined).length
  console.log(
    `  ${observations.maps.length} maps observed on ${observations.machine}; ${tainted} of ${runs.length} runs beside other processes`,
  )
  const noise = summarizeRegret(observations.maps.map(({ repeated }) => noiseOf(repeated)))
  console.log(
    `  the best plan in one half of its rounds over the other: median ${noise.median.toFixed(2)}, 90th percentile ${noise.p90.toFixed(2)}, within 20 % in ${percent(noise.goodShare)}`,
  )
  printByChunks(observations.maps)
  const known = askInTurn(runs, costModel())
  const strangers = askLeavingFunctionsOut(runs, costModel, LEAVING_OUT)
  const details = {
    noise,
    'known functions': describeAnswers('known functions', known, askInTurn(runs, averageModel())),
    'functions left out': describeAnswers(
      'functions left out',
      strangers,
      askLeavingFunctionsOut(runs, averageModel, LEAVING_OUT),
    ),
    'learning curve': printCurve(observations),
  }
  printBySource(strangers)
  printWithExample(askLeavingFunctionsOut(runs, () => costModel({}, undefined, true), LEAVING_OUT))
  const findings = [
    ...findingsOf('known functions', known),
    ...findingsOf('functions left out', strangers),
  ]
  return { findings, details }
}

/** What plans on all cores are worth by how many chunks each worker gets, where workers are best. */
function printByChunks(maps: Observations['maps']): void {
  const regrets = new Map<number, number[]>()
  for (const { cores, repeated } of maps) {
    const { plan: best } = timedIn(repeated).toSorted((a, b) => a.timeMs - b.timeMs)[0]!
    const loop = repeated.find(({ plan }) => plan.executor === 'serial')
    if (!usesAllCores(best, cores) || !loop || regretOf(loop.plan, repeated) < WORTH_WORKERS)
      continue
    for (const { plan } of repeated) {
      if (!usesAllCores(plan, cores)) continue
      const chunks = Math.round(loop.plan.chunkSize / (cores * plan.chunkSize))
      regrets.set(chunks, [...(regrets.get(chunks) ?? []), regretOf(plan, repeated)])
    }
  }
  console.log(`  chunks for each worker, where workers are best\n${REGRET_HEAD}`)
  for (const chunks of CHUNKS_SHOWN) {
    const those = regrets.get(chunks)
    if (those) console.log(regretLine(`  ${chunks}`, those))
  }
}

function usesAllCores({ executor, nJobs }: Plan, cores: number): boolean {
  return executor === 'worker_threads' && nJobs === cores
}

/** Whether a function may wait is told by its source, and a module's is not looked at. */
function printBySource(strangers: readonly Answer[]): void {
  const isModule = ({ run }: Answer): boolean => run.sample['mayWait'] === undefined
  const isWaiting = ({ run }: Answer): boolean => Number(run.sample['waitShare'] ?? 0) >= WAITING
  const line = (name: string, answers: readonly Answer[]): void =>
    console.log(
      regretLine(
        name,
        answers.map(({ regret }) => regret),
      ),
    )
  console.log(REGRET_HEAD)
  line(
    'left out, sent as source',
    strangers.filter((answer) => !isModule(answer)),
  )
  line('left out, by module', strangers.filter(isModule))
  line('left out, mostly waiting', strangers.filter(isWaiting))
}

/** What it is worth to be given an item and its result beside the item time. */
function printWithExample(strangers: readonly Answer[]): void {
  const { sureShare, sureGoodShare, expectedCalibrationError } = summarizeConfidence(strangers)
  console.log(
    regretLine(
      'left out, with an example',
      strangers.map(({ regret }) => regret),
    ),
  )
  console.log(
    `    of those with a confidence of 0.8 and more ${percent(sureGoodShare)} within 20 % (${percent(sureShare)} of all), calibration error ${expectedCalibrationError.toFixed(3)}`,
  )
}

/** Regret of the plans and time of the decisions of a stream that learned. */
function printCurve({ maps, streamed, stream }: Observations): unknown {
  console.log(`\n  a stream of ${streamed.length} maps\n${REGRET_HEAD}`)
  const mapOf = (place: number): Observations['maps'][number] => {
    const { name, every } = streamed[place]!
    return maps.find((map) => map.name === name && map.every === every)!
  }
  return CURVE.map((run) => {
    const decided = stream.filter((decision) => decision.run === run)
    const learned = decided.map(({ map, plan }) => regretOf(plan, mapOf(map).repeated))
    const dry = decided.map(({ map, dryRunPlan }) => regretOf(dryRunPlan, mapOf(map).repeated))
    const decisionMs = median(decided.map(({ decisionTimeMs }) => decisionTimeMs))
    const dryRunMs = median(decided.map(({ dryRunMs: timeMs }) => timeMs))
    const isPredicted = decided.filter(({ source }) => source === 'prediction')
    const predictedShare = isPredicted.length / decided.length
    console.log(
      `${regretLine(`run ${run}`, learned)}  decided in ${decisionMs.toFixed(2)} ms, ${percent(predictedShare)} by past runs`,
    )
    console.log(`${regretLine(`  by a dry run`, dry)}  decided in ${dryRunMs.toFixed(2)} ms`)
    return {
      run,
      predictedShare,
      decisionMs,
      dryRunMs,
      regret: summarizeRegret(learned),
      dryRun: summarizeRegret(dry),
    }
  })
}

/** Runs the suites that are named on the command line, or all of them. */
import { describeMachine, machineState, printFindings, writeResults } from './harness/report.ts'
import type { SuiteReport } from './harness/report.ts'
import { readSettings } from './harness/settings.ts'
import type { Settings } from './harness/settings.ts'
import { benchAsking } from './suites/asking.ts'
import { benchFirstCall } from './suites/first-call.ts'
import { benchCostModel } from './suites/cost-model.ts'
import { benchImportCost } from './suites/import-cost.ts'
import { benchKnn } from './suites/knn.ts'
import { benchLearning } from './suites/learning.ts'
import { benchLearningReal } from './suites/learning-real.ts'
import { benchLearningTime } from './suites/learning-time.ts'
import { benchOverhead } from './suites/overhead.ts'
import { benchPeers } from './suites/peers.ts'
import { benchRegret } from './suites/regret.ts'
import { benchSimulation } from './suites/simulation.ts'

const SUITES: Record<string, (settings: Settings) => Promise<SuiteReport>> = {
  'import-cost': benchImportCost,
  asking: benchAsking,
  overhead: benchOverhead,
  knn: benchKnn,
  learning: benchLearning,
  'learning-real': benchLearningReal,
  // Loads XGBoost, which no other suite should have beside it.
  'learning-candidates': async (settings) => {
    const { benchLearningCandidates } = await import('./suites/learning-candidates.ts')
    return benchLearningCandidates(settings)
  },
  'learning-time': benchLearningTime,
  regret: benchRegret,
  'first-call': benchFirstCall,
  peers: benchPeers,
  simulation: benchSimulation,
  'cost-model': benchCostModel,
}

const settings = readSettings(process.argv.slice(2), Object.keys(SUITES))
const startedAt = new Date()
const machine = machineState()
const suites: Record<string, object> = {}
console.log(describeMachine(machine))
for (const name of settings.suites) {
  console.log(`\n${name}`)
  const before = machineState().loadAverage
  const report = await SUITES[name]!(settings)
  suites[name] = { loadBefore: before, loadAfter: machineState().loadAverage, ...report }
  printFindings(report.findings)
}
const results = { startedAt: startedAt.toISOString(), settings, machine, suites }
console.log(`\nWritten to ${writeResults(results, startedAt, settings.jsonFile)}`)

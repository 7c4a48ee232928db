/** Runs the suites that are named on the command line, or all of them. */
import { describeMachine, printFindings } from './harness/report.ts'
import type { Finding } from './harness/report.ts'
import { benchCostModel } from './suites/cost-model.ts'
import { benchImportCost } from './suites/import-cost.ts'
import { benchKnn } from './suites/knn.ts'
import { benchOverhead } from './suites/overhead.ts'
import { benchSimulation } from './suites/simulation.ts'

const SUITES: Record<string, () => Promise<Finding[]>> = {
  'import-cost': benchImportCost,
  overhead: benchOverhead,
  knn: benchKnn,
  simulation: benchSimulation,
  'cost-model': benchCostModel,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(SUITES, name))
if (unknown.length > 0) {
  throw new Error(
    `Unknown suite ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}.`,
  )
}

console.log(describeMachine())
for (const [name, run] of Object.entries(SUITES)) {
  if (asked.length === 0 || asked.includes(name)) printFindings(name, await run())
}

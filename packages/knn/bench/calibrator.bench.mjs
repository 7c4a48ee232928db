/**
 * How strong the calibrator's prior should be: the root mean square distance between calibrated and
 * true probability, over predictors that are wrong about themselves in six ways and confidences
 * spread wide or narrow. Deterministic: prints the same numbers everywhere.
 */
import { Calibrator } from '../src/index.ts'
import { createRandom } from './histories.mjs'
import { printTable } from './report.mjs'

const TRUTHS = [
  (confidence) => confidence ** 2,
  (confidence) => Math.sqrt(confidence),
  () => 0.7,
  (confidence) => confidence,
  (confidence) => (confidence > 0.8 ? 0.95 : 0.4),
  (confidence) => 0.9 + 0.1 * confidence,
]
const SPREADS = [(random) => random(), (random) => 0.7 + 0.25 * Math.sqrt(random())]
const STRENGTHS = [0, 0.5, 1, 2, 4, 8]
const REPEATS = 60
const CHECKS = 100

const rows = [20, 50, 200, 1000].map((count) =>
  [count].concat(STRENGTHS.map((strength) => measureError(count, strength).toFixed(4))),
)
printTable(
  'Error of the probability, by outcomes and strength of the prior',
  ['outcomes', ...STRENGTHS],
  rows,
)

function measureError(count, priorStrength) {
  let squares = 0
  let checks = 0
  for (const truth of TRUTHS) {
    for (const spread of SPREADS) {
      for (let repeat = 1; repeat <= REPEATS; repeat++) {
        const random = createRandom(repeat)
        const calibrator = new Calibrator({ priorStrength })
        for (let i = 0; i < count; i++) {
          const confidence = spread(random)
          calibrator.record({ confidence, observed: random() < truth(confidence) })
        }
        for (let i = 0; i < CHECKS; i++) {
          const confidence = spread(random)
          squares += (calibrator.calibrate(confidence) - truth(confidence)) ** 2
          checks++
        }
      }
    }
  }
  return Math.sqrt(squares / checks)
}

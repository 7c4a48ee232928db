/** The model of past runs as the rest of the package loads it: when it is asked for, as one file. */
export { decideFromPrediction } from '../decide/from-prediction.ts'
export { keepRun } from './keep-run.ts'
export { liveModelOf } from './live-model.ts'
export { readVersions, settingsOf, writeVersions } from './model-versions.ts'
export { PredictionModel } from './prediction-model.ts'
export { readRun } from './run.ts'
export { scoreModel } from './score-model.ts'
export { resolveSettings } from './settings.ts'

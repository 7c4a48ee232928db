/** k-nearest-neighbours prediction that says how far it is to be trusted. */
export { KnnPredictor, type PredictOptions } from './predictor.ts'
export type { KnnPredictorOptions, NeighborSearch, TargetOptions, TargetScale } from './options.ts'
export type { Sample } from './sample.ts'
export type { Neighbor, Prediction } from './prediction.ts'
export type { ConfidenceFactors } from './confidence.ts'
export type { PredictorDocument, SampleColumns } from './predictor-document.ts'
export {
  DimensionMismatchError,
  InvalidVectorError,
  InvalidOutcomeError,
  InvalidSampleError,
  InvalidTargetError,
  KnnDocumentError,
  KnnError,
  KnnOptionError,
  KnnVersionError,
  UnknownTargetError,
} from './errors.ts'

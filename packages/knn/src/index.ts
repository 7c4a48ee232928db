/** k-nearest-neighbours prediction that says how far it is to be trusted. */
export { KnnPredictor, type PredictOptions } from './predictor.ts'
export type { KnnPredictorOptions, NeighborSearch, TargetOptions, TargetScale } from './options.ts'
export type { Sample, StoredSample } from './sample.ts'
export type { PermutationOptions } from './permutation-importance.ts'
export type { TuneOptions, TuneResult } from './tune.ts'
export type { Neighbor, Prediction } from './prediction.ts'
export type { ConfidenceFactors } from './confidence.ts'
export {
  AccuracyTracker,
  type AccuracySummary,
  type AccuracyTrackerOptions,
} from './accuracy-tracker.ts'
export type { Accuracy, PredictionOutcome, TargetError } from './accuracy.ts'
export type { AccuracyDocument, TrackedOutcome } from './accuracy-document.ts'
export type { TimelineSegment } from './timeline.ts'
export { Calibrator, type CalibratorDocument, type CalibratorOptions } from './calibrator.ts'
export {
  ConformalCalibrator,
  type ConformalDocument,
  type ConformalOptions,
  type Interval,
  type IntervalOptions,
  type NumericOutcome,
} from './conformal-calibrator.ts'
export {
  measureReliability,
  type ConfidenceOutcome,
  type Reliability,
  type ReliabilityBin,
} from './reliability.ts'
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

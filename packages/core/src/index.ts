/**
 * Decides how to run a map in parallel, runs it, and learns from every run. Also the umbrella: what
 * the four packages below it offer to users is here by name.
 *
 * @packageDocumentation
 */
export { clearCache, getCacheStats, loadTrainingData, pruneExpiredCache } from './cache-upkeep.ts'
export type { StoreChoice } from './cache-upkeep.ts'
export type { Costs, DispatchCosts, MemoryCosts, ThreadKind } from './cost-model.ts'
export { close } from './defaults.ts'
export type { SourceName } from './decide/source.ts'
export type { DiagnosticMessages } from './diagnostics.ts'
export { UnknownModelError, UnknownOptionError } from './errors.ts'
export { execute } from './execute.ts'
export { executeStream } from './execute-stream.ts'
export { predictParameters } from './predict-parameters.ts'
export type { PredictionRequest, PredictionResult } from './predict-parameters.ts'
export { updateModelFromExecution } from './update-model.ts'
export type { MeasuredExecution } from './update-model.ts'
export { compareModels, listModels, restoreModel, saveModel } from './model-upkeep.ts'
export type { ModelComparison } from './model-upkeep.ts'
export type { ModelVersion } from './learning/model-versions.ts'
export type { ModelScore } from './learning/score-model.ts'
export { loadPredictionModel } from './load-prediction-model.ts'
export type { AveragePrediction } from './learning/average-model.ts'
export type { ModelPrediction, PredictionModel } from './learning/prediction-model.ts'
export type { Query as PredictionQuery } from './learning/query.ts'
export type { ModelSettings } from './learning/settings.ts'
export type { Basis, Outcome, Trial } from './learning/trial.ts'
export type { JudgedConfidence } from './learning/track.ts'
export type { ItemFailure, ItemOutcome, OnError, ResultOrOutcome } from './item-failures.ts'
export { optimize } from './optimize.ts'
export type { ExecuteOptions, OptimizeOptions, ResultOptions, StreamOptions } from './options.ts'
export type { BindingTerm } from './pool-makespan.ts'
export type { Progress } from './progress.ts'
export type { Replan } from './replan.ts'
export type { Executed, ExecutionReport, ExecutionResult, OptimizationResult } from './result.ts'
export { asyncMakespanMs, choosePlan, poolMakespanMs, serialMakespanMs } from './pricing.ts'
export type { Plan, PricedPlan, SearchLimits, SearchResult } from './search.ts'

// @amorsize/features: the workload, the machine, the function
export {
  AmorsizeError,
  distance,
  FEATURE_DIMENSIONS,
  FEATURE_NAMES,
  InvalidArgumentError,
  InvalidFeatureError,
  toVector,
} from '@amorsize/features'
export type {
  FeatureDimension,
  FeatureName,
  StartMethod,
  WorkloadFeatures,
} from '@amorsize/features'
export { describeFunction, detectSystem } from '@amorsize/features/system'
export type { FunctionDescription, SystemProfile } from '@amorsize/features/system'

// @amorsize/knn: prediction
export {
  AccuracyTracker,
  Calibrator,
  ConformalCalibrator,
  DimensionMismatchError,
  InvalidOutcomeError,
  InvalidSampleError,
  InvalidTargetError,
  InvalidVectorError,
  KnnDocumentError,
  KnnOptionError,
  KnnPredictor,
  KnnVersionError,
  measureReliability,
  UnknownTargetError,
} from '@amorsize/knn'
export type { KnnPredictorOptions, Prediction } from '@amorsize/knn'

// @amorsize/cache: where decisions and samples are kept
export {
  createMemoryStore,
  ExportError,
  ImportError,
  InvalidKeyError,
  InvalidRecordError,
  InvalidStoreOptionError,
  openStore,
  ReadOnlyStoreError,
  StoreClosedError,
} from '@amorsize/cache'
export type {
  ClearReport,
  DecisionEntry,
  ExecutorKind,
  LoadedSamples,
  PruneReport,
  Store,
  StoreStats,
  TrainingSample,
} from '@amorsize/cache'

// @amorsize/sampler: tasks, the pool, what can go wrong with an item
export {
  dryRun,
  FreeVariableError,
  ChangedDataError,
  InvalidDataError,
  InvalidOptionError,
  InvalidTaskError,
  ItemError,
  ItemTimeoutError,
  measureMachine,
  moduleTask,
  PoolClosedError,
  readMachineProfile,
  TaskLoadError,
  TaskPool,
  WorkerExitError,
} from '@amorsize/sampler'
export type {
  Data,
  MachineProfile,
  MeasureMachineOptions,
  ModuleTask,
  ProfileStore,
  ReadProfileOptions,
  Runtime,
  Task,
  TaskFunction,
  TaskPoolOptions,
  WorkerEvent,
} from '@amorsize/sampler'

/**
 * What a parallel workload is: its features, their places in the unit cube, how far apart two
 * workloads are. Runs unchanged in a browser; what reads the machine is `@amorsize/features/system`.
 *
 * @packageDocumentation
 */
export { AmorsizeError } from './amorsize-error.ts'
export type { AmorsizeErrorDetails } from './amorsize-error.ts'
export { InvalidArgumentError, InvalidFeatureError } from './errors.ts'
export { FEATURE_DIMENSIONS, FEATURE_NAMES } from './ranges.ts'
export type {
  CategoryDimension,
  DimensionBase,
  FeatureDimension,
  NumericDimension,
} from './ranges.ts'
export { RunningStatistics, median, quantile } from './statistics.ts'
export { distance, toVector } from './vector.ts'
export type { FeatureName, StartMethod, WorkloadFeatures } from './workload-features.ts'

/**
 * The eight dimensions of the feature vector, as data. Normalisation, validation, error messages
 * and the table in the README all come from these rows; a ninth dimension is one more row.
 */
import type { FeatureName, StartMethod, WorkloadFeatures } from './workload-features.ts'

/** What every dimension has. @public */
export interface DimensionBase {
  /** Name of the dimension. */
  readonly name: FeatureName
  /** The field of {@link WorkloadFeatures} it is read from. */
  readonly field: keyof WorkloadFeatures
  /** What the field measures, in words. */
  readonly meaning: string
  /** Whether the field may be missing; it then counts as 0. */
  readonly isOptional: boolean
}

/** A dimension that is a number on a linear or a decimal logarithmic scale. @public */
export interface NumericDimension extends DimensionBase {
  /** How the range is spread over [0, 1]. */
  readonly scale: 'linear' | 'log10'
  /** Unit of `foot`, `top` and the field. */
  readonly unit: string
  /** The largest value that normalises to 0. */
  readonly foot: number
  /** The smallest value that normalises to 1. */
  readonly top: number
}

/** A dimension that is one of a few names. @public */
export interface CategoryDimension extends DimensionBase {
  /** Each name has a place of its own. */
  readonly scale: 'category'
  /** The place of each known name, in [0, 1]. */
  readonly places: Readonly<Record<StartMethod, number>>
  /** The place of any other name, in [0, 1]. */
  readonly unknownPlace: number
}

/** One dimension of the feature vector. @public */
export type FeatureDimension = NumericDimension | CategoryDimension

/** The dimensions in the order of the vector. @public */
export const FEATURE_DIMENSIONS: readonly FeatureDimension[] = [
  {
    name: 'dataSize',
    field: 'dataSize',
    meaning: 'number of items',
    scale: 'log10',
    unit: 'items',
    foot: 10,
    top: 1e6,
    isOptional: false,
  },
  {
    name: 'itemTime',
    field: 'itemTimeMs',
    meaning: 'time for one item',
    scale: 'log10',
    unit: 'ms',
    foot: 1e-3,
    top: 1e3,
    isOptional: false,
  },
  {
    name: 'physicalCores',
    field: 'physicalCores',
    meaning: 'physical cores of the machine',
    scale: 'linear',
    unit: 'cores',
    foot: 0,
    top: 128,
    isOptional: false,
  },
  {
    name: 'availableMemory',
    field: 'availableMemoryBytes',
    meaning: 'memory a new process could use',
    scale: 'log10',
    unit: 'bytes',
    foot: 1e9,
    top: 1e12,
    isOptional: false,
  },
  {
    name: 'startMethod',
    field: 'startMethod',
    meaning: 'how workers start, from cheap to dear',
    scale: 'category',
    places: { worker_threads: 0, fork: 0, forkserver: 0.5, child_process: 1, spawn: 1 },
    unknownPlace: 0.5,
    isOptional: false,
  },
  {
    name: 'serializedSize',
    field: 'serializedBytes',
    meaning: 'size of one serialised result',
    scale: 'log10',
    unit: 'bytes',
    foot: 10,
    top: 1e7,
    isOptional: true,
  },
  {
    name: 'coefficientOfVariation',
    field: 'coefficientOfVariation',
    meaning: 'standard deviation of the item times over their mean',
    scale: 'linear',
    unit: 'ratio',
    foot: 0,
    top: 2,
    isOptional: true,
  },
  {
    name: 'functionComplexity',
    field: 'functionComplexity',
    meaning: "size of the function's compiled code",
    scale: 'log10',
    unit: 'bytes',
    foot: 100,
    top: 1e4,
    isOptional: true,
  },
]

/** Names of the dimensions in the order of the vector. @public */
export const FEATURE_NAMES: readonly FeatureName[] = FEATURE_DIMENSIONS.map(({ name }) => name)

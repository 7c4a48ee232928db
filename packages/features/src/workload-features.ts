/** What describes a parallel workload, whatever the function and the machine are. */

/**
 * How workers come into being. Node has `worker_threads` and `child_process`; the other three are
 * those of samples recorded by other Amorsize implementations.
 * @public
 */
export type StartMethod = 'worker_threads' | 'child_process' | 'fork' | 'forkserver' | 'spawn'

/** The measured features of one workload, in the units of the API. @public */
export interface WorkloadFeatures {
  /** Number of items of the map, 0 or more. */
  readonly dataSize: number
  /** Time for one item in the steady state, milliseconds, 0 or more. */
  readonly itemTimeMs: number
  /** Physical cores of the machine, 0 or more. */
  readonly physicalCores: number
  /** Memory a new process could use, bytes, 0 or more. */
  readonly availableMemoryBytes: number
  /** How workers start. A text that is none of the known ones counts as unknown, halfway. */
  readonly startMethod: StartMethod
  /** Size of one serialised result, bytes, 0 or more. Defaults to 0. */
  readonly serializedBytes?: number | undefined
  /** Standard deviation of the item times over their mean, 0 or more. Defaults to 0. */
  readonly coefficientOfVariation?: number | undefined
  /** Size of the function's compiled code, bytes, 0 or more. Defaults to 0. */
  readonly functionComplexity?: number | undefined
}

/** Name of a dimension of the feature vector. @public */
export type FeatureName =
  | 'dataSize'
  | 'itemTime'
  | 'physicalCores'
  | 'availableMemory'
  | 'startMethod'
  | 'serializedSize'
  | 'coefficientOfVariation'
  | 'functionComplexity'

/** Which number and which text of a sample is in which column of a snapshot. */
import type { DiskFeatures, DiskSample } from './disk-format.ts'
import type { Columns } from './witnesses.ts'

/** How many numbers a sample has. */
export const NUMBER_COLUMNS = 11

/** How many texts a sample has. */
export const TEXT_COLUMNS = 4

/** `timestamp`, by its place among the numbers. */
export const TIMESTAMP_COLUMN = 10

/** `n_jobs` and `chunksize`, by their places among the numbers. */
export const WHOLE_COLUMNS: readonly number[] = [7, 8]

/** Features that have a column. */
export const FEATURE_COLUMNS: ReadonlySet<string> = new Set([
  'data_size',
  'estimated_item_time',
  'physical_cores',
  'available_memory',
  'pickle_size',
  'coefficient_of_variation',
  'function_complexity',
  'start_method',
])

/** Fields that have a column, or hold what has. */
export const COLUMNS: ReadonlySet<string> = new Set([
  'features',
  'n_jobs',
  'chunksize',
  'speedup',
  'timestamp',
  'function_signature',
  'machine',
  'executor',
])

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

/** The numbers of a sample, in the order of their columns. */
export function numbersOf(record: DiskSample): readonly (number | null | undefined)[] {
  const { features } = record
  return [
    features.data_size,
    features.estimated_item_time,
    features.physical_cores,
    features.available_memory,
    features.pickle_size,
    features.coefficient_of_variation,
    features.function_complexity,
    record.n_jobs,
    record.chunksize,
    record.speedup,
    record.timestamp,
  ]
}

/** The texts of a sample, in the order of their columns. */
export function textsOf(record: DiskSample): readonly (string | null | undefined)[] {
  return [record.features.start_method, record.function_signature, record.machine, record.executor]
}

/**
 * Makes records of rows; the order of the columns is that of `numbersOf` and `textsOf`. It is the
 * same object each time, filled anew: 10,000 records more would cost 20 ms of garbage collection.
 */
export function reader(
  columns: Columns,
  texts: readonly (string | null)[],
): (row: number) => DiskSample {
  const column = (index: number): Float64Array =>
    columns.numbers.subarray(index * columns.rows, (index + 1) * columns.rows)
  const textColumn = (index: number): Uint32Array =>
    columns.indices.subarray(index * columns.rows, (index + 1) * columns.rows)
  const [sizes, itemTimes, cores, memories] = [column(0), column(1), column(2), column(3)]
  const [pickleSizes, variations, complexities] = [column(4), column(5), column(6)]
  const [jobs, chunkSizes, speedups, timestamps] = [column(7), column(8), column(9), column(10)]
  const [startMethods, signatures] = [textColumn(0), textColumn(1)]
  const [machines, executors] = [textColumn(2), textColumn(3)]
  const features: Writable<DiskFeatures> = {
    data_size: 0,
    estimated_item_time: 0.5,
    physical_cores: 0,
    available_memory: 0.5,
    pickle_size: 0.5,
    coefficient_of_variation: 0.5,
    function_complexity: 0.5,
    start_method: '',
  }
  const record: Writable<DiskSample> = {
    features,
    n_jobs: 1,
    chunksize: 1,
    speedup: 0.5,
    timestamp: 0.5,
    function_signature: '',
    machine: null,
    executor: null,
  }
  return (row) => {
    features.data_size = sizes[row]!
    features.estimated_item_time = itemTimes[row]!
    features.physical_cores = cores[row]!
    features.available_memory = memories[row]!
    features.pickle_size = orNull(pickleSizes[row]!)
    features.coefficient_of_variation = orNull(variations[row]!)
    features.function_complexity = orNull(complexities[row]!)
    features.start_method = texts[startMethods[row]!] ?? ''
    record.n_jobs = jobs[row]!
    record.chunksize = chunkSizes[row]!
    record.speedup = speedups[row]!
    record.timestamp = timestamps[row]!
    record.function_signature = texts[signatures[row]!] ?? ''
    record.machine = texts[machines[row]!] ?? null
    record.executor = texts[executors[row]!] ?? null
    return record
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

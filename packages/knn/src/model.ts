/** What a predictor consists of, for the computations that read it. */
import { LinearScan } from './linear-scan.ts'
import type { NeighborIndex } from './neighbor-index.ts'
import type { ResolvedOptions } from './options.ts'
import { SampleTable } from './sample-table.ts'

export interface Model {
  readonly options: ResolvedOptions
  /** Vectors, by id. */
  readonly index: NeighborIndex
  /** Everything else about the samples, by the same ids. */
  readonly table: SampleTable
}

export function createModel(options: ResolvedOptions): Model {
  return { options, index: createIndex(options), table: new SampleTable(options.targets.length) }
}

export function createIndex({ weights }: ResolvedOptions): NeighborIndex {
  return new LinearScan(weights)
}

/** What a predictor consists of, for the computations that read it. */
import { AdaptiveIndex } from './adaptive-index.ts'
import { KdForest } from './kd-forest.ts'
import { LinearScan } from './linear-scan.ts'
import type { NeighborIndex } from './neighbor-index.ts'
import type { ResolvedOptions } from './options.ts'
import type { StoredSample } from './sample.ts'
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

export function createIndex({
  search,
  weights,
}: Pick<ResolvedOptions, 'search' | 'weights'>): NeighborIndex {
  if (search === 'scan') return new LinearScan(weights)
  return search === 'forest' ? new KdForest(weights) : new AdaptiveIndex(weights)
}

/** A sample as callers see it; its vector is known to whoever asks. */
export function readSample(
  { options, table }: Model,
  id: number,
  features: Float64Array,
): StoredSample {
  const targets = options.targets.map(
    ({ name }, column) => [name, table.value(id, column)] as const,
  )
  return {
    features,
    targets: Object.fromEntries(targets),
    weight: table.weight(id),
    group: table.group(id),
  }
}

/** All samples, in the order of insertion. */
export function* readSamples(model: Model): Generator<StoredSample, void, undefined> {
  const { dimensions } = model.options
  const rows = model.index.toRows()
  for (let id = 0; id * dimensions < rows.length; id++) {
    yield readSample(model, id, rows.slice(id * dimensions, (id + 1) * dimensions))
  }
}

/** The same samples found with other options, or those among them that `isKept`. */
export function rebuildModel(
  model: Model,
  options: ResolvedOptions,
  isKept: (id: number) => boolean = () => true,
): Model {
  const { dimensions } = options
  const rebuilt = createModel(options)
  const rows = model.index.toRows()
  let kept = 0
  for (let id = 0; id < model.table.size; id++) {
    if (!isKept(id)) continue
    rows.copyWithin(kept * dimensions, id * dimensions, (id + 1) * dimensions)
    rebuilt.table.push(model.table.read(id))
    kept++
  }
  rebuilt.index.append(rows.subarray(0, kept * dimensions))
  return rebuilt
}

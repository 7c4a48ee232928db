/**
 * How wrong a predictor is about its own samples when each is asked about as if it, and all of its
 * group, had never been seen. Whatever is tuned or judged is tuned and judged by this one error.
 */
import { createIndex, type Model } from './model.ts'
import type { NeighborIndex } from './neighbor-index.ts'
import { NeighborHeap } from './neighbor-heap.ts'
import { createRandom, shuffle } from './random.ts'

/** Samples to leave out, one at a time, and everything that does not change between trials. */
export interface LeaveOneOut {
  readonly model: Model
  /** Samples asked about. */
  readonly ids: readonly number[]
  /** All vectors, in the order of their ids. */
  readonly rows: Float64Array
  /** Per target, the values on the scale on which they are averaged, by id. */
  readonly scaled: readonly Float64Array[]
  /** Per target, the error of predicting the mean of all for each of the samples asked about. */
  readonly errorsOfMean: readonly number[]
}

/** What one trial differs in. */
export interface Trial {
  readonly weights: Float64Array
  /** Numbers of neighbours to judge, in one pass. */
  readonly ks: readonly number[]
  /** Alters the query made of the nth sample asked about. */
  readonly alter?: (query: Float64Array, n: number) => void
}

/** @param maxQueries - How many samples are asked about: all, or as many chosen by the seed. */
export function prepareLeaveOneOut(model: Model, maxQueries: number, seed: unknown): LeaveOneOut {
  const random = createRandom(seed)
  const { table, options } = model
  const all = Array.from({ length: table.size }, (_, id) => id)
  const ids = all.length <= maxQueries ? all : shuffle(all, random).slice(0, maxQueries)
  const scaled = options.targets.map(({ scale }, target) =>
    Float64Array.from(all, (id) => {
      const value = table.value(id, target)
      return scale === 'log' ? Math.log(value) : value
    }),
  )
  const errorsOfMean = scaled.map((values) => measureErrorOfMean(model, ids, values))
  return { model, ids, rows: model.index.toRows(), scaled, errorsOfMean }
}

/**
 * For each k the sum of the absolute errors (of logarithms for a `'log'` target) over that of always
 * predicting the mean, averaged over the targets: 0 is perfect, 1 no better than the mean. Errors
 * count by sample weight. A sample without anyone outside its group is passed over.
 */
export function measureLeaveOneOut(prepared: LeaveOneOut, trial: Trial): number[] {
  const { model, ids, rows, scaled, errorsOfMean } = prepared
  const { dimensions } = model.options
  const index = indexFor(prepared, trial.weights)
  const heap = new NeighborHeap(Math.min(Math.max(...trial.ks), model.table.size))
  const sums = trial.ks.map(() => scaled.map(() => 0))
  for (const [n, id] of ids.entries()) {
    const query = rows.slice(id * dimensions, (id + 1) * dimensions)
    trial.alter?.(query, n)
    heap.clear()
    heap.accepts = (other) => !model.table.isSameGroup(id, other)
    index.search(query, heap)
    if (heap.size === 0) continue
    heap.sort()
    addErrors(prepared, id, heap, trial.ks, sums)
  }
  return sums.map((errors) => {
    const ratios = errors.map((error, t) => (errorsOfMean[t] === 0 ? 0 : error / errorsOfMean[t]!))
    return ratios.reduce((a, b) => a + b, 0) / ratios.length
  })
}

/** The model's own index serves its own weights; other weights need an index of their own. */
function indexFor({ model, rows }: LeaveOneOut, weights: Float64Array): NeighborIndex {
  if (weights === model.options.weights) return model.index
  const index = createIndex({ search: model.options.search, weights })
  index.append(rows)
  return index
}

/** Adds to `sums[k][target]` the error about one sample with the first k of the heap. */
function addErrors(
  { model, scaled }: LeaveOneOut,
  id: number,
  heap: NeighborHeap,
  ks: readonly number[],
  sums: number[][],
): void {
  const { table, options } = model
  const votes = scaled.map(() => 0)
  let total = 0
  for (let rank = 0; rank < heap.size; rank++) {
    const neighbor = heap.id(rank)
    const distance = heap.distance(rank)
    const vote = table.weight(neighbor) / (distance + options.epsilon)
    total += vote
    for (const [t, values] of scaled.entries()) votes[t]! += vote * values[neighbor]!
    for (const [i, k] of ks.entries()) {
      if (rank + 1 !== Math.min(k, heap.size)) continue
      for (const [t, values] of scaled.entries()) {
        sums[i]![t]! += table.weight(id) * Math.abs(votes[t]! / total - values[id]!)
      }
    }
  }
}

/** Exactly 0 where all values are equal, which the rounding of a mean would not give. */
function measureErrorOfMean({ table }: Model, ids: readonly number[], values: Float64Array) {
  if (values.every((value) => value === values[0])) return 0
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return ids.reduce((sum, id) => sum + table.weight(id) * Math.abs(values[id]! - mean), 0)
}

import type { NeighborHeap } from './neighbor-heap.ts'

/** A flat matrix and the sample that each of its rows belongs to. */
export interface Rows {
  readonly vectors: Float64Array
  /** Sample of each row; `undefined` where they follow one another from `firstId`. */
  readonly ids: Uint32Array | undefined
  readonly firstId: number
  /** What row 0 is called in the heap. */
  readonly firstPosition: number
}

/**
 * Offers the heap the rows from `start` to `end` that are near enough by weighted Euclidean distance,
 * and gives a row up as soon as it is too far.
 *
 * The terms are added in the order of the dimensions, here and in the lower bounds of the k-d tree:
 * rounding is monotone, so neither a part of a sum nor a bound whose every term is at most the row's
 * exceeds the whole distance, and no neighbour is lost to either.
 */
export function scanRows(
  { vectors, ids, firstId, firstPosition }: Rows,
  start: number,
  end: number,
  query: Float64Array,
  weights: Float64Array,
  heap: NeighborHeap,
): void {
  const dimensions = query.length
  let limit = heap.limit
  for (let row = start; row < end; row++) {
    const offset = row * dimensions
    let sum = 0
    for (let d = 0; d < dimensions; d++) {
      // In range: a row has as many numbers as the query and the weights.
      const difference = vectors[offset + d]! - query[d]!
      sum += weights[d]! * difference * difference
      if (sum > limit) break
    }
    if (sum > limit) continue
    heap.offer(Math.sqrt(sum), ids === undefined ? firstId + row : ids[row]!, firstPosition + row)
    limit = heap.limit
  }
}

/** The distance that `scanRows` works with, of one row alone. */
export function squaredDistance(
  vectors: Float64Array,
  row: number,
  query: Float64Array,
  weights: Float64Array,
): number {
  const offset = row * query.length
  let sum = 0
  for (let d = 0; d < query.length; d++) {
    const difference = vectors[offset + d]! - query[d]!
    sum += weights[d]! * difference * difference
  }
  return sum
}

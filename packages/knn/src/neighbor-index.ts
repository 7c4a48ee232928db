import type { NeighborHeap } from './neighbor-heap.ts'

/**
 * Keeps vectors and finds those nearest to a query, exactly. Ids count the vectors in the order in
 * which they came, from 0. Implementations differ in speed alone; all pass one conformance suite.
 */
export interface NeighborIndex {
  /** Number of vectors. */
  readonly size: number
  /** Adds the rows of a flat matrix; copies them. */
  append(rows: Float64Array): void
  /**
   * Offers the heap every vector that could belong in it.
   *
   * @returns how many distances were evaluated.
   */
  search(query: Float64Array, heap: NeighborHeap): number
  /** Copies the vector at a position, as the heap reports it, to `into` from `offset` on. */
  readVector(position: number, into: Float64Array, offset?: number): void
  /** All vectors as one flat matrix, in the order of their ids. */
  toRows(): Float64Array
}

import { KdForest } from './kd-forest.ts'
import { LinearScan } from './linear-scan.ts'
import type { NeighborHeap } from './neighbor-heap.ts'
import type { NeighborIndex } from './neighbor-index.ts'

/**
 * From this many vectors on the forest answers faster than the scan, on data like real histories; on
 * evenly spread data they are level there. Chosen by `bench/neighbor-index.bench.mjs`, its first table.
 */
const FOREST_FROM = 500

/** Scans few vectors, and moves them to a forest when they have grown many. */
export class AdaptiveIndex implements NeighborIndex {
  readonly #weights: Float64Array
  #index: NeighborIndex

  constructor(weights: Float64Array) {
    this.#weights = weights
    this.#index = new LinearScan(weights)
  }

  get size(): number {
    return this.#index.size
  }

  append(rows: Float64Array): void {
    this.#index.append(rows)
    if (this.size >= FOREST_FROM && this.#index instanceof LinearScan) {
      const forest = new KdForest(this.#weights)
      forest.append(this.#index.toRows())
      this.#index = forest
    }
  }

  search(query: Float64Array, heap: NeighborHeap): number {
    return this.#index.search(query, heap)
  }

  readVector(position: number, into: Float64Array, offset?: number): void {
    this.#index.readVector(position, into, offset)
  }

  toRows(): Float64Array {
    return this.#index.toRows()
  }
}

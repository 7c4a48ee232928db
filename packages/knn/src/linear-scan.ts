/** The index that compares the query with every vector: the fastest for few, the reference for many. */
import type { NeighborHeap } from './neighbor-heap.ts'
import type { NeighborIndex } from './neighbor-index.ts'
import { scanRows } from './scan-rows.ts'

const INITIAL_CAPACITY = 16

export class LinearScan implements NeighborIndex {
  readonly #dimensions: number
  readonly #weights: Float64Array
  readonly #firstId: number
  #size = 0
  #rows: Float64Array

  /** @param firstId - Id of the first vector: above 0 where the scan is the tail of something. */
  constructor(weights: Float64Array, firstId = 0) {
    this.#dimensions = weights.length
    this.#weights = weights
    this.#firstId = firstId
    this.#rows = new Float64Array(INITIAL_CAPACITY * this.#dimensions)
  }

  get size(): number {
    return this.#size
  }

  append(rows: Float64Array): void {
    const used = this.#size * this.#dimensions
    this.#reserve(used + rows.length)
    this.#rows.set(rows, used)
    this.#size += rows.length / this.#dimensions
  }

  search(query: Float64Array, heap: NeighborHeap): number {
    const firstId = this.#firstId
    const rows = { vectors: this.#rows, ids: undefined, firstId, firstPosition: firstId }
    scanRows(rows, 0, this.#size, query, this.#weights, heap)
    return this.#size
  }

  readVector(position: number, into: Float64Array, offset = 0): void {
    const start = (position - this.#firstId) * this.#dimensions
    into.set(this.#rows.subarray(start, start + this.#dimensions), offset)
  }

  toRows(): Float64Array {
    return this.#rows.slice(0, this.#size * this.#dimensions)
  }

  /** Doubling copies each number twice on average, whatever the final size. */
  #reserve(length: number): void {
    if (length <= this.#rows.length) return
    const grown = new Float64Array(Math.max(length, 2 * this.#rows.length))
    grown.set(this.#rows)
    this.#rows = grown
  }
}

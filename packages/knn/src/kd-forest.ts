/**
 * The index for many samples: static k-d trees of doubling size and a short tail that is scanned.
 * When the tail is full, it and every tree of no higher power of two than what is being merged become
 * one tree. A vector that is copied so moves up a power of two, hence adding n vectors copies each
 * O(log n) times, and there are never more than O(log n) trees. Bentley and Saxe, "Decomposable
 * searching problems I: static-to-dynamic transformation", Journal of Algorithms 1(4), 1980 (the
 * logarithmic method).
 *
 * ```text
 *   ids      0 ............................ 511 | 512 ....... 767 | 768 .. 895 | 896 .. 901
 *                      tree of 512                  tree of 256    tree of 128     tail
 * ```
 */
import { KdTree } from './kd-tree.ts'
import { LinearScan } from './linear-scan.ts'
import type { NeighborHeap } from './neighbor-heap.ts'
import type { NeighborIndex } from './neighbor-index.ts'

/**
 * Vectors that are scanned before they become a tree: a query is as fast with 32 to 256 in
 * `bench/neighbor-index.bench.mjs`, and adding slows down below 128.
 */
const TAIL_CAPACITY = 128

export class KdForest implements NeighborIndex {
  readonly #weights: Float64Array
  readonly #dimensions: number
  /** Oldest and largest first; each holds the ids that follow those of the tree before it. */
  readonly #trees: KdTree[] = []
  #tail: LinearScan

  constructor(weights: Float64Array) {
    this.#weights = weights
    this.#dimensions = weights.length
    this.#tail = new LinearScan(weights)
  }

  get size(): number {
    return this.#treeSize + this.#tail.size
  }

  append(rows: Float64Array): void {
    this.#tail.append(rows)
    if (this.#tail.size >= TAIL_CAPACITY) this.#mergeTail()
  }

  search(query: Float64Array, heap: NeighborHeap): number {
    let evaluated = 0
    for (const tree of this.#trees) evaluated += tree.search(query, heap)
    return evaluated + this.#tail.search(query, heap)
  }

  readVector(position: number, into: Float64Array, offset = 0): void {
    let firstPosition = 0
    for (const { size, rows } of this.#trees) {
      if (position < firstPosition + size) {
        const start = (position - firstPosition) * this.#dimensions
        into.set(rows.subarray(start, start + this.#dimensions), offset)
        return
      }
      firstPosition += size
    }
    this.#tail.readVector(position, into, offset)
  }

  toRows(): Float64Array {
    const all = new Float64Array(this.size * this.#dimensions)
    for (const { rows, ids } of this.#trees) {
      for (const [row, id] of ids.entries()) {
        const start = row * this.#dimensions
        all.set(rows.subarray(start, start + this.#dimensions), id * this.#dimensions)
      }
    }
    all.set(this.#tail.toRows(), this.#treeSize * this.#dimensions)
    return all
  }

  get #treeSize(): number {
    return this.#trees.reduce((sum, { size }) => sum + size, 0)
  }

  #mergeTail(): void {
    const merged: KdTree[] = []
    const firstTailId = this.#treeSize
    let size = this.#tail.size
    for (let tree = this.#trees.at(-1); tree; tree = this.#trees.at(-1)) {
      // More leading zeros, a lower power of two.
      if (Math.clz32(tree.size) < Math.clz32(size)) break
      merged.push(tree)
      this.#trees.pop()
      size += tree.size
    }

    const rows = new Float64Array(size * this.#dimensions)
    const ids = new Uint32Array(size)
    let filled = 0
    for (const tree of merged) {
      rows.set(tree.rows, filled * this.#dimensions)
      ids.set(tree.ids, filled)
      filled += tree.size
    }
    rows.set(this.#tail.toRows(), filled * this.#dimensions)
    for (let row = filled; row < size; row++) ids[row] = firstTailId + row - filled
    this.#trees.push(new KdTree(rows, ids, this.#weights, this.#treeSize))
    this.#tail = new LinearScan(this.#weights, firstTailId + this.#tail.size)
  }
}

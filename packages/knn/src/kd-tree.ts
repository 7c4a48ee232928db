/**
 * A static k-d tree in typed arrays that is only split where queries go.
 *
 * A new tree is one node over all its rows. The first query that reaches a node of many rows splits
 * it: the rows are moved in place, so that each side is one stretch of the matrix. Making a tree thus
 * costs one copy, and a tree that is soon merged into a larger one was never sorted for nothing.
 * Deferred data structuring: Karp, Motwani and Raghavan, SIAM Journal on Computing 17(5), 1988.
 *
 * ```text
 *              node 0: axis, leftMax, rightMin            rows   |<------- start .. end ------->|
 *             /                              \
 *   node 1: coordinates <= leftMax   node 2: coordinates >= rightMin     leftMax < rightMin, always
 * ```
 */
import { NeighborHeap } from './neighbor-heap.ts'
import { type Rows, scanRows, squaredDistance } from './scan-rows.ts'
import { selectMedian } from './select-median.ts'

/** Rows up to which a node is scanned: 8, 16 and 32 are level in `bench/neighbor-index.bench.mjs`. */
const LEAF_SIZE = 32

/** States of a node that is not split along an axis; an axis is 0 or more. */
const UNVISITED = -1
const LEAF = -2
/** All rows are the same along every axis that weighs anything, and ordered by ascending id. */
const CONSTANT = -3

/** Fields of a node in `#links`, and in `#gaps`. */
const AXIS = 0
const START = 1
const END = 2
/** The left child; the right child is the next node. */
const CHILD = 3
const LINKS = 4
const LEFT_MAX = 0
const RIGHT_MIN = 1
const GAPS = 2

/** What a tree searches for between searches: it must not keep what others hold alive. */
const NO_QUERY = new Float64Array(0)
const NO_HEAP = new NeighborHeap(0)

const INITIAL_NODES = 7
const GROWTH = 1.25

export class KdTree {
  readonly #weights: Float64Array
  readonly #dimensions: number
  readonly #rows: Float64Array
  readonly #ids: Uint32Array
  /** The same rows and ids, as a scan takes them. */
  readonly #scanned: Rows
  #links: Int32Array = new Int32Array(LINKS * INITIAL_NODES)
  #gaps: Float64Array = new Float64Array(GAPS * INITIAL_NODES)
  #nodeCount = 0
  /** What is being searched for, and what has been found. */
  #query: Float64Array = NO_QUERY
  #heap: NeighborHeap = NO_HEAP
  /** How far the query lies outside the node being visited, along each axis. */
  readonly #offsets: Float64Array

  /**
   * Takes over `rows`, which it reorders, and `ids`, one per row.
   *
   * @param firstPosition - What row 0 is called in the heap.
   */
  constructor(rows: Float64Array, ids: Uint32Array, weights: Float64Array, firstPosition: number) {
    this.#weights = weights
    this.#dimensions = weights.length
    this.#rows = rows
    this.#ids = ids
    this.#scanned = { vectors: rows, ids, firstId: 0, firstPosition }
    this.#offsets = new Float64Array(weights.length)
    this.#addNode(0, ids.length)
  }

  get size(): number {
    return this.#ids.length
  }

  /** Reordered as queries split the tree, always alongside `ids`. */
  get rows(): Float64Array {
    return this.#rows
  }

  get ids(): Uint32Array {
    return this.#ids
  }

  search(query: Float64Array, heap: NeighborHeap): number {
    this.#query = query
    this.#heap = heap
    this.#offsets.fill(0)
    const evaluated = this.#visit(0)
    this.#query = NO_QUERY
    this.#heap = NO_HEAP
    return evaluated
  }

  #visit(node: number): number {
    const link = LINKS * node
    if (this.#links[link + AXIS] === UNVISITED) this.#split(node)
    const axis = this.#links[link + AXIS]!
    if (axis < 0) return this.#scan(node)

    const left = this.#links[link + CHILD]!
    const right = left + 1
    const outsideLeft = this.#query[axis]! - this.#gaps[GAPS * node + LEFT_MAX]!
    const outsideRight = this.#gaps[GAPS * node + RIGHT_MIN]! - this.#query[axis]!
    const before = this.#offsets[axis]!
    // The nearer child first: what it holds is likely to rule the other one out.
    const evaluated =
      outsideLeft <= outsideRight
        ? this.#enter(left, axis, before, outsideLeft) +
          this.#enter(right, axis, before, outsideRight)
        : this.#enter(right, axis, before, outsideRight) +
          this.#enter(left, axis, before, outsideLeft)
    this.#offsets[axis] = before
    return evaluated
  }

  /** Visits a child, unless the query lies too far outside of it along the axis given. */
  #enter(child: number, axis: number, before: number, outside: number): number {
    const offset = outside > before ? outside : before
    this.#offsets[axis] = offset
    const limit = this.#heap.limit
    // One term alone often decides, and costs less than the sum.
    if (this.#weights[axis]! * offset * offset > limit || this.#lowerBound() > limit) return 0
    return this.#visit(child)
  }

  /** No squared distance of a row of the node is below this, to the last bit: see `scanRows`. */
  #lowerBound(): number {
    let sum = 0
    for (let d = 0; d < this.#dimensions; d++) {
      const offset = this.#offsets[d]!
      sum += this.#weights[d]! * offset * offset
    }
    return sum
  }

  #scan(node: number): number {
    const start = this.#links[LINKS * node + START]!
    const end = this.#links[LINKS * node + END]!
    if (this.#links[LINKS * node + AXIS] === CONSTANT) return this.#scanConstant(start, end)
    scanRows(this.#scanned, start, end, this.#query, this.#weights, this.#heap)
    return end - start
  }

  /** All rows are equally far, and each is younger than the one before it. */
  #scanConstant(start: number, end: number): number {
    const distance = Math.sqrt(squaredDistance(this.#rows, start, this.#query, this.#weights))
    for (let row = start; row < end; row++) {
      const id = this.#ids[row]!
      if (!this.#heap.admits(distance, id)) break
      this.#heap.offer(distance, id, this.#scanned.firstPosition + row)
    }
    return 1
  }

  #split(node: number): void {
    const start = this.#links[LINKS * node + START]!
    const end = this.#links[LINKS * node + END]!
    const axis = end - start <= LEAF_SIZE ? LEAF : this.#chooseAxis(start, end)
    this.#links[LINKS * node + AXIS] = axis
    if (axis === CONSTANT) this.#sortById(start, end)
    if (axis < 0) return

    const { leftMax, rightMin } = this.#chooseGap(start, end, axis)
    const middle = this.#partition(start, end, axis, leftMax)
    this.#gaps[GAPS * node + LEFT_MAX] = leftMax
    this.#gaps[GAPS * node + RIGHT_MIN] = rightMin
    const left = this.#addNode(start, middle)
    this.#addNode(middle, end)
    this.#links[LINKS * node + CHILD] = left
  }

  /** The axis along which the rows differ most, or `CONSTANT`. */
  #chooseAxis(start: number, end: number): number {
    let chosen = CONSTANT
    let widest = -1
    for (let axis = 0; axis < this.#dimensions; axis++) {
      const range = this.#measureRange(start, end, axis)
      const spread = this.#weights[axis]! * range * range
      // The range is asked for itself: its square may round to 0.
      if (range > 0 && this.#weights[axis]! > 0 && spread > widest) {
        widest = spread
        chosen = axis
      }
    }
    return chosen
  }

  #measureRange(start: number, end: number, axis: number): number {
    let min = Infinity
    let max = -Infinity
    for (let row = start; row < end; row++) {
      const value = this.#rows[row * this.#dimensions + axis]!
      if (value < min) min = value
      if (value > max) max = value
    }
    return max - min
  }

  /**
   * The gap between two neighbouring values that is nearest to the middle of the rows. Equal values
   * stay on one side, so that a query is never inside both.
   */
  #chooseGap(start: number, end: number, axis: number): { leftMax: number; rightMin: number } {
    const values = new Float64Array(end - start)
    for (let row = start; row < end; row++) {
      values[row - start] = this.#rows[row * this.#dimensions + axis]!
    }
    const median = selectMedian(values)
    let below = -Infinity
    let above = Infinity
    let smaller = 0
    let larger = 0
    for (const value of values) {
      if (value < median) {
        smaller++
        if (value > below) below = value
      } else if (value > median) {
        larger++
        if (value < above) above = value
      }
    }
    // The side with more rows is the one whose gap leaves the halves more alike.
    return smaller >= larger
      ? { leftMax: below, rightMin: median }
      : { leftMax: median, rightMin: above }
  }

  /** Moves the rows up to `leftMax` to the front; returns where the others begin. */
  #partition(start: number, end: number, axis: number, leftMax: number): number {
    let left = start
    let right = end - 1
    while (left <= right) {
      if (this.#rows[left * this.#dimensions + axis]! <= leftMax) left++
      else this.#swap(left, right--)
    }
    return left
  }

  /** Rows move along with their ids: they may still differ along axes of weight 0. */
  #sortById(start: number, end: number): void {
    const ids = this.#ids.slice(start, end)
    const rows = this.#rows.slice(start * this.#dimensions, end * this.#dimensions)
    const order = Uint32Array.from(ids.keys()).toSorted((a, b) => ids[a]! - ids[b]!)
    for (const [i, from] of order.entries()) {
      this.#ids[start + i] = ids[from]!
      for (let d = 0; d < this.#dimensions; d++) {
        this.#rows[(start + i) * this.#dimensions + d] = rows[from * this.#dimensions + d]!
      }
    }
  }

  #swap(a: number, b: number): void {
    const id = this.#ids[a]!
    this.#ids[a] = this.#ids[b]!
    this.#ids[b] = id
    for (let d = 0; d < this.#dimensions; d++) {
      const value = this.#rows[a * this.#dimensions + d]!
      this.#rows[a * this.#dimensions + d] = this.#rows[b * this.#dimensions + d]!
      this.#rows[b * this.#dimensions + d] = value
    }
  }

  #addNode(start: number, end: number): number {
    const node = this.#nodeCount++
    if (LINKS * node === this.#links.length) this.#grow()
    this.#links[LINKS * node + AXIS] = UNVISITED
    this.#links[LINKS * node + START] = start
    this.#links[LINKS * node + END] = end
    return node
  }

  #grow(): void {
    const capacity = Math.ceil(GROWTH * this.#nodeCount)
    const links = new Int32Array(LINKS * capacity)
    links.set(this.#links)
    this.#links = links
    const gaps = new Float64Array(GAPS * capacity)
    gaps.set(this.#gaps)
    this.#gaps = gaps
  }
}

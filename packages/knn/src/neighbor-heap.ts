/**
 * Roots of squares that differ in their last bits can be equal. A square up to this factor beyond
 * that of a distance may have it as its root: 8 units in the last place, where 3 would do.
 */
const ROUNDING = 1 + 4 * Number.EPSILON

/**
 * The k nearest samples seen so far: a bounded max-heap in typed arrays, with the worst of them at
 * the root. Nearer means a smaller distance, then a smaller id, so that ties go to the older sample.
 */
export class NeighborHeap {
  /** Decides whether a sample may be a neighbour at all; asked only of those near enough. */
  accepts: ((id: number) => boolean) | undefined
  #size = 0
  readonly #distances: Float64Array
  readonly #ids: Uint32Array
  /** Where the index keeps the vector, so that it can be read without a search. */
  readonly #positions: Uint32Array

  constructor(capacity: number) {
    this.#distances = new Float64Array(capacity)
    this.#ids = new Uint32Array(capacity)
    this.#positions = new Uint32Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  get capacity(): number {
    return this.#ids.length
  }

  /** No sample of a squared distance beyond this is taken; `Infinity` until the heap is full. */
  get limit(): number {
    if (this.#size < this.capacity) return Infinity
    const worst = this.#distances[0]!
    return worst * worst * ROUNDING
  }

  /** Every index below is under `#size`, so each read is in range. */
  distance(rank: number): number {
    return this.#distances[rank]!
  }

  id(rank: number): number {
    return this.#ids[rank]!
  }

  position(rank: number): number {
    return this.#positions[rank]!
  }

  clear(): void {
    this.#size = 0
  }

  /** Whether a sample is near enough to be taken. */
  admits(distance: number, id: number): boolean {
    return this.#size < this.capacity || this.#isWorse(0, distance, id)
  }

  offer(distance: number, id: number, position: number): void {
    if (!this.admits(distance, id)) return
    if (this.accepts !== undefined && !this.accepts(id)) return
    if (this.#size < this.capacity) this.#siftUp(this.#size++, distance, id, position)
    else this.#siftDown(0, this.#size, distance, id, position)
  }

  /** Puts the nearest first. Ends the heap order: offer nothing between this and `clear`. */
  sort(): void {
    for (let end = this.#size - 1; end > 0; end--) {
      const distance = this.distance(end)
      const id = this.id(end)
      const position = this.position(end)
      this.#place(end, this.distance(0), this.id(0), this.position(0))
      this.#siftDown(0, end, distance, id, position)
    }
  }

  #siftUp(hole: number, distance: number, id: number, position: number): void {
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (this.#isWorse(parent, distance, id)) break
      this.#move(hole, parent)
      hole = parent
    }
    this.#place(hole, distance, id, position)
  }

  #siftDown(hole: number, end: number, distance: number, id: number, position: number) {
    for (let child = 1; child < end; child = 2 * hole + 1) {
      const right = child + 1
      if (right < end && this.#isWorse(right, this.distance(child), this.id(child))) {
        child = right
      }
      if (!this.#isWorse(child, distance, id)) break
      this.#move(hole, child)
      hole = child
    }
    this.#place(hole, distance, id, position)
  }

  /** Whether the entry at `slot` is further away than the sample given. */
  #isWorse(slot: number, distance: number, id: number): boolean {
    const own = this.#distances[slot]!
    return own > distance || (own === distance && this.#ids[slot]! > id)
  }

  #move(to: number, from: number): void {
    this.#place(to, this.distance(from), this.id(from), this.position(from))
  }

  #place(slot: number, distance: number, id: number, position: number): void {
    this.#distances[slot] = distance
    this.#ids[slot] = id
    this.#positions[slot] = position
  }
}

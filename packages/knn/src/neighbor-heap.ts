/**
 * The k nearest samples seen so far: a bounded max-heap in typed arrays, with the worst of them at
 * the root. Nearer means a smaller distance, then a smaller id, so that ties go to the older sample.
 */
export class NeighborHeap {
  /** Decides whether a sample may be a neighbour at all; asked only of those near enough. */
  accepts: ((id: number) => boolean) | undefined
  #size = 0
  readonly #squaredDistances: Float64Array
  readonly #ids: Uint32Array
  /** Where the index keeps the vector, so that it can be read without a search. */
  readonly #positions: Uint32Array

  constructor(capacity: number) {
    this.#squaredDistances = new Float64Array(capacity)
    this.#ids = new Uint32Array(capacity)
    this.#positions = new Uint32Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  get capacity(): number {
    return this.#ids.length
  }

  /** Squared distance that a sample must not exceed to be taken; `Infinity` until the heap is full. */
  get worst(): number {
    return this.#size < this.capacity ? Infinity : this.#squaredDistances[0]!
  }

  /** Every index below is under `#size`, so each read is in range. */
  squaredDistance(rank: number): number {
    return this.#squaredDistances[rank]!
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
  admits(squaredDistance: number, id: number): boolean {
    return this.#size < this.capacity || this.#isWorse(0, squaredDistance, id)
  }

  offer(squaredDistance: number, id: number, position: number): void {
    if (!this.admits(squaredDistance, id)) return
    if (this.accepts !== undefined && !this.accepts(id)) return
    if (this.#size < this.capacity) this.#siftUp(this.#size++, squaredDistance, id, position)
    else this.#siftDown(0, this.#size, squaredDistance, id, position)
  }

  /** Puts the nearest first. Ends the heap order: offer nothing between this and `clear`. */
  sort(): void {
    for (let end = this.#size - 1; end > 0; end--) {
      const squaredDistance = this.squaredDistance(end)
      const id = this.id(end)
      const position = this.position(end)
      this.#place(end, this.squaredDistance(0), this.id(0), this.position(0))
      this.#siftDown(0, end, squaredDistance, id, position)
    }
  }

  #siftUp(hole: number, squaredDistance: number, id: number, position: number): void {
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (this.#isWorse(parent, squaredDistance, id)) break
      this.#move(hole, parent)
      hole = parent
    }
    this.#place(hole, squaredDistance, id, position)
  }

  #siftDown(hole: number, end: number, squaredDistance: number, id: number, position: number) {
    for (let child = 1; child < end; child = 2 * hole + 1) {
      const right = child + 1
      if (right < end && this.#isWorse(right, this.squaredDistance(child), this.id(child))) {
        child = right
      }
      if (!this.#isWorse(child, squaredDistance, id)) break
      this.#move(hole, child)
      hole = child
    }
    this.#place(hole, squaredDistance, id, position)
  }

  /** Whether the entry at `slot` is further away than the sample given. */
  #isWorse(slot: number, squaredDistance: number, id: number): boolean {
    const own = this.#squaredDistances[slot]!
    return own > squaredDistance || (own === squaredDistance && this.#ids[slot]! > id)
  }

  #move(to: number, from: number): void {
    this.#place(to, this.squaredDistance(from), this.id(from), this.position(from))
  }

  #place(slot: number, squaredDistance: number, id: number, position: number): void {
    this.#squaredDistances[slot] = squaredDistance
    this.#ids[slot] = id
    this.#positions[slot] = position
  }
}

/** The chunks that workers are at, the one that ends first on top: a binary heap in typed arrays. */
export class CompletionHeap {
  readonly #endsAt: Float64Array
  readonly #workers: Int32Array
  #size = 0

  /** @param capacity - Most workers that are ever busy at once. */
  constructor(capacity: number) {
    this.#endsAt = new Float64Array(capacity)
    this.#workers = new Int32Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  /** When the first one ends; infinite where none is busy. */
  get nextEndsAt(): number {
    return this.#size === 0 ? Infinity : this.#endsAt[0]!
  }

  push(endsAt: number, worker: number): void {
    let place = this.#size++
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.#endsAt[parent]! <= endsAt) break
      this.#move(parent, place)
      place = parent
    }
    this.#endsAt[place] = endsAt
    this.#workers[place] = worker
  }

  /** The worker that ends first. The heap must not be empty. */
  pop(): number {
    const first = this.#workers[0]!
    const size = --this.#size
    const endsAt = this.#endsAt[size]!
    const worker = this.#workers[size]!
    let place = 0
    for (let child = 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && this.#endsAt[child + 1]! < this.#endsAt[child]!) child++
      if (endsAt <= this.#endsAt[child]!) break
      this.#move(child, place)
      place = child
    }
    this.#endsAt[place] = endsAt
    this.#workers[place] = worker
    return first
  }

  #move(from: number, to: number): void {
    this.#endsAt[to] = this.#endsAt[from]!
    this.#workers[to] = this.#workers[from]!
  }
}

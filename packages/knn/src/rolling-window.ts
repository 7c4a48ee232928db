/** The latest items of a stream, at most `capacity` of them: the memory of everything that tracks. */
export class RollingWindow<T> {
  readonly capacity: number
  /** A ring once it is full: the oldest item is at `#next`. */
  readonly #items: T[] = []
  #next = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get size(): number {
    return this.#items.length
  }

  push(item: T): void {
    if (this.size < this.capacity) {
      this.#items.push(item)
      return
    }
    this.#items[this.#next] = item
    this.#next = (this.#next + 1) % this.capacity
  }

  /** The items, oldest first. */
  toArray(): T[] {
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)]
  }
}

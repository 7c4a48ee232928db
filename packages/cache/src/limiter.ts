/** Lets at most `limit` tasks run at once; the others wait in order. */
export class Limiter {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running === this.#limit)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    else this.#running++
    try {
      return await task()
    } finally {
      const next = this.#waiting.shift()
      // A waiting task takes over this one's place.
      if (next) next()
      else this.#running--
    }
  }
}

/** Long loops that leave the application its turns. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A loop gives way after this long. */
const TURN_MS = 10

/** One loop's share of the event loop. */
export class Turn {
  #startMs: number = performance.now()

  /** True once the loop should give way. */
  isOver(): boolean {
    return performance.now() - this.#startMs >= TURN_MS
  }

  /** Lets everything else run. */
  async pass(): Promise<void> {
    await nextTurn()
    this.#startMs = performance.now()
  }
}

/** The items, with a turn of the event loop between them every few milliseconds. */
export async function* inTurns<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  const turn = new Turn()
  for (const item of items) {
    yield item
    if (turn.isOver()) await turn.pass()
  }
}

/** Long loops that leave the application its turns. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A loop gives way after this long. */
const TURN_MS = 10

/** The items, with a turn of the event loop between them every few milliseconds. */
export async function* inTurns<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  let startMs = performance.now()
  for (const item of items) {
    yield item
    if (performance.now() - startMs < TURN_MS) continue
    await nextTurn()
    startMs = performance.now()
  }
}

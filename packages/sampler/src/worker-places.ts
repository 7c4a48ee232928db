/** Which of a pool's workers a map, or a chunk of it, is for. */
import type { WorkerSlot } from './worker-slot.ts'

/** The pool's workers by place; `undefined` for one that is not started. */
type Slots = readonly (Pick<WorkerSlot, 'inFlight' | 'isAtLongChunk'> | undefined)[]

/** The first so many places that are not at a long chunk; those that are where twice as many do not do. */
export function freePlaces(slots: Slots, count: number): number[] {
  const free: number[] = []
  const long: number[] = []
  for (let place = 0; place < 2 * count && free.length < count; place++) {
    const places = slots[place]?.isAtLongChunk === true ? long : free
    places.push(place)
  }
  return [...free, ...long].slice(0, count)
}

/** The place with the fewest chunks under way; one yet to be started where all are busy. */
export function leastBusyPlace(slots: Slots, places: readonly number[]): number {
  let [best = 0] = places
  let leastInFlight = Infinity
  for (const place of places) {
    const slot = slots[place]
    if (!slot) return leastInFlight === 0 ? best : place
    if (slot.inFlight < leastInFlight) [best, leastInFlight] = [place, slot.inFlight]
  }
  return best
}

/** So many places from the first, but for those behind the first that is sure not to be started. */
export function firstPlaces(slots: Slots, count: number): number[] {
  return Array.from({ length: Math.min(count, slots.length + 1) }, (_, place) => place)
}

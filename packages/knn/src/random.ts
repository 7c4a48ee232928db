import { KnnOptionError } from './errors.ts'
import { isIntegerIn } from './validation.ts'

const MAX_SEED = 2 ** 32 - 1

/**
 * A reproducible source of numbers from 0 to below 1: a Weyl sequence whose steps are scrambled by
 * the 32-bit finalizer of MurmurHash3 (Appleby). For shuffling, not for secrets.
 *
 * @throws {@link KnnOptionError} unless the seed is an integer from 0 to 4,294,967,295.
 */
export function createRandom(seed: unknown): () => number {
  if (!isIntegerIn(seed, 0, MAX_SEED)) {
    const expectation = `\`seed\` to be an integer from 0 to ${MAX_SEED}`
    throw new KnnOptionError(expectation, seed, 'Leave it out for the default.')
  }
  let state = seed
  return () => {
    // The golden ratio's fraction in 32 bits: its multiples fill the range most evenly.
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

/** A copy in random order: Fisher and Yates, as Durstenfeld gives it (CACM 7(7), 1964). */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    // Both are in range: other <= last < length.
    const item = shuffled[last]!
    shuffled[last] = shuffled[other]!
    shuffled[other] = item
  }
  return shuffled
}

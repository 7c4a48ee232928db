/** Randomness that is the same in every run. */

/** Numbers from 0 up to 1. */
export type Random = () => number

/** The sequence of a seed. @see Park and Miller, Commun. ACM 31(10), 1988. */
export function createRandom(seed: number): Random {
  let state = 1 + (seed % 2_147_483_646)
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

/** An integer from `low` up to and with `high`. */
export function integerBetween(low: number, high: number, random: Random): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** The values in another order. @see Fisher and Yates, in Knuth, The Art of Computer Programming 2, 3.4.2. */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values]
  for (let index = result.length - 1; index > 0; index--) {
    const other = integerBetween(0, index, random)
    const value = result[index]!
    result[index] = result[other]!
    result[other] = value
  }
  return result
}

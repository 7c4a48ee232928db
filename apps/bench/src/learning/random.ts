/** Random numbers that are the same in every run, by a name. */

/** A source of numbers in [0, 1). */
export type Random = () => number

const FNV_OFFSET = 2_166_136_261
const FNV_PRIME = 16_777_619

/** @see Steele and others, splitmix32: a counter, mixed; started from the FNV-1a hash of the name. */
export function randomOf(name: string): Random {
  let state = FNV_OFFSET
  for (const letter of name) state = Math.imul(state ^ letter.codePointAt(0)!, FNV_PRIME)
  return () => {
    state = (state + 0x9e_37_79_b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21_f0_aa_ad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x73_5a_2d_97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** Standard normal. @see Box and Muller, Ann. Math. Statist. 29(2), 1958. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A factor around 1 whose logarithm has the given standard deviation. */
export function noise(random: Random, deviation: number): number {
  return Math.exp(deviation * normal(random))
}

/** Between two numbers, evenly on the logarithmic scale. */
export function logUniform(random: Random, low: number, high: number): number {
  return low * (high / low) ** random()
}

/** One of the values. */
export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!
}

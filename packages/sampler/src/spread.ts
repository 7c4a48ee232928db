/**
 * In which order to look at items, so that any few of them are spread evenly over all: sorted,
 * ramped and clustered data must not pass for uniform.
 */

/** 1 - 1/φ: multiples of it modulo 1 stay as far apart as any sequence can. */
const GOLDEN_SHARE = 0.381966

/**
 * A walk that visits each of `count` positions once before it begins again.
 *
 * The stride is the golden share of a modulus that has no factor in common with it, so that the walk
 * comes to every residue. The modulus is the count or up to a few more, and what lies beyond the
 * count is passed over: bending the stride instead would leave gaps of seven times the even spacing.
 *
 * @param count - Number of positions, an integer from 1.
 * @returns Gives the next position at each call, 0 first.
 * @see Knuth, The Art of Computer Programming 3, section 6.4: Fibonacci hashing and the three-distance
 * theorem.
 */
export function spreadWalk(count: number): () => number {
  let modulus = count
  while (greatestCommonDivisor(strideOf(modulus), modulus) !== 1) modulus++
  const stride = strideOf(modulus)
  let position = modulus - stride
  return () => {
    do position = (position + stride) % modulus
    while (position >= count)
    return position
  }
}

function strideOf(modulus: number): number {
  return Math.max(1, Math.round(modulus * GOLDEN_SHARE))
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/**
 * In which order to look at items, so that any few of them are spread evenly over all: sorted,
 * ramped and clustered data must not pass for uniform.
 */

/** 1 - 1/φ: multiples of it modulo 1 stay as far apart as any sequence can. */
const GOLDEN_SHARE = 0.381966

/**
 * The `step`-th position of a walk that visits each of `count` positions exactly once.
 *
 * @param count - Number of positions, an integer from 1.
 * @returns Maps 0..count-1 onto 0..count-1, one to one.
 * @see Knuth, The Art of Computer Programming 3, section 6.4: Fibonacci hashing and the three-distance
 * theorem. A stride coprime to the count makes the walk a permutation.
 */
export function spreadWalk(count: number): (step: number) => number {
  const stride = coprimeNear(Math.max(1, Math.round(count * GOLDEN_SHARE)), count)
  return (step) => (step * stride) % count
}

function coprimeNear(start: number, count: number): number {
  let stride = start
  while (greatestCommonDivisor(stride, count) !== 1) stride++
  return stride
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** Multiplier and increment of a linear congruential generator modulo 2^32 (Knuth, TAOCP 2, 3.3.4). */
const MULTIPLIER = 1664525
const INCREMENT = 1013904223

/**
 * The upper median of values, which are reordered: quickselect (Hoare, "Algorithm 65: Find",
 * Communications of the ACM 4(7), 1961). The pivot is the median of three values from scattered
 * places: of the first, the middle and the last it would be among the smallest where values rise and
 * then fall, as those of a day do, and the time quadratic.
 *
 * @param values - At least one number, none NaN.
 */
export function selectMedian(values: Float64Array): number {
  const middle = values.length >> 1
  let left = 0
  let right = values.length - 1
  let state = values.length
  const pick = (): number => {
    state = (Math.imul(state, MULTIPLIER) + INCREMENT) >>> 0
    // In range: the fraction of 2^32 is below 1.
    return values[left + Math.floor((state / 2 ** 32) * (right - left + 1))]!
  }
  while (left < right) {
    const pivot = medianOfThree(pick(), pick(), pick())
    let i = left
    let j = right
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const value = values[i]!
      values[i++] = values[j]!
      values[j--] = value
    }
    // Now left..j is at most, i..right at least the pivot, and what lies between equals it.
    if (middle <= j) right = j
    else if (middle >= i) left = i
    else break
  }
  return values[middle]!
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

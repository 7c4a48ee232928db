/**
 * The upper median of values, which are reordered: quickselect (Hoare, "Algorithm 65: Find",
 * Communications of the ACM 4(7), 1961), with the median of three as pivot.
 *
 * @param values - At least one number, none NaN.
 */
export function selectMedian(values: Float64Array): number {
  const middle = values.length >> 1
  let left = 0
  let right = values.length - 1
  while (left < right) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >> 1]!, values[right]!)
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

/** Textbook formulas, two passes, written to be obviously right. */

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function populationVarianceOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return meanOf(values.map((value) => (value - mean) ** 2))
}

/** Type 7 by its definition: the piecewise linear curve through the points ((i - 1) / (n - 1), x_i). */
export function quantileOf(sorted: readonly number[], q: number): number {
  if (sorted.length === 1) return sorted[0]!
  const points = sorted.map((value, i) => ({ at: i / (sorted.length - 1), value }))
  const right = points.find(({ at }) => at >= q)!
  const left = points.findLast(({ at }) => at <= q)!
  if (right.at === left.at) return right.value
  return left.value + ((q - left.at) / (right.at - left.at)) * (right.value - left.value)
}

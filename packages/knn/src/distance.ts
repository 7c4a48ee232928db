/**
 * Squared weighted Euclidean distance between the query and one row of a flat matrix.
 *
 * The terms are added in the order of the dimensions, here and in the lower bounds of the k-d tree:
 * rounding is monotone, so a bound whose every term is at most the row's never exceeds the distance
 * computed here, and no neighbour is lost to it.
 */
export function squaredDistance(
  rows: Float64Array,
  start: number,
  query: Float64Array,
  weights: Float64Array,
): number {
  let sum = 0
  for (let d = 0; d < query.length; d++) {
    // In range: a row has as many numbers as the query and the weights.
    const difference = rows[start + d]! - query[d]!
    sum += weights[d]! * difference * difference
  }
  return sum
}

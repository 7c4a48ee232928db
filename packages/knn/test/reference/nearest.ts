/** The k nearest vectors by sorting all of them: by Euclidean distance, then by id. */
export function nearestBySorting(
  vectors: readonly (readonly number[])[],
  query: readonly number[],
  weights: readonly number[],
  k: number,
  isAccepted: (id: number) => boolean = () => true,
): { id: number; distance: number }[] {
  return vectors
    .map((vector, id) => ({ id, distance: distanceBetween(vector, query, weights) }))
    .filter(({ id }) => isAccepted(id))
    .toSorted((a, b) => a.distance - b.distance || a.id - b.id)
    .slice(0, k)
}

/** The order of the operations is that of the definition, and decides which distances are ties. */
export function distanceBetween(
  a: readonly number[],
  b: readonly number[],
  weights: readonly number[],
): number {
  const sum = weights.reduce(
    (total, weight, d) => total + weight * (a[d]! - b[d]!) * (a[d]! - b[d]!),
    0,
  )
  return Math.sqrt(sum)
}

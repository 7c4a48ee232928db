/** The k nearest vectors by sorting all of them: by squared distance, then by id. */
export function nearestBySorting(
  vectors: readonly (readonly number[])[],
  query: readonly number[],
  weights: readonly number[],
  k: number,
  isAccepted: (id: number) => boolean = () => true,
): { id: number; squaredDistance: number }[] {
  return vectors
    .map((vector, id) => ({ id, squaredDistance: squaredDistance(vector, query, weights) }))
    .filter(({ id }) => isAccepted(id))
    .toSorted((a, b) => a.squaredDistance - b.squaredDistance || a.id - b.id)
    .slice(0, k)
}

function squaredDistance(a: readonly number[], b: readonly number[], weights: readonly number[]) {
  return weights.reduce((sum, weight, d) => sum + weight * (a[d]! - b[d]!) * (a[d]! - b[d]!), 0)
}

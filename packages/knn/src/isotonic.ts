/** A point of a regression: where it lies, what was seen, and how much it counts. */
export interface WeightedPoint {
  readonly x: number
  readonly y: number
  readonly weight: number
}

/**
 * The non-decreasing values nearest to those of the points in weighted least squares, by pooling
 * adjacent violators: as long as two neighbouring blocks decrease, they become one at their mean.
 *
 * @param points - In ascending order of `x`.
 * @returns one value per point.
 * @see Ayer, Brunk, Ewing, Reid and Silverman, "An empirical distribution function for sampling with
 *   incomplete information", Annals of Mathematical Statistics 26(4), 1955.
 */
export function fitIsotonic(points: readonly WeightedPoint[]): number[] {
  const blocks: { value: number; weight: number; count: number }[] = []
  for (const { y, weight } of points) {
    let block = { value: y, weight, count: 1 }
    for (let last = blocks.at(-1); last && last.value >= block.value; last = blocks.at(-1)) {
      block = pool(last, block)
      blocks.pop()
    }
    blocks.push(block)
  }
  return blocks.flatMap(({ value, count }) => Array.from({ length: count }, () => value))
}

function pool<Block extends { value: number; weight: number; count: number }>(a: Block, b: Block) {
  const weight = a.weight + b.weight
  const value = a.value + ((b.value - a.value) * b.weight) / weight
  return { value, weight, count: a.count + b.count }
}

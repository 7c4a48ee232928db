/** Isotonic regression by its min-max formula: at each point max over starts of min over ends of means. */
export function isotonicByMinMax(points: readonly { y: number; weight: number }[]): number[] {
  return points.map((_, at) => {
    let best = -Infinity
    for (let start = 0; start <= at; start++) {
      let least = Infinity
      for (let end = at; end < points.length; end++) {
        least = Math.min(least, weightedMean(points.slice(start, end + 1)))
      }
      best = Math.max(best, least)
    }
    return best
  })
}

function weightedMean(points: readonly { y: number; weight: number }[]): number {
  const weight = points.reduce((sum, point) => sum + point.weight, 0)
  return points.reduce((sum, point) => sum + point.weight * point.y, 0) / weight
}

/** How threads share cores: each as much as any other, and none more than one core. */

/** Who wants the cores at a moment. */
export interface CoreDemand {
  /** Cores that there are, above 0; fractional under a CPU quota. */
  readonly cores: number
  /** Threads that compute without a pause. */
  readonly steadyThreads: number
  /** Threads that run items. */
  readonly itemThreads: number
  /** Share of an item's time in which its thread waits for something else than a core, 0..1. */
  readonly waitShare: number
}

/**
 * Speed of computing, 1 where there is a core for every thread that wants one.
 *
 * A thread of items waits `w` of the time and computes `1 - w` of it at the speed `s`, so it uses
 * `(1 - w) s / (w s + 1 - w)` of a core. All threads together use what there is: a quadratic equation
 * in `s`.
 */
export function computingSpeed(demand: CoreDemand): number {
  const { cores, steadyThreads, itemThreads, waitShare } = demand
  const computeShare = 1 - waitShare
  if (steadyThreads + itemThreads * computeShare <= cores) return 1
  const square = steadyThreads * waitShare
  const linear = computeShare * (steadyThreads + itemThreads) - cores * waitShare
  const constant = -cores * computeShare
  return square === 0
    ? -constant / linear
    : (Math.sqrt(linear * linear - 4 * square * constant) - linear) / (2 * square)
}

/** Speed of an item's progress where computing has the given speed and waiting takes its time. */
export function itemSpeed(speed: number, waitShare: number): number {
  return speed / (waitShare * speed + 1 - waitShare)
}

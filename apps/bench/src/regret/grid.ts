/** Every plan that `execute()` is held against: DESIGN section 8. */

/** A way to run a map, fixed in advance. */
export interface FixedPlan {
  readonly executor: 'pool' | 'async'
  /** Workers; of `async`, items in flight. */
  readonly nJobs: number
  readonly chunkSize: number
}

/** What the grid depends on. */
export interface GridShape {
  readonly itemCount: number
  readonly cores: number
  readonly isAsync: boolean
}

/** Names of the contenders that are no plan of the grid on workers. */
export const LOOP = 'loop'
export const EXECUTE = 'execute'
export const EXECUTE_UNCACHED = 'execute, dry run each time'

/** Parts that a worker's share of the items is cut into. */
const PARTS = [1, 2, 4, 16]
const IN_FLIGHT = [10, 100]

/** All plans but the plain loop, the coarsest first. */
export function makeGrid({ itemCount, cores, isAsync }: GridShape): FixedPlan[] {
  const plans: FixedPlan[] = []
  if (isAsync) {
    for (const nJobs of distinct([...IN_FLIGHT, itemCount], itemCount)) {
      plans.push({ executor: 'async', nJobs, chunkSize: 1 })
    }
  }
  for (let nJobs = 1; nJobs <= cores + 1; nJobs++) {
    const sizes = PARTS.map((parts) => Math.ceil(itemCount / (parts * nJobs)))
    for (let size = 1; size <= itemCount; size *= 4) sizes.push(size)
    for (const chunkSize of distinct(sizes, itemCount)) {
      plans.push({ executor: 'pool', nJobs, chunkSize })
    }
  }
  return plans
}

/** The usual default, N/(4P), or the finer N/(8P), on all cores. */
export function defaultPlan({ itemCount, cores }: GridShape, chunksPerWorker: number): FixedPlan {
  const chunkSize = Math.max(1, Math.ceil(itemCount / (chunksPerWorker * cores)))
  return { executor: 'pool', nJobs: cores, chunkSize }
}

/** Least time of the calling thread for one chunk, milliseconds; measured 20 to 26 us. */
const LEAST_CHUNK_MS = 0.01

/** A time that the plan cannot go below: its chunks are sent one after the other by one thread. */
export function lowerBoundMs({ executor, chunkSize }: FixedPlan, itemCount: number): number {
  return executor === 'pool' ? Math.ceil(itemCount / chunkSize) * LEAST_CHUNK_MS : 0
}

/** Short and unique within a grid. */
export function nameOf({ executor, nJobs, chunkSize }: FixedPlan): string {
  return executor === 'async' ? `async, ${nJobs} in flight` : `${nJobs} x ${chunkSize}`
}

function distinct(sizes: readonly number[], largest: number): number[] {
  const inRange = sizes.map((size) => Math.max(1, Math.min(size, largest)))
  return [...new Set(inRange)].toSorted((a, b) => b - a)
}

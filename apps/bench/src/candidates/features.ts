/** The features of a run as models other than core's are given them, and those that might be added. */
import { toVector } from '@amorsize/core'

import type { AskedRun } from '../learning/asked-run.ts'

/** A feature that might be added. */
export type Candidate = 'call depth' | 'imports' | 'input size' | 'historical speedup'

/** Position of the unevenness in the vector: callers cannot tell it, so it is not told here either. */
const UNEVENNESS = 6

/** Three times the range of any feature: what may wait and what may not are no neighbours. */
const MAY_WAIT = 3

const LARGEST_DEPTH = 8
const MOST_IMPORTS = 4
const SMALLEST_BYTES = 10
const LARGEST_BYTES = 1e7
const MOST_DOUBLINGS = 4

/** The features, the candidates at the end. */
export function featuresOf(
  run: AskedRun,
  candidates: readonly Candidate[],
  speedups: ReadonlyMap<AskedRun, number>,
): number[] {
  const { features, mayWait } = run.query(run.guessedItemTimeMs)
  const vector = toVector({ ...features, itemTimeMs: run.guessedItemTimeMs })
  const known = [...vector].filter((_, place) => place !== UNEVENNESS)
  const waits = mayWait === undefined ? 1 / 2 : Number(mayWait)
  return [...known, MAY_WAIT * waits, ...candidates.map((name) => VALUES[name](run, speedups))]
}

const VALUES: Record<
  Candidate,
  (run: AskedRun, speedups: ReadonlyMap<AskedRun, number>) => number
> = {
  'call depth': ({ traits }) => Math.min(1, traits.callDepth / LARGEST_DEPTH),
  imports: ({ traits }) => Math.min(1, traits.importCount / MOST_IMPORTS),
  'input size': ({ traits }) =>
    Math.log(Math.max(SMALLEST_BYTES, traits.inputBytes) / SMALLEST_BYTES) /
    Math.log(LARGEST_BYTES / SMALLEST_BYTES),
  'historical speedup': (run, speedups) => (speedups.get(run) ?? 0) / MOST_DOUBLINGS,
}

/** For each run the mean of the binary logarithms of the speedups that its function had there before. */
export function historicalSpeedups(runs: readonly AskedRun[]): Map<AskedRun, number> {
  const sums = new Map<string, { sum: number; count: number }>()
  const speedups = new Map<AskedRun, number>()
  for (const run of runs) {
    const name = `${run.sample.functionSignature} ${run.sample.machine}`
    const { sum, count } = sums.get(name) ?? { sum: 0, count: 0 }
    if (count > 0) speedups.set(run, sum / count)
    sums.set(name, { sum: sum + Math.log2(run.sample.speedup), count: count + 1 })
  }
  return speedups
}

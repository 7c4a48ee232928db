/** Models that might stand in the place of k-NN: they learn numbers from rows, and tell them of others. */
import { createRequire } from 'node:module'

import type { XgboostOptions, XgboostClass } from 'ml-xgboost'

/** What is learned of a run. */
export interface Row<Target extends string> {
  /** The features, each scaled to about 0..1. */
  readonly features: readonly number[]
  /** The function: one is one witness to k-NN, however often it ran. */
  readonly group: string
  /** What the run did not measure is missing. */
  readonly targets: Readonly<Partial<Record<Target, number>>>
}

/** Learns the rows and tells the targets of others from their features, in their order. */
export type Learner = <Target extends string>(
  rows: readonly Row<Target>[],
  targets: readonly Target[],
  asked: readonly (readonly number[])[],
) => Record<Target, number>[]

const NEIGHBORS = 5
const EPSILON = 0.01

/** As `@amorsize/core` asks strangers: the nearest run of each of the five nearest functions. */
export const nearestFunctions: Learner = (rows, targets, asked) =>
  asked.map((features) => {
    const groups = new Set<string>()
    const nearest = rows
      .map((row) => ({
        row,
        distance: Math.hypot(...features.map((x, at) => x - row.features[at]!)),
      }))
      .toSorted((a, b) => a.distance - b.distance)
      .filter(({ row: { group } }) => {
        if (groups.has(group) || groups.size === NEIGHBORS) return false
        groups.add(group)
        return true
      })
    return mapTargets(targets, (target) => {
      let sum = 0
      let total = 0
      for (const { row, distance } of nearest) {
        const value = row.targets[target]
        if (value === undefined) continue
        sum += value / (distance + EPSILON)
        total += 1 / (distance + EPSILON)
      }
      return total > 0 ? sum / total : meanOf(rows, target)
    })
  })

/** A CommonJS module that is a promise: `import()` would take it for a module that has a `then`. */
const Xgboost: XgboostClass = await (createRequire(import.meta.url)(
  'ml-xgboost',
) as Promise<XgboostClass>)

/** Trees of XGBoost, one model a target. */
function trees(options: Partial<XgboostOptions>): Learner {
  return (rows, targets, asked) => {
    const told = mapTargets(targets, (target) => {
      const known = rows.filter((row) => row.targets[target] !== undefined)
      if (known.length === 0) return asked.map(() => 0)
      const mean = meanOf(rows, target)
      const model = new Xgboost({
        booster: 'gbtree',
        objective: 'reg:linear',
        silent: 1,
        ...options,
      })
      model.train(
        known.map(({ features }) => features),
        known.map((row) => row.targets[target]! - mean + BASE_SCORE),
      )
      const values = model.predict(asked).map((value) => value + mean - BASE_SCORE)
      model.free()
      return values
    })
    return asked.map((_, place) => mapTargets(targets, (target) => told[target][place]!))
  }
}

/** What XGBoost predicts before its first tree; what is learned is the difference from the mean. */
const BASE_SCORE = 0.5

/** @see Friedman, "Greedy function approximation: a gradient boosting machine", Ann. Statist. 29(5), 2001. */
export const gradientBoosting: Learner = trees({
  max_depth: 3,
  eta: 0.1,
  subsample: 0.8,
  min_child_weight: 3,
  iterations: 80,
})

/** @see Breiman, "Random forests", Machine Learning 45, 2001. One round of many trees, none corrected. */
export const randomForest: Learner = trees({
  num_parallel_tree: 60,
  iterations: 1,
  eta: 1,
  lambda: 0,
  max_depth: 10,
  min_child_weight: 3,
  subsample: 0.63,
  colsample_bylevel: 0.5,
})

function mapTargets<Target extends string, T>(
  targets: readonly Target[],
  valueOf: (target: Target) => T,
): Record<Target, T> {
  const entries = targets.map((target) => [target, valueOf(target)] as const)
  // The keys are the targets, each of them once.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(entries) as Record<Target, T>
}

function meanOf<Target extends string>(rows: readonly Row<Target>[], target: Target): number {
  const known = rows.flatMap(({ targets: { [target]: value } }) => value ?? [])
  return known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length)
}

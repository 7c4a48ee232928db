/**
 * What a run would cost, by the runs before it: those of the same function where there are any, else
 * those of the functions most like it. Every value is a mean over witnesses, each counting by how
 * recent it is, how near in the number of items, and how like its machine.
 */
import type { WorkloadFeatures } from '@amorsize/features'

import type { Costs } from '../cost-model.ts'
import { costsFor } from './costs.ts'
import type { Terms } from './costs.ts'
import type { History } from './history.ts'
import { bell, machineLikeness } from './likeness.ts'
import { locate } from './query.ts'
import type { Query } from './query.ts'
import { vectorOf } from './run.ts'
import type { Run } from './run.ts'
import { scaleBySize } from './size-scaling.ts'
import type { Basis } from './trial.ts'
import { meanOf } from './witness.ts'
import type { Witness } from './witness.ts'

/** The costs of a run to come, and what they rest on. */
export interface Estimate {
  readonly basis: Basis
  readonly costs: Costs
  /** The workload, what was not known filled in. */
  readonly features: WorkloadFeatures
  /** The costs as each of the nearest witnesses alone would have them. */
  readonly worlds: readonly Costs[]
  /** Mean distance of those witnesses, 0..sqrt(8) and what is missing. */
  readonly meanDistance: number
  /** How many runs were asked, or functions where they are strangers. */
  readonly evidence: number
  /** Whether not even the item time is known: the answer is then a guess. */
  readonly isGuess: boolean
}

/** Distance of the other end of the scale of item sizes: six orders of magnitude, as of the items. */
const SIZE_DECADES = 6

/** By the function's own runs; `undefined` where there are none that say anything. */
export function estimateFromOwn(history: History, query: Query): Estimate | undefined {
  const { settings } = history
  const { features, itemSize, machine } = query
  const runs = history.runsOf(query.signature)
  const witnesses: Witness[] = []
  for (const [place, run] of runs.entries()) {
    const age = runs.length - 1 - place
    const decades = Math.log10(run.features.dataSize / Math.max(1, features.dataSize))
    const weight =
      2 ** (-age / settings.halfLifeRuns) *
      machineLikeness(run, query, settings) *
      Math.max(FURTHEST, bell(decades / settings.dataSizeScale)) *
      (run.isTainted ? TAINTED : 1)
    if (weight > 0) witnesses.push({ run, weight })
  }
  if (witnesses.length === 0) return undefined

  const machineCosts = history.machines.costsOf(machine, features.startMethod)
  const timeOf = scaleBySize(witnesses, itemSize)
  const priorWeight = settings.priorRuns
  const terms: Terms = {
    itemTimeMs:
      features.itemTimeMs ?? Math.exp(meanOf(witnesses, (run) => Math.log(timeOf(run))) ?? 0),
    coefficientOfVariation:
      features.coefficientOfVariation ??
      meanOf(witnesses, (run) => run.features.coefficientOfVariation) ??
      0,
    waitShare: meanOf(witnesses, (run) => run.costs.waitShare) ?? 0,
    contention:
      meanOf(witnesses, (run) => run.costs.contention, {
        value: machineCosts.contention,
        weight: priorWeight,
      }) ?? 0,
    cloneMs: meanOf(witnesses, (run) => cloneMsOf(run, query)) ?? machineCosts.cloneMs,
  }
  const nearest = nearestOf(witnesses, query, settings.neighbors)
  return {
    basis: 'own',
    costs: costsFor(terms, features.dataSize, machineCosts, query),
    features: completed(query, terms, runs.at(-1)!),
    worlds: nearest.map(({ run }) =>
      costsFor(
        { ...terms, ...termsOf(run, query), itemTimeMs: features.itemTimeMs ?? timeOf(run) },
        features.dataSize,
        machineCosts,
        query,
      ),
    ),
    meanDistance: meanDistanceOf(nearest),
    evidence: witnesses.length,
    isGuess: false,
  }
}

/** By the functions most like it. Without an item time this is a guess, and far away. */
export function estimateFromStrangers(history: History, query: Query): Estimate | undefined {
  const { settings } = history
  const { features, machine } = query
  const { vector, missing } = locate(query)
  // Nothing else tells apart what waits from what computes.
  const isWitness = ({ mayWait }: Run): boolean =>
    mayWait === undefined || query.mayWait === undefined || mayWait === query.mayWait
  const { neighbors: count } = settings
  const neighbors = history.strangers.nearest(vector, count, query.signature, isWitness)
  const witnesses: Witness[] = []
  for (const { run, distance } of neighbors) {
    const weight = machineLikeness(run, query, settings) / (distance + EPSILON)
    if (weight > 0) witnesses.push({ run, weight, distance: Math.hypot(distance, missing) })
  }
  if (witnesses.length === 0) return undefined

  const machineCosts = history.machines.costsOf(machine, features.startMethod)
  const mean = (value: (run: Run) => number | undefined): number => meanOf(witnesses, value) ?? 0
  const terms: Terms = {
    itemTimeMs: features.itemTimeMs ?? Math.exp(mean((run) => Math.log(run.features.itemTimeMs))),
    coefficientOfVariation:
      features.coefficientOfVariation ?? mean((run) => run.features.coefficientOfVariation),
    waitShare: mean((run) => run.costs.waitShare),
    contention: mean((run) => run.costs.contention),
    cloneMs: Math.exp(mean((run) => Math.log(Math.max(LEAST_MS, run.costs.cloneMs ?? 0)))),
  }
  return {
    basis: 'stranger',
    costs: costsFor(terms, features.dataSize, machineCosts, query),
    features: completed(query, terms, witnesses[0]!.run),
    worlds: witnesses.map(({ run }) => {
      const itemTimeMs = features.itemTimeMs ?? run.features.itemTimeMs
      const world = { ...terms, ...termsOf(run, query), itemTimeMs }
      return costsFor(world, features.dataSize, machineCosts, query)
    }),
    meanDistance: meanDistanceOf(witnesses),
    evidence: history.functionCount,
    isGuess: features.itemTimeMs === undefined,
  }
}

/** A vote at no distance is finite; the constant of section 4 of the design. */
const EPSILON = 0.01

/** Weight of a run however far its number of items, and of one taken on a busy machine. */
const FURTHEST = 0.1
const TAINTED = 0.2

/** Below what a clock can tell; its logarithm is finite. */
const LEAST_MS = 1e-6

/** What a run knows itself. */
function termsOf(run: Run, query: Query): Partial<Terms> {
  const { waitShare, contention } = run.costs
  const { coefficientOfVariation } = run.features
  const cloneMs = cloneMsOf(run, query)
  return {
    ...(coefficientOfVariation !== undefined && { coefficientOfVariation }),
    ...(waitShare !== undefined && { waitShare }),
    ...(contention !== undefined && { contention }),
    ...(cloneMs !== undefined && { cloneMs }),
  }
}

/** Cloning to a thread says nothing of cloning to a process. */
function cloneMsOf({ features, costs }: Run, query: Query): number | undefined {
  return features.startMethod === query.features.startMethod ? costs.cloneMs : undefined
}

function nearestOf(witnesses: readonly Witness[], query: Query, count: number): Witness[] {
  const { vector } = locate({ ...query, features: { ...query.features, itemTimeMs: 0 } })
  return witnesses
    .map(({ run, weight }) => ({ run, weight, distance: ownDistance(run, vector, query) }))
    .toSorted((a, b) => a.distance - b.distance || b.run.timestampMs - a.run.timestampMs)
    .slice(0, count)
}

/** Position of the item time in the vector: one's own is what is to be told, not a difference. */
const ITEM_TIME = 1

function ownDistance(run: Run, vector: Float64Array, { itemSize }: Query): number {
  const own = vectorOf(run)
  let squares = 0
  for (let place = 0; place < vector.length; place++) {
    if (place !== ITEM_TIME) squares += (vector[place]! - own[place]!) ** 2
  }
  if (itemSize !== undefined && run.itemSize !== undefined) {
    const decades = Math.log10((itemSize + 1) / (run.itemSize + 1))
    squares += Math.min(1, Math.abs(decades) / SIZE_DECADES) ** 2
  }
  return Math.sqrt(squares)
}

function meanDistanceOf(witnesses: readonly Witness[]): number {
  return witnesses.reduce((sum, { distance = 0 }) => sum + distance, 0) / witnesses.length
}

function completed({ features }: Query, terms: Terms, like: Run): WorkloadFeatures {
  const { itemTimeMs, coefficientOfVariation } = terms
  const { serializedBytes = like.features.serializedBytes } = features
  const { functionComplexity = like.features.functionComplexity } = features
  return { ...features, itemTimeMs, coefficientOfVariation, serializedBytes, functionComplexity }
}

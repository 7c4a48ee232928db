/**
 * What a run would cost, by the runs before it: those of the same function where there are any, else
 * those of the functions most like it. Every value is a mean over witnesses, each counting by how
 * recent it is and how like its machine.
 */
import { FEATURE_NAMES } from '@amorsize/features'
import type { WorkloadFeatures } from '@amorsize/features'

import type { Costs } from '../cost-model.ts'
import { costsFor } from './costs.ts'
import type { Terms } from './costs.ts'
import type { History } from './history.ts'
import { hasSameContext, machineLikeness } from './likeness.ts'
import { cloneMsOf, evidenceOf } from './own-evidence.ts'
import type { OwnEvidence } from './own-evidence.ts'
import { locate, withTimes } from './query.ts'
import { meanOne } from './settings.ts'
import type { Query } from './query.ts'
import type { Run } from './run.ts'
import type { Basis } from './trial.ts'
import { meanOf, outsideOf } from './witness.ts'
import type { NearWitness } from './witness.ts'

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
  /** How much farther they are from what is asked than from one another; 0 in their midst. */
  readonly outside: number
  /** How many runs were asked, or functions where they are strangers. */
  readonly evidence: number
  /** Whether not even the item time is known: the answer is then a guess. */
  readonly isGuess: boolean
}

/** The other end of a scale, of item times as of their sizes and numbers, is so many orders away. */
const DECADES = 6

/** By the function's own runs; `undefined` where there are none that say anything. */
export function estimateFromOwn(history: History, query: Query): Estimate | undefined {
  const { settings } = history
  const { features, machine } = query
  const runs = history.runsOf(query.signature)
  if (runs.length === 0) return undefined
  const machineCosts = history.machines.costsOf(machine, features.startMethod)
  const evidence = evidenceOf(runs, query, machineCosts, settings)
  if (!evidence) return undefined

  const { witnesses, means, timeOf, contentionOf } = evidence
  const terms: Terms = {
    itemTimeMs: features.itemTimeMs ?? means.itemTimeMs,
    coefficientOfVariation: features.coefficientOfVariation ?? means.coefficientOfVariation,
    trend: means.trend,
    waitShare: means.waitShare,
    contention: means.contention,
    cloneMs: means.cloneMs,
  }
  const { nearest, missing } = nearestOf(evidence, query, settings.neighbors)
  return {
    basis: 'own',
    costs: costsFor(terms, features.dataSize, machineCosts, query),
    features: completed(query, terms, runs.at(-1)!),
    worlds: nearest.map(({ run }) =>
      costsFor(
        termsOf(
          run,
          features.itemTimeMs ?? timeOf(run),
          contentionOf(run),
          cloneMsOf(run, query),
          terms,
        ),
        features.dataSize,
        machineCosts,
        query,
      ),
    ),
    meanDistance: meanDistanceOf(nearest, missing),
    outside: outsideOf(nearest),
    evidence: witnesses.length,
    // What it takes with another context says nothing of what it takes with this one.
    isGuess:
      features.itemTimeMs === undefined && !witnesses.some(({ run }) => hasSameContext(run, query)),
  }
}

/** How much code waits that can is told by none of its features, nor by code that is like it. */
function extremesOf(terms: Terms): Terms[] {
  return [
    { ...terms, waitShare: 0 },
    { ...terms, waitShare: MOSTLY_WAITING },
  ]
}

const MOSTLY_WAITING = 0.95

/** By the functions most like it. Without an item time this is a guess, and far away. */
export function estimateFromStrangers(history: History, query: Query): Estimate | undefined {
  const { settings } = history
  const { features, machine } = query
  const { vector, missing } = locate(features)
  // Nothing else tells apart what waits from what computes, and other kinds of machine tell nothing.
  const isWitness = (run: Run): boolean =>
    (run.mayWait === undefined || query.mayWait === undefined || run.mayWait === query.mayWait) &&
    machineLikeness(run, query, settings) > 0
  const { neighbors: count } = settings
  const neighbors = history.strangers.nearest(vector, count, query.signature, isWitness)
  const witnesses: NearWitness[] = []
  for (const { run, distance } of neighbors) {
    const weight = machineLikeness(run, query, settings) / (distance + EPSILON)
    witnesses.push({ run, weight, distance })
  }
  if (witnesses.length === 0) return undefined

  const machineCosts = history.machines.costsOf(machine, features.startMethod)
  const mean = (value: (run: Run) => number | undefined): number => meanOf(witnesses, value) ?? 0
  const terms: Terms = {
    itemTimeMs: features.itemTimeMs ?? Math.exp(mean((run) => Math.log(run.features.itemTimeMs))),
    coefficientOfVariation:
      features.coefficientOfVariation ?? mean((run) => run.features.coefficientOfVariation),
    // In which order the data of other functions came says nothing of these.
    trend: 0,
    waitShare: mean((run) => run.costs.waitShare),
    contention: mean((run) => run.costs.contention),
    cloneMs:
      query.cloneMs ?? Math.exp(meanOf(witnesses, logCloneMsOf) ?? Math.log(machineCosts.cloneMs)),
  }
  return {
    basis: 'stranger',
    costs: costsFor(terms, features.dataSize, machineCosts, query),
    features: completed(query, terms, witnesses[0]!.run),
    worlds: [
      ...witnesses.map(({ run }) => {
        const itemTimeMs = features.itemTimeMs ?? run.features.itemTimeMs
        const cloneMs = query.cloneMs ?? cloneMsOf(run, query)
        return termsOf(run, itemTimeMs, run.costs.contention, cloneMs, terms)
      }),
      ...(query.mayWait === true ? extremesOf(terms) : []),
    ].map((world) => costsFor(world, features.dataSize, machineCosts, query)),
    meanDistance: meanDistanceOf(witnesses, missing),
    outside: outsideOf(witnesses, meanOne(settings.weights)),
    evidence: history.functionCount,
    isGuess: features.itemTimeMs === undefined,
  }
}

/** A vote at no distance is finite; the constant of section 4 of the design. */
const EPSILON = 0.01

/** Below what a clock can tell; its logarithm is finite. */
const LEAST_MS = 1e-6

/** `undefined` where it was not measured, as in other implementations. */
function logCloneMsOf({ costs }: Run): number | undefined {
  return costs.cloneMs === undefined ? undefined : Math.log(Math.max(LEAST_MS, costs.cloneMs))
}

/** What a run knows itself, and what all of them say of the rest. */
function termsOf(
  run: Run,
  itemTimeMs: number,
  contention: number | undefined,
  cloneMs: number | undefined,
  all: Terms,
): Terms {
  return {
    itemTimeMs,
    coefficientOfVariation: run.features.coefficientOfVariation ?? all.coefficientOfVariation,
    trend: all.trend,
    waitShare: run.costs.waitShare ?? all.waitShare,
    contention: contention ?? all.contention,
    cloneMs: cloneMs ?? all.cloneMs,
  }
}

/** The nearest, the newer of equals first, and the distance that what the query lacks may add. */
function nearestOf(
  evidence: OwnEvidence,
  query: Query,
  count: number,
): { nearest: readonly NearWitness[]; missing: number } {
  const { distanceOf, missing } = ownDistances(evidence, query)
  const nearest: NearWitness[] = []
  for (const [place, { run, weight }] of evidence.witnesses.entries()) {
    const distance = distanceOf(run, place)
    let rank = nearest.length
    while (rank > 0 && isNearer(run, distance, nearest[rank - 1]!)) rank--
    if (rank === count) continue
    nearest.splice(rank, 0, { run, weight, distance })
    if (nearest.length > count) nearest.pop()
  }
  return { nearest, missing }
}

function isNearer(run: Run, distance: number, other: NearWitness): boolean {
  if (distance !== other.distance) return distance < other.distance
  return run.timestampMs > other.run.timestampMs
}

/** Another context is as far away as the other end of the range of a feature. */
const OTHER_CONTEXT_DISTANCE = 1

/** Position of the item time in the vector: one's own depends on the size of the items. */
const ITEM_TIME = FEATURE_NAMES.indexOf('itemTime')

/** How far the function's own runs are from what is asked: what a query lacks is as it usually was. */
function ownDistances(
  { points, usual, timeOf }: OwnEvidence,
  query: Query,
): { distanceOf: (run: Run, place: number) => number; missing: number } {
  const { itemTimeMs } = query.features
  const asked = withTimes(query.features, itemTimeMs ?? 0, query.features.coefficientOfVariation)
  const { vector, missing } = locate(asked, usual)
  const distanceOf = (run: Run, place: number): number => {
    let squares = hasSameContext(run, query) ? 0 : OTHER_CONTEXT_DISTANCE ** 2
    for (let axis = 0; axis < vector.length; axis++) {
      if (axis === ITEM_TIME) continue
      squares += (vector[axis]! - points[place * vector.length + axis]!) ** 2
    }
    if (itemTimeMs !== undefined) squares += apart(itemTimeMs, timeOf(run)) ** 2
    if (query.itemSize !== undefined && run.itemSize !== undefined)
      squares += apart(query.itemSize + 1, run.itemSize + 1) ** 2
    return Math.sqrt(squares)
  }
  return { distanceOf, missing }
}

/** How far two numbers above 0 are apart, 0..1. */
function apart(one: number, other: number): number {
  return Math.min(1, Math.abs(Math.log10(one / other)) / DECADES)
}

function meanDistanceOf(witnesses: readonly NearWitness[], missing: number): number {
  const sum = witnesses.reduce((total, { distance }) => total + Math.hypot(distance, missing), 0)
  return sum / witnesses.length
}

function completed({ features }: Query, terms: Terms, like: Run): WorkloadFeatures {
  const { dataSize, physicalCores, availableMemoryBytes, startMethod } = features
  return {
    dataSize,
    itemTimeMs: terms.itemTimeMs,
    physicalCores,
    availableMemoryBytes,
    startMethod,
    serializedBytes: features.serializedBytes ?? like.features.serializedBytes,
    coefficientOfVariation: terms.coefficientOfVariation,
    functionComplexity: features.functionComplexity ?? like.features.functionComplexity,
  }
}

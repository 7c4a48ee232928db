/**
 * What the runs of one function say of it, whatever is asked: weighed and averaged once, until another
 * run comes or another machine or size of item is asked about.
 */
import { FEATURE_NAMES } from '@amorsize/features'

import { contentionOf } from './contention.ts'
import { MACHINE_COSTS } from './machine-terms.ts'
import type { MachineCosts } from './machine-terms.ts'
import type { Terms } from './costs.ts'
import { contextLikeness, hasSameContext, machineLikeness } from './likeness.ts'
import type { Query } from './query.ts'
import { vectorOf } from './run.ts'
import type { Run } from './run.ts'
import type { ModelSettings } from './settings.ts'
import { scaleBySize } from './size-scaling.ts'
import { meanOf } from './witness.ts'
import type { Witness } from './witness.ts'

/** Weight of a run that was taken on a busy machine. */
const TAINTED = 0.2

/** What was asked about. */
type Subject = readonly [
  machine: string,
  physicalCores: number,
  startMethod: string,
  itemSize: number | undefined,
  runtimeMajor: number | undefined,
  contextDigest: number,
  ...machineCosts: number[],
]

/** Runs that count, and their means. */
export interface OwnEvidence {
  /** The oldest first. */
  readonly witnesses: readonly Witness[]
  /** The features of each, one after the other. */
  readonly points: Float64Array
  /** Their mean, each feature by itself. */
  readonly usual: Float64Array
  /** Time of an item alone by one run, at the size that is asked about, milliseconds. */
  readonly timeOf: (run: Run) => number
  /** Contention by one run; `undefined` where it does not tell. */
  readonly contentionOf: (run: Run) => number | undefined
  readonly means: Terms
}

const lastOf = new WeakMap<
  readonly Run[],
  { subject: Subject; evidence: OwnEvidence | undefined }
>()

/**
 * The evidence of a function's runs; `undefined` where none says anything.
 *
 * @param runs - The oldest first; a list that never changes.
 */
export function evidenceOf(
  runs: readonly Run[],
  query: Query,
  machine: MachineCosts,
  settings: ModelSettings,
): OwnEvidence | undefined {
  const { physicalCores, startMethod } = query.features
  const subject: Subject = [
    query.machine,
    physicalCores,
    startMethod,
    query.itemSize,
    query.runtimeMajor,
    query.contextDigest ?? 0,
    ...MACHINE_COSTS.map((name) => machine[name]),
  ]
  const last = lastOf.get(runs)
  if (last && subject.every((part, place) => part === last.subject[place])) return last.evidence
  const evidence = weigh(runs, query, machine, settings)
  lastOf.set(runs, { subject, evidence })
  return evidence
}

function weigh(
  runs: readonly Run[],
  query: Query,
  machine: MachineCosts,
  settings: ModelSettings,
): OwnEvidence | undefined {
  // With another context it is another function; the runs of that are asked where there are no others.
  const familiar = runs.filter((run) => hasSameContext(run, query))
  const asked = familiar.length > 0 ? familiar : runs
  /** Recency counts among the runs that tell a thing: the others leave it as it was. */
  const those = (tell: (run: Run) => boolean): readonly Witness[] => {
    const telling = asked.filter(tell)
    return telling.length === asked.length ? witnesses : witnessesAmong(telling, query, settings)
  }
  const witnesses = witnessesAmong(asked, query, settings)
  if (witnesses.length === 0) return undefined

  const timedAlone = those(isTimedAlone)
  const timed = timedAlone.length > 0 ? timedAlone : witnesses
  const scaled = scaleBySize(timed, query.itemSize)
  const itemTimeMs = Math.exp(meanOf(timed, (run) => Math.log(scaled(run))) ?? 0)
  const aloneThen = (run: Run): number =>
    run.machine === query.machine
      ? (itemTimeMs * run.features.itemTimeMs) / scaled(run)
      : run.features.itemTimeMs
  const contentions = new Map(asked.map((run) => [run, contentionOf(run, machine, aloneThen(run))]))
  const contentionIn = (run: Run): number | undefined => contentions.get(run)
  const disturbed = those((run) => contentionIn(run) !== undefined)
  const prior = {
    value: machine.contention,
    weight: settings.priorRuns * meanRecency(disturbed.length, settings),
  }
  const means: Terms = {
    itemTimeMs,
    coefficientOfVariation: meanOf(witnesses, (run) => run.features.coefficientOfVariation) ?? 0,
    trend: meanOf(witnesses, (run) => run.costs.trend) ?? 0,
    waitShare: meanOf(witnesses, (run) => run.costs.waitShare) ?? 0,
    contention: meanOf(disturbed, contentionIn, prior) ?? 0,
    cloneMs: meanOf(witnesses, (run) => cloneMsOf(run, query)) ?? machine.cloneMs,
  }
  const points = Float64Array.from(witnesses.flatMap(({ run }) => [...vectorOf(run)]))
  return {
    witnesses,
    points,
    timeOf: (run) => (isTimedAlone(run) ? scaled(run) : itemTimeMs),
    contentionOf: contentionIn,
    usual: centreOf(witnesses, points),
    means,
  }
}

/** What one of so many runs counts as on average; so the more there are, the less a prior does. */
function meanRecency(count: number, { halfLifeRuns }: ModelSettings): number {
  let sum = 0
  for (let age = 0; age < count; age++) sum += recencyOf(age, halfLifeRuns)
  return count === 0 ? 1 : sum / count
}

/** Weight of a run by how many came after it. */
function recencyOf(age: number, halfLifeRuns: number): number {
  return 2 ** (-age / halfLifeRuns)
}

/** Runs that count, the oldest first. */
function witnessesAmong(runs: readonly Run[], query: Query, settings: ModelSettings): Witness[] {
  const witnesses: Witness[] = []
  for (const [place, run] of runs.entries()) {
    const age = runs.length - 1 - place
    const weight =
      recencyOf(age, settings.halfLifeRuns) *
      machineLikeness(run, query, settings) *
      contextLikeness(run, query) *
      (run.isTainted ? TAINTED : 1)
    if (weight > 0) witnesses.push({ run, weight })
  }
  return witnesses
}

/** The others measured items beside one another only, and go by what was known of them alone. */
function isTimedAlone({ costs }: Run): boolean {
  return costs.besideMs === undefined
}

/** The mean of their features, as a point. */
function centreOf(witnesses: readonly Witness[], points: Float64Array): Float64Array {
  const centre = new Float64Array(FEATURE_NAMES.length)
  const total = witnesses.reduce((sum, { weight }) => sum + weight, 0)
  for (const [place, { weight }] of witnesses.entries()) {
    for (let axis = 0; axis < centre.length; axis++)
      centre[axis]! += (weight / total) * points[place * centre.length + axis]!
  }
  return centre
}

/** Cloning to a thread says nothing of cloning to a process. */
export function cloneMsOf({ features, costs }: Run, query: Query): number | undefined {
  return features.startMethod === query.features.startMethod ? costs.cloneMs : undefined
}

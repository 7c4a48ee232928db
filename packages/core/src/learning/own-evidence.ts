/**
 * What the runs of one function say of it, whatever is asked: weighed and averaged once, until another
 * run comes or another machine or size of item is asked about.
 */
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
  contention: number,
  cloneMs: number,
]

/** Runs that count, and their means. */
export interface OwnEvidence {
  /** The oldest first. */
  readonly witnesses: readonly Witness[]
  /** The features of each, one after the other. */
  readonly points: Float64Array
  /** Item time of a run at the size that is asked about, milliseconds. */
  readonly timeOf: (run: Run) => number
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
    machine.contention,
    machine.cloneMs,
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
  const witnesses: Witness[] = []
  for (const [place, run] of asked.entries()) {
    const age = asked.length - 1 - place
    const weight =
      2 ** (-age / settings.halfLifeRuns) *
      machineLikeness(run, query, settings) *
      contextLikeness(run, query) *
      (run.isTainted ? TAINTED : 1)
    if (weight > 0) witnesses.push({ run, weight })
  }
  if (witnesses.length === 0) return undefined

  const timeOf = scaleBySize(witnesses, query.itemSize)
  const prior = { value: machine.contention, weight: settings.priorRuns }
  const means: Terms = {
    itemTimeMs: Math.exp(meanOf(witnesses, (run) => Math.log(timeOf(run))) ?? 0),
    coefficientOfVariation: meanOf(witnesses, (run) => run.features.coefficientOfVariation) ?? 0,
    waitShare: meanOf(witnesses, (run) => run.costs.waitShare) ?? 0,
    contention: meanOf(witnesses, (run) => run.costs.contention, prior) ?? 0,
    cloneMs: meanOf(witnesses, (run) => cloneMsOf(run, query)) ?? machine.cloneMs,
  }
  const points = Float64Array.from(witnesses.flatMap(({ run }) => [...vectorOf(run)]))
  return { witnesses, points, timeOf, means }
}

/** Cloning to a thread says nothing of cloning to a process. */
export function cloneMsOf({ features, costs }: Run, query: Query): number | undefined {
  return features.startMethod === query.features.startMethod ? costs.cloneMs : undefined
}

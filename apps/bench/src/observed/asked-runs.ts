/** Observed maps as runs that a model is asked about. */
import type { Plan, PredictionQuery, TrainingSample } from '@amorsize/core'

import type { AskedRun } from '../learning/asked-run.ts'
import type { ObservedMap } from './observe-map.ts'
import { regretOf } from './plan-times.ts'

/** The runs of all maps, the maps in turns. */
export function askedRunsOf(maps: readonly ObservedMap[]): AskedRun[] {
  const countOf = new Map<string, number>()
  const rounds = Math.max(...maps.map(({ samples }) => samples.length))
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
    maps.flatMap((map) => {
      const sample = map.samples[round]
      if (!sample) return []
      const nth = countOf.get(sample.functionSignature) ?? 0
      countOf.set(sample.functionSignature, nth + 1)
      // A caller knows its item time as well as another run of the same map would tell it.
      const other = map.samples[(round + 1) % map.samples.length]!
      return askedRun(map, sample, nth, other)
    }),
  )
}

function askedRun(
  map: ObservedMap,
  sample: TrainingSample,
  nth: number,
  other: TrainingSample,
): AskedRun {
  const { cloneMs } = other
  return {
    // What ran beside other processes counts all the same: the plans were timed beside them too.
    sample: { ...sample, isTainted: undefined },
    nth,
    planned: planOf(sample),
    guessedItemTimeMs: other.features.itemTimeMs,
    guessedCloneMs: typeof cloneMs === 'number' ? cloneMs : undefined,
    limits: { maxWorkers: map.cores, runtime: 'worker_threads' },
    traits: map.traits,
    query: (itemTimeMs) => queryOf(sample, itemTimeMs),
    regretOf: (plan) => regretOf(plan, map.repeated),
  }
}

function planOf({ executor, nJobs, chunkSize }: TrainingSample): Plan {
  const kind = executor === 'serial' || executor === 'async' ? executor : 'worker_threads'
  return { executor: kind, nJobs, chunkSize }
}

/** What the call that left the sample would have asked, had it asked. */
function queryOf(sample: TrainingSample, itemTimeMs: number | undefined): PredictionQuery {
  const { functionSignature: signature, machine = '', features } = sample
  const { coefficientOfVariation: _, serializedBytes, ...known } = features
  const numberOf = (field: string): number | undefined => {
    const value = sample[field]
    return typeof value === 'number' ? value : undefined
  }
  const mayWait = numberOf('mayWait')
  return {
    signature,
    // Who knows what an item takes has seen a result.
    features: { ...known, itemTimeMs, ...(itemTimeMs !== undefined && { serializedBytes }) },
    itemSize: numberOf('itemSize'),
    mayWait: mayWait === undefined ? undefined : mayWait === 1,
    machine,
    usableCores: numberOf('usableCores') ?? features.physicalCores,
    warmWorkers: numberOf('warmWorkers') ?? 0,
    allowMainThread: true,
  }
}

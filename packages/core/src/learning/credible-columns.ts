/** Which samples of a history that is kept by columns are runs, told without reading any. */
import type { SampleColumns, TextColumn } from '@amorsize/cache'

import {
  CHUNK_SIZE_RANGE,
  FEATURE_RANGES,
  jobsRange,
  runKey,
  speedupRange,
  timestampRange,
} from './run.ts'
import type { Range } from './run.ts'

/** 1 for each sample that can be true and did not come before. */
export function markRuns(columns: SampleColumns, length: number): Uint8Array {
  const isRun = new Uint8Array(length).fill(1)
  for (const [name, range] of FEATURE_RANGES) clearOutside(isRun, columns.feature(name), range)
  clearOutside(isRun, columns.number('chunkSize'), CHUNK_SIZE_RANGE)
  clearOutside(isRun, columns.number('timestampMs'), timestampRange())
  clearShorter(isRun, columns.text('startMethod'), 1)
  clearShorter(isRun, columns.text('functionSignature'), 0)
  clearImpossiblePlans(isRun, columns)
  clearRepeated(isRun, columns)
  return isRun
}

/** A column at a time: a loop over numbers is quick from the first time on. */
function clearOutside(
  isRun: Uint8Array,
  column: Float64Array,
  { least, most, isWhole = false, isOptional = false }: Range,
): void {
  for (let place = 0; place < column.length; place++) {
    const value = column[place]!
    if (value >= least && value <= most && !(isWhole && value % 1 !== 0)) continue
    if (!(isOptional && Number.isNaN(value))) isRun[place] = 0
  }
}

/** Clears what has no text, or a shorter one. */
function clearShorter(isRun: Uint8Array, { indices, texts }: TextColumn, least: number): void {
  const isLong = texts.map((text) => text !== null && text.length >= least)
  for (let place = 0; place < indices.length; place++)
    if (!isLong[indices[place]!]) isRun[place] = 0
}

function clearImpossiblePlans(isRun: Uint8Array, columns: SampleColumns): void {
  const jobs = columns.number('nJobs')
  const speedups = columns.number('speedup')
  const executors = columns.text('executor')
  const asyncIndex = executors.texts.indexOf('async')
  const [ofWorkers, ofAsync] = [jobsRange(false), jobsRange(true)]
  const { least, most } = speedupRange(1)
  for (let place = 0; place < jobs.length; place++) {
    const nJobs = jobs[place]!
    const speedup = speedups[place]!
    const range = executors.indices[place] === asyncIndex ? ofAsync : ofWorkers
    const isPossible =
      nJobs >= range.least &&
      nJobs <= range.most &&
      nJobs % 1 === 0 &&
      speedup >= least &&
      speedup <= most * nJobs
    if (!isPossible) isRun[place] = 0
  }
}

/** What is given twice has one time, and the times are in order. */
function clearRepeated(isRun: Uint8Array, columns: SampleColumns): void {
  const times = columns.number('timestampMs')
  const itemTimes = columns.feature('itemTimeMs')
  const speedups = columns.number('speedup')
  const { indices, texts } = columns.text('functionSignature')
  const keys = new Set<string>()
  for (let place = 0; place < times.length; place++) {
    const timestampMs = times[place]!
    if (timestampMs !== times[place - 1] && timestampMs !== times[place + 1]) continue
    if (isRun[place] === 0) continue
    const signature = texts[indices[place]!]!
    const key = runKey({
      signature,
      timestampMs,
      speedup: speedups[place]!,
      features: { itemTimeMs: itemTimes[place]! },
    })
    if (keys.has(key)) isRun[place] = 0
    keys.add(key)
  }
}

/**
 * Which samples of a history to keep when it has grown too large. What a predictor needs is one
 * history of many situations, bad outcomes included: a model that has only seen winners cannot tell
 * what to avoid. So crowded situations are thinned before rare ones lose anything, and the measured
 * outcome is part of the situation, never a rank.
 */
import type { TrainingSample } from './records.ts'

interface Ranked<T> {
  readonly item: T
  readonly timestampMs: number
  /** How many newer samples there are of the same situation. */
  readonly rankInCell: number
  /** How many newer samples of that rank there are of the same function. */
  readonly rankInFunction: number
}

/**
 * Splits a history into what to keep and what to drop.
 *
 * @param items - The history.
 * @param sampleOf - The sample of an item.
 * @param limit - Most items to keep, from 1.
 * @returns The items to drop: every situation keeps its newest sample before any keeps a second, a
 * second before any keeps a third, and so on; among equals every function gets its turn.
 */
export function chooseRedundant<T>(
  items: readonly T[],
  sampleOf: (item: T) => TrainingSample,
  limit: number,
): T[] {
  if (items.length <= limit) return []
  return rank(items, sampleOf)
    .toSorted(
      (a, b) =>
        a.rankInCell - b.rankInCell ||
        a.rankInFunction - b.rankInFunction ||
        b.timestampMs - a.timestampMs,
    )
    .slice(limit)
    .map(({ item }) => item)
}

function rank<T>(items: readonly T[], sampleOf: (item: T) => TrainingSample): Ranked<T>[] {
  const inCell = new Map<string, number>()
  const inFunction = new Map<string, number>()
  return items
    .map((item) => ({ item, sample: sampleOf(item) }))
    .toSorted((a, b) => b.sample.timestampMs - a.sample.timestampMs)
    .map(({ item, sample }) => {
      const rankInCell = next(inCell, cellOf(sample))
      const rankInFunction = next(inFunction, `${sample.functionSignature} ${rankInCell}`)
      return { item, timestampMs: sample.timestampMs, rankInCell, rankInFunction }
    })
}

/** A situation: the same function and machine, sizes to a factor of 3, outcome to a factor of 2. */
function cellOf(sample: TrainingSample): string {
  const { features, functionSignature, machine, executor, nJobs, chunkSize, speedup } = sample
  return [
    functionSignature,
    machine,
    executor,
    nJobs,
    Math.round(Math.log2(chunkSize)),
    halfDecade(features.dataSize),
    halfDecade(features.itemTimeMs),
    Math.round(Math.log2(speedup)),
  ].join(' ')
}

function halfDecade(value: number): number {
  return Math.round(2 * Math.log10(value))
}

function next(counts: Map<string, number>, name: string): number {
  const count = counts.get(name) ?? 0
  counts.set(name, count + 1)
  return count
}

/** The store that `execute()` uses by itself, for those who want to look into it or empty it. */
import type { ClearReport, LoadedSamples, PruneReport, Store, StoreStats } from '@amorsize/cache'

import { sharedStore } from './defaults.ts'
import { loadLearning } from './load-learning.ts'

/**
 * Which store is meant.
 * @public
 */
export interface StoreChoice {
  /** The store. @defaultValue the JSON store in the platform's folder, as of `execute()` */
  readonly store?: Store | undefined
}

/**
 * Loads the training samples that past runs left.
 * @returns The samples, oldest first, and the files that could not be read.
 * @public
 */
export async function loadTrainingData({ store }: StoreChoice = {}): Promise<LoadedSamples> {
  return (store ?? (await sharedStore())).loadSamples()
}

/**
 * Counts decisions and samples, their sizes in bytes and ages in milliseconds, hits and misses.
 * @public
 */
export async function getCacheStats({ store }: StoreChoice = {}): Promise<StoreStats> {
  return (store ?? (await sharedStore())).stats()
}

/**
 * Removes every decision and every sample.
 * @returns How many of each were removed.
 * @public
 */
export async function clearCache({ store }: StoreChoice = {}): Promise<ClearReport> {
  const target = store ?? (await sharedStore())
  const { liveModelOf } = await loadLearning()
  liveModelOf(target).forget()
  return target.clear()
}

/**
 * Removes the decisions and samples that have expired.
 * @returns How many were removed.
 * @public
 */
export async function pruneExpiredCache({ store }: StoreChoice = {}): Promise<PruneReport> {
  return (store ?? (await sharedStore())).prune()
}

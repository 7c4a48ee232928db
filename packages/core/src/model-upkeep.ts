/** Versions of the model of past runs: saved, compared on the same history, restored. */
import type { Store } from '@amorsize/cache'

import type { StoreChoice } from './cache-upkeep.ts'
import { sharedStore } from './defaults.ts'
import { UnknownModelError } from './errors.ts'
import type { ModelVersion } from './learning/model-versions.ts'
import type { ModelScore } from './learning/score-model.ts'
import type { ModelSettings } from './learning/settings.ts'
import { loadLearning } from './load-learning.ts'

/**
 * Two models on one history.
 * @public
 */
export interface ModelComparison {
  /** Of the first. */
  readonly first: ModelScore
  /** Of the second. */
  readonly second: ModelScore
}

/**
 * Saves settings as a new version of the model, and uses them from now on.
 *
 * @param settings - Those that differ from the defaults.
 * @returns The version.
 * @throws `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION`; nothing is saved then.
 * @public
 */
export async function saveModel(
  settings: Partial<ModelSettings>,
  { store }: StoreChoice = {},
): Promise<ModelVersion> {
  const { liveModelOf, readVersions, resolveSettings, writeVersions } = await loadLearning()
  const resolved = resolveSettings(settings)
  const target = store ?? (await sharedStore())
  const versions = await readVersions(target)
  const version = Math.max(0, ...versions.saved.map((each) => each.version)) + 1
  const saved = { version, savedAtMs: Date.now(), settings: resolved }
  await writeVersions(target, { current: version, saved: [...versions.saved, saved] })
  liveModelOf(target).forget()
  return saved
}

/**
 * Lists the saved versions of the model.
 * @returns Which is in use, 0 for the one that the package came with, and all that are saved.
 * @public
 */
export async function listModels({ store }: StoreChoice = {}): Promise<{
  readonly current: number
  readonly saved: readonly ModelVersion[]
}> {
  const { readVersions } = await loadLearning()
  return readVersions(store ?? (await sharedStore()))
}

/**
 * Uses a saved version of the model from now on.
 *
 * @param version - Its number; 0 for the one that the package came with.
 * @throws {@link UnknownModelError} `AMORSIZE_CORE_UNKNOWN_MODEL`
 * @public
 */
export async function restoreModel(version: number, { store }: StoreChoice = {}): Promise<void> {
  const { liveModelOf, readVersions, settingsOf, writeVersions } = await loadLearning()
  const target = store ?? (await sharedStore())
  const versions = await readVersions(target)
  if (!settingsOf(versions, version)) throw unknown(version, versions.saved)
  await writeVersions(target, { ...versions, current: version })
  liveModelOf(target).forget()
}

/**
 * Compares two models on the history of a store: each run is predicted from those before it, so
 * neither has seen what it is judged by.
 *
 * @remarks Takes some tenths of a millisecond a run and model.
 * @param first - A version's number, or settings.
 * @param second - Another.
 * @returns How good either is.
 * @throws {@link UnknownModelError} `AMORSIZE_CORE_UNKNOWN_MODEL`,
 * `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION`
 * @public
 */
export async function compareModels(
  first: number | Partial<ModelSettings>,
  second: number | Partial<ModelSettings>,
  { store }: StoreChoice = {},
): Promise<ModelComparison> {
  const { readRun, scoreModel } = await loadLearning()
  const target = store ?? (await sharedStore())
  const [one, other] = [await chosen(target, first), await chosen(target, second)]
  const { samples } = await target.loadSamples()
  const runs = samples.flatMap((sample) => readRun(sample) ?? [])
  return { first: scoreModel(runs, one), second: scoreModel(runs, other) }
}

async function chosen(
  store: Store,
  model: number | Partial<ModelSettings>,
): Promise<ModelSettings> {
  const { readVersions, resolveSettings, settingsOf } = await loadLearning()
  if (typeof model !== 'number') return resolveSettings(model)
  const versions = await readVersions(store)
  const settings = settingsOf(versions, model)
  if (!settings) throw unknown(model, versions.saved)
  return settings
}

function unknown(version: number, saved: readonly ModelVersion[]): UnknownModelError {
  return new UnknownModelError(version, [0, ...saved.map((each) => each.version)])
}

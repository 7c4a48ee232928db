/** The versions of a store's model: settings, each with a number, and which of them is in use. */
import type { Store } from '@amorsize/cache'

import { DEFAULT_SETTINGS, readSettings } from './settings.ts'
import type { ModelSettings } from './settings.ts'

/**
 * Settings that were saved.
 * @public
 */
export interface ModelVersion {
  /** From 1; 0 is what the package came with. */
  readonly version: number
  /** When they were saved, milliseconds since 1970. */
  readonly savedAtMs: number
  /** The settings. */
  readonly settings: ModelSettings
}

/** The versions of a store. */
export interface ModelVersions {
  /** Number of the version in use. */
  readonly current: number
  /** Oldest first. */
  readonly saved: readonly ModelVersion[]
}

/** The document of a store that keeps them. */
const KEY = 'prediction-model'

/** Versions kept: enough to go back, few enough to look through. */
const MOST_VERSIONS = 20

const NONE: ModelVersions = { current: 0, saved: [] }

/** The versions of a store; what is damaged is passed over. */
export async function readVersions(store: Store): Promise<ModelVersions> {
  const document = await store.getDocument(KEY)
  if (!document) return NONE
  const list: unknown = Reflect.get(document, 'saved')
  const saved = Array.isArray(list) ? list.flatMap(readVersion) : []
  const current: unknown = Reflect.get(document, 'current')
  const isKnown = saved.some(({ version }) => version === current)
  return { current: isKnown ? (current as number) : 0, saved }
}

/** Keeps the versions. */
export async function writeVersions(
  store: Store,
  { current, saved }: ModelVersions,
): Promise<void> {
  const kept = saved.filter(
    ({ version }, place) => version === current || place >= saved.length - MOST_VERSIONS,
  )
  await store.putDocument(KEY, { current, saved: kept })
}

/** The settings of a version; `undefined` where there is no such version. */
export function settingsOf({ saved }: ModelVersions, version: number): ModelSettings | undefined {
  if (version === 0) return DEFAULT_SETTINGS
  return saved.find((each) => each.version === version)?.settings
}

/** The settings in use; those that the package came with where none are. */
export async function currentSettings(store: Store): Promise<ModelSettings> {
  const versions = await readVersions(store)
  return settingsOf(versions, versions.current) ?? DEFAULT_SETTINGS
}

function readVersion(value: unknown): ModelVersion[] {
  if (typeof value !== 'object' || value === null) return []
  const { version, savedAtMs, settings } = value as Partial<ModelVersion>
  const read = readSettings(settings)
  const isWhole = Number.isSafeInteger(version) && (version as number) > 0
  if (!isWhole || !Number.isFinite(savedAtMs) || !read) return []
  return [{ version: version as number, savedAtMs: savedAtMs as number, settings: read }]
}

/** What is known of a machine, and where it is kept: a measurement of it is good for years. */
import { detectSystem } from '@amorsize/features/system'

import { InvalidOptionError } from './errors.ts'
import type { Runtime } from './pool-worker.ts'

/**
 * Costs of parallel work on a machine. Times are milliseconds.
 * @public
 */
export interface MachineProfile {
  /** Fingerprint of the machine. */
  readonly machine: string
  /** Version of Node, such as `v20.19.0`. */
  readonly nodeVersion: string
  /** How the workers ran. */
  readonly runtime: Runtime
  /** Cores that the process could use: under an affinity or a quota fewer than the machine has. */
  readonly usableCores: number
  /** Time from asking for a worker to its first answer. */
  readonly startUpMs: number
  /** Round trip of an empty chunk. */
  readonly dispatchMs: number
  /** The part of it that the caller's thread spends on sending. */
  readonly sendMs: number
  /** Time for one value there and back. */
  readonly cloneMs: CloneCosts
  /** Speedup of as many workers as there are usable cores (at most 16 are tried). */
  readonly usableParallelism: number
  /**
   * Share by which computing takes longer for each further worker that computes beside it: with P
   * workers it takes `1 + contention * (P - 1)` times as long as with one. 0 on one core.
   */
  readonly contention: number
  /** Whether other processes used so much of the machine that the figures say little. */
  readonly isTainted: boolean
  /** When it was measured, milliseconds since 1970. */
  readonly measuredAtMs: number
}

/**
 * Time for one value to a worker and back, by its kind, milliseconds.
 * @public
 */
export interface CloneCosts {
  /** A number. */
  readonly number: number
  /** A text of 100 characters. */
  readonly text: number
  /** An object of three fields. */
  readonly object: number
  /** A typed array of a million bytes. */
  readonly megabyte: number
}

/**
 * Where profiles are kept: a store of `@amorsize/cache`, or anything that keeps JSON objects by key.
 * @public
 */
export interface ProfileStore {
  /** The object kept under a key, or `undefined`. What is no profile counts as none. */
  getDocument(key: string): Promise<object | undefined>
  /** Keeps an object that JSON can carry. */
  putDocument(key: string, document: object): Promise<unknown>
}

/**
 * Settings of {@link readMachineProfile}.
 * @public
 */
export interface ReadProfileOptions {
  /** How workers run. @defaultValue `'worker_threads'` */
  readonly runtime?: Runtime
  /** Where a profile of this machine may be. */
  readonly store: ProfileStore
}

/**
 * The profile of this machine that was measured before. Never measures, so that a decision can ask.
 *
 * @returns The profile, or `undefined` where there is none of this machine with as many usable cores,
 * this version of Node and this runtime.
 * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION`
 * @throws What the store throws.
 * @public
 */
export async function readMachineProfile({
  runtime = 'worker_threads',
  store,
}: ReadProfileOptions): Promise<MachineProfile | undefined> {
  assertStore(store)
  const { fingerprint: machine, usableCores } = detectSystem()
  const kept = await store.getDocument(keyOf(machine, runtime))
  if (!isProfile(kept)) return undefined
  const here = { machine, usableCores, nodeVersion: process.version, runtime }
  const isThis = Object.entries(here).every(([field, value]) => Reflect.get(kept, field) === value)
  return isThis ? kept : undefined
}

/** Keeps a profile in place of the one before, whatever version of Node that was of. */
export async function keepProfile(store: ProfileStore, profile: MachineProfile): Promise<void> {
  await store.putDocument(keyOf(profile.machine, profile.runtime), profile)
}

/** @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION` */
export function assertStore(store: unknown): void {
  const isStore =
    typeof store === 'object' &&
    store !== null &&
    ['getDocument', 'putDocument'].every(
      (method) => typeof Reflect.get(store, method) === 'function',
    )
  if (isStore) return
  const expected = 'an object with the methods getDocument and putDocument'
  throw new InvalidOptionError('store', expected, store)
}

function keyOf(machine: string, runtime: Runtime): string {
  return `machine-${machine}-${runtime}`
}

/** What a store gives may be damaged, or of an older version. */
function isProfile(value: unknown): value is MachineProfile {
  if (typeof value !== 'object' || value === null) return false
  const { startUpMs, dispatchMs, sendMs, usableParallelism, contention, cloneMs } =
    value as Partial<MachineProfile>
  const { number, text, object, megabyte } = (cloneMs ?? {}) as Partial<CloneCosts>
  const clones = [number, text, object, megabyte]
  return [startUpMs, dispatchMs, sendMs, usableParallelism, contention, ...clones].every(
    (figure) => typeof figure === 'number' && figure >= 0,
  )
}

/** What parallel work costs on this machine whatever the task: as it was measured before, or now. */
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { assertStore, keepProfile, readMachineProfile } from './machine-profile.ts'
import type { MachineProfile, ProfileStore } from './machine-profile.ts'
import type { Runtime } from './pool-worker.ts'
import { TaskPool } from './task-pool.ts'

/**
 * Settings of {@link measureMachine}.
 * @public
 */
export interface MeasureMachineOptions {
  /** How workers run. @defaultValue `'worker_threads'` */
  readonly runtime?: Runtime
  /** Where an earlier profile of this machine may be, and where this one is kept. */
  readonly store?: ProfileStore
  /** Where durations come from. @defaultValue {@link systemClock} */
  readonly clock?: Clock
}

/**
 * The profile of this machine: from the store where it has one, else measured in about half a second.
 *
 * @param options - Runtime, store and clock.
 * @returns The profile. A tainted one is not kept.
 * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION`
 * @throws What the store throws.
 * @see {@link readMachineProfile}, which never measures.
 * @public
 */
export async function measureMachine(options: MeasureMachineOptions = {}): Promise<MachineProfile> {
  const { runtime = 'worker_threads', store, clock = systemClock } = options
  if (store !== undefined) assertStore(store)
  const known = store && (await readMachineProfile({ runtime, store }))
  if (known) return known

  const pool = new TaskPool({ runtime, clock })
  try {
    const { Measurement } = await import('./measurement.ts')
    const profile = await new Measurement(pool, clock).run()
    if (store && !profile.isTainted) await keepProfile(store, profile)
    return profile
  } finally {
    await pool.close()
  }
}

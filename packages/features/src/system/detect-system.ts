/**
 * What the machine offers this process now. What cannot change while a process lives is read once
 * for each host, the rest at each call; what a strange host does not tell is replaced by the next
 * best source and named in `fallbacks`.
 */
import { InvalidArgumentError } from '../errors.ts'
import { type Host, localHost } from './host.ts'
import { machineOf } from './machine.ts'
import { readSupply } from './supply.ts'
import type { SystemProfile } from './system-profile.ts'

/** Options of {@link detectSystem}. @public */
export interface DetectSystemOptions {
  /**
   * How old a reading may be to be given again, milliseconds, 0 or more. Defaults to 0: affinity,
   * control groups, memory and load are read afresh.
   */
  readonly maxAgeMs?: number
  /** The machine to read. Defaults to the local one. */
  readonly host?: Host
}

interface Reading {
  readonly profile: SystemProfile
  readonly atMs: number
}

const readings = new WeakMap<Host, Reading>()

/**
 * Reads the machine and the share of it that this process may use.
 *
 * @remarks
 * Never throws because of the machine. Linux is read from files. On macOS `sysctl` (once) and
 * `vm_stat` (each time) are run, on Windows `wmic` or PowerShell (once, up to a second): who must
 * not start a process passes `{ host: { ...localHost, run: () => undefined } }`, and keeps that
 * host, because what is read once is kept for each host object.
 * @param options - How fresh the reading must be, and of which host.
 * @returns The machine, frozen.
 * @throws `InvalidArgumentError` with `AMORSIZE_FEATURES_INVALID_ARGUMENT` if `maxAgeMs` is negative
 * or not a number.
 * @public
 */
export function detectSystem(options: DetectSystemOptions = {}): SystemProfile {
  const { maxAgeMs = 0, host = localHost } = options
  if (!(maxAgeMs >= 0)) {
    const remedy = 'Give 0 to read afresh, Infinity to read once.'
    throw new InvalidArgumentError('maxAgeMs', 'a number, 0 or more', maxAgeMs, remedy)
  }
  const last = readings.get(host)
  if (last !== undefined && host.nowMs() - last.atMs < maxAgeMs) return last.profile
  const profile = Object.freeze(readProfile(host))
  readings.set(host, { profile, atMs: host.nowMs() })
  return profile
}

function readProfile(host: Host): SystemProfile {
  const { platform, arch, runtime } = host
  const machine = machineOf(host)
  const { cpuModel, logicalCores, physicalCores, totalMemoryBytes, fingerprint } = machine
  const fallbacks = [...machine.fallbacks]
  const supply = readSupply(host, machine, fallbacks)
  return {
    platform,
    arch,
    cpuModel,
    runtime,
    logicalCores,
    physicalCores,
    totalMemoryBytes,
    ...supply,
    loadAverage: host.loadAverage(),
    fingerprint,
    fallbacks,
  }
}

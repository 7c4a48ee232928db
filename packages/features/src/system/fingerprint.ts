/** A short name for a machine, the same in every run on it. */
const FINGERPRINT_DIGITS = 16
const BYTES_PER_GIB = 1024 ** 3

/** What a fingerprint is made of: nothing here changes between runs on one machine. */
export interface MachineIdentity {
  readonly platform: string
  readonly arch: string
  readonly cpuModel: string
  readonly logicalCores: number
  readonly totalMemoryBytes: number
}

/** Sixteen hexadecimal digits over what does not change on a machine. */
export function fingerprintOf(machine: MachineIdentity): string {
  const { platform, arch, cpuModel, logicalCores, totalMemoryBytes } = machine
  const parts = [platform, arch, cpuModel, logicalCores, fittedMemoryGib(totalMemoryBytes)]
  const { createHash } = process.getBuiltinModule('node:crypto')
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, FINGERPRINT_DIGITS)
}

/**
 * Memory modules come in powers of two and three halves of them; a system reports a little less,
 * and not the same after every update. The next rung up is what is fitted: 23.5 GiB are 24.
 */
export function fittedMemoryGib(bytes: number): number {
  const gibibytes = bytes / BYTES_PER_GIB
  if (!(gibibytes > 0)) return 0
  const power = 2 ** Math.floor(Math.log2(gibibytes))
  const rungs = [power, power * 1.5, power * 2]
  return rungs.find((rung) => gibibytes <= rung) ?? power * 2
}

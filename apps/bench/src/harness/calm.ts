/** Waiting for the neighbours: a measurement that begins in a quiet moment has a chance of staying in it. */
import { setTimeout as wait } from 'node:timers/promises'

import { cpuSnapshot, foreignCpuShare } from '@amorsize/features/system'

const CALM_SHARE = 0.1
const LOOK_MS = 300

/** Resolves when others leave the machine alone, or after so long. */
export async function waitForCalm(patienceMs: number): Promise<void> {
  const endMs = performance.now() + patienceMs
  while (performance.now() < endMs) {
    const before = cpuSnapshot()
    await wait(LOOK_MS)
    if ((foreignCpuShare(before, cpuSnapshot()) ?? 0) < CALM_SHARE) return
  }
}

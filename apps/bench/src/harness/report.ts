/** What a suite found, as lines that say what was wanted, what was measured, and the verdict. */
import { loadavg } from 'node:os'

import { detectSystem } from '@amorsize/core'

/** One row of DESIGN's table of numbers, measured. */
export interface Finding {
  readonly what: string
  /** The wanted number, as text. */
  readonly target: string
  readonly measured: string
  readonly isMet: boolean
}

/** The machine and how busy it was: a figure without them says nothing. */
export function describeMachine(): string {
  const { cpuModel, usableCores, platform, arch } = detectSystem()
  const load = loadavg()[0]!.toFixed(2)
  return `${cpuModel}, ${usableCores} usable cores, ${platform} ${arch}, Node ${process.versions.node}, load ${load}`
}

/** Prints the findings of a suite. */
export function printFindings(suite: string, findings: readonly Finding[]): void {
  console.log(`\n${suite}`)
  for (const { what, target, measured, isMet } of findings) {
    console.log(`  ${isMet ? 'met   ' : 'MISSED'}  ${what}: ${measured} (target ${target})`)
  }
}

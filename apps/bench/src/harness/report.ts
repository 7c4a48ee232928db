/** What a suite found, for the eye and as JSON. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { detectSystem } from '@amorsize/core'

/** One row of DESIGN's table of numbers, measured. */
export interface Finding {
  readonly what: string
  readonly measured: string
  /** The wanted number, as text; some figures are only noted. */
  readonly target?: string
  readonly isMet?: boolean
}

/** Findings, and what they were drawn from. */
export interface SuiteReport {
  readonly findings: readonly Finding[]
  /** Everything that was measured, for the JSON file. */
  readonly details?: unknown
}

/** The machine and how busy it was: a figure without them says nothing. */
export interface MachineState {
  readonly cpuModel: string
  readonly usableCores: number
  readonly platform: string
  readonly node: string
  readonly loadAverage: number
}

/** The machine as it is now. */
export function machineState(): MachineState {
  const { cpuModel, usableCores, platform, arch } = detectSystem()
  return {
    cpuModel,
    usableCores,
    platform: `${platform} ${arch}`,
    node: process.versions.node,
    loadAverage: loadavg()[0]!,
  }
}

/** The machine in one line. */
export function describeMachine(state: MachineState): string {
  const { cpuModel, usableCores, platform, node, loadAverage } = state
  return `${cpuModel}, ${usableCores} usable cores, ${platform}, Node ${node}, load ${loadAverage.toFixed(2)}`
}

/** Prints the findings of a suite. */
export function printFindings(findings: readonly Finding[]): void {
  for (const { what, target, measured, isMet } of findings) {
    const verdict = isMet === undefined ? 'noted ' : isMet ? 'met   ' : 'MISSED'
    console.log(`  ${verdict}  ${what}: ${measured}${target ? ` (target ${target})` : ''}`)
  }
}

const RESULTS = new URL('../../results/', import.meta.url)

/** Writes what was measured; returns the file's path. */
export function writeResults(results: object, startedAt: Date, file?: string): string {
  const name = `${startedAt.toISOString().replaceAll(':', '-')}.json`
  const path = file ?? fileURLToPath(new URL(name, RESULTS))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(results, null, 1)}\n`)
  return path
}

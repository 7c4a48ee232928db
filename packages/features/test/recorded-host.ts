import { readFileSync } from 'node:fs'

import type { Host } from '../src/system/host.ts'

/** Head line and text of each file of a recording, as `tail -n +1 FILE…` prints them. */
const PART = /^==> (.+) <==\n([^]*?)(?=\n?^==> |(?![^]))/gm

/** The files and command outputs of a recorded machine, by path or command line. */
export function recording(name: string): Map<string, string> {
  const text = readFileSync(new URL(`fixtures/recorded/${name}.txt`, import.meta.url), 'utf8')
  return new Map([...text.matchAll(PART)].map((match) => [match[1]!, match[2]!]))
}

/** A host that knows what is in the parts, and of the rest only what `facts` say. */
export function hostOf(parts: ReadonlyMap<string, string>, facts: Partial<Host> = {}): Host {
  return {
    platform: 'linux',
    arch: 'x64',
    runtime: { name: 'node', version: '20.19.0' },
    readFile: (path) => parts.get(path),
    run: (command, args) => parts.get([command, ...args].join(' ')),
    cpus: () => [],
    availableParallelism: () => 1,
    totalMemoryBytes: () => 0,
    freeMemoryBytes: () => 0,
    loadAverage: () => 0,
    nowMs: () => 0,
    ownCpuMs: () => 0,
    ...facts,
  }
}

/** A host that answers as the recorded machine did. */
export function recordedHost(name: string, facts: Partial<Host> = {}): Host {
  return hostOf(recording(name), facts)
}

/** Real processes for tests; none outlives its test. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { onTestFinished } from 'vitest'

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** Starts `fixtures/<name>` and tells every piece of its output as it comes. */
export function startFixture(
  name: string,
  args: readonly string[],
  onOutput: (output: string, child: ChildProcess) => void = () => undefined,
): Promise<Ending> {
  return start(process.execPath, [fixturePath(name), ...args], onOutput)
}

/** Where a fixture is. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
}

/** Starts any program. */
export function start(
  command: string,
  args: readonly string[],
  onOutput: (output: string, child: ChildProcess) => void = () => undefined,
): Promise<Ending> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString()
    onOutput(output, child)
  })
  child.stderr.on('data', (piece: Buffer) => {
    errors += piece.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, output, errors }))
  })
}

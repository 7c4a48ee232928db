/** Measuring in a process of its own, so that no workload sees what another left behind. */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the child is asked to call. */
export interface ChildCall {
  readonly module: string
  readonly exportName: string
  readonly argument: unknown
}

/** What it answers. */
export type ChildAnswer = { readonly value: unknown } | { readonly error: string }

const CHILD = new URL('./child-main.js', import.meta.url)

/**
 * Calls an export of a module in a fresh process that has an empty cache folder, and gives back what
 * its promise resolved to.
 */
export async function callInChild<T>(
  module: string,
  exportName: string,
  argument: unknown,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'amorsize-bench-'))
  try {
    const env = { ...process.env, AMORSIZE_CACHE_DIR: directory }
    const child = fork(CHILD, { execArgv: [], env, serialization: 'advanced' })
    const answer = await new Promise<ChildAnswer>((resolve, reject) => {
      child.once('message', resolve)
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`The measuring process ended with ${code}.`)))
      child.send({ module, exportName, argument } satisfies ChildCall)
    })
    if ('error' in answer) throw new Error(answer.error)
    // The caller names the export, and with it the type.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return answer.value as T
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

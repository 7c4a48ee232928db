import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { expect, it, onTestFinished } from 'vitest'

import { GUARD_SCRIPT } from '../src/orphan-guard.ts'

/** A child that is up and does nothing. */
async function startChild(): Promise<ChildProcess> {
  const source = "process.stdout.write('.'); setInterval(() => {}, 1000)"
  const child = spawn(process.execPath, ['-e', source])
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

it.skipIf(process.platform === 'win32')(
  'when its caller is gone the guard ends the children that it was told of, but none taken back',
  async () => {
    const [first, second, third] = await Promise.all([startChild(), startChild(), startChild()])
    const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'] })
    const ended = [once(first, 'exit'), once(third, 'exit'), once(guard, 'exit')]
    for (const child of [first, second, third]) guard.stdin.write(`+ ${child.pid}\n`)
    guard.stdin.write(`- ${second.pid}\n`)
    expect(first.signalCode).toBeNull()

    guard.stdin.end()
    await Promise.all(ended)

    expect([first, second, third].map(({ signalCode }) => signalCode)).toEqual([
      'SIGKILL',
      null,
      'SIGKILL',
    ])
  },
)

it.skipIf(process.platform === 'win32')('a guard that was told of nobody just ends', async () => {
  const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'] })
  guard.stdin.end()

  expect(await once(guard, 'exit')).toEqual([0, null])
})

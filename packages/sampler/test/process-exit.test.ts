import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, it, onTestFinished } from 'vitest'

const SCRIPT = fileURLToPath(new URL('fixtures/use-pool.mjs', import.meta.url))

async function runScript(...args: string[]): Promise<{ code: unknown; children: number[] }> {
  const script = spawn(process.execPath, [SCRIPT, ...args])
  let output = ''
  script.stdout.on('data', (data: Buffer) => (output += data.toString()))
  script.stderr.on('data', (data: Buffer) => (output += data.toString()))
  const [code] = (await once(script, 'close')) as unknown[]
  const { children } = JSON.parse(output) as { children: number[] }
  return { code, children }
}

/** A zombie that nobody has waited for yet is gone all the same. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const status = `/proc/${pid}/stat`
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'))
}

it.each([
  ['worker_threads', 'just ends'],
  ['child_process', 'just ends'],
  ['worker_threads', 'warms workers that it does not use'],
  ['child_process', 'warms workers that it does not use'],
  ['worker_threads', 'leaves a timer'],
  ['child_process', 'leaves a timer'],
  ['worker_threads', 'exits during an endless loop'],
  ['child_process', 'exits during an endless loop'],
])('a script with a pool of %s that %s ends by itself and leaves no process', async (...args) => {
  const { code, children } = await runScript(...args)

  expect(code).toBe(0)
  expect(children).toHaveLength(args[0] === 'child_process' ? 1 : 0)
  await expect.poll(() => children.filter(isAlive)).toEqual([])
})

/** Every process that was started, by whomever, from one with this environment. Linux tells. */
function processesMarked(marker: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker)
    } catch {
      return false
    }
  })
}

it.runIf(process.platform === 'linux').each(['worker_threads', 'child_process'])(
  'a script with a pool of %s in an endless loop that is killed by force leaves no process',
  async (runtime) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'amorsize-test-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const marker = path.join(directory, 'is-looping')
    const script = spawn(
      process.execPath,
      [SCRIPT, runtime, 'is killed during an endless loop', marker],
      { env: { ...process.env, AMORSIZE_TEST_MARKER: marker }, stdio: 'ignore' },
    )
    await expect.poll(() => existsSync(marker), { timeout: 20_000 }).toBe(true)
    expect(processesMarked(marker).length).toBeGreaterThan(0)

    script.kill('SIGKILL')
    await once(script, 'close')

    await expect.poll(() => processesMarked(marker), { timeout: 20_000 }).toEqual([])
  },
)

it.each(['worker_threads', 'child_process'])(
  'a script given to node by --eval can use a pool of %s',
  async (runtime) => {
    const source = readFileSync(SCRIPT, 'utf8').replace(
      '../../dist/index.js',
      new URL('../dist/index.js', import.meta.url).href,
    )
    const script = spawn(process.execPath, ['--input-type=module', '-e', source, '--', runtime])
    let errors = ''
    script.stderr.on('data', (data: Buffer) => (errors += data.toString()))

    const [code] = (await once(script, 'close')) as unknown[]

    expect(errors).toBe('')
    expect(code).toBe(0)
  },
)

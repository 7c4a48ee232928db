/** Disks and folders that fail: the caller always gets an answer, and is told once. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { openStore } from '../src/index.ts'
import type { StoreWarning } from '../src/index.ts'
import { fixturePath, start, startFixture } from './child-process.ts'
import { decisionOf, sampleOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

const IS_WINDOWS = process.platform === 'win32'

/** What `use-store.mjs` answers where no write reaches the disk: all from memory, one warning. */
const IN_MEMORY = {
  durable: 0,
  found: 2,
  samples: 2,
  stats: { storage: 'memory', decisions: { count: 2 }, samples: { count: 2 }, hits: 2, misses: 1 },
  warnings: ['AMORSIZE_CACHE_DEGRADED'],
}

test.skipIf(IS_WINDOWS)(
  'in a folder that may not be written the store goes on in memory',
  async () => {
    const directory = join(temporaryFolder(), 'store')
    mkdirSync(directory)
    chmodSync(dirname(directory), 0o755)
    chmodSync(directory, 0o555)

    const { output, errors } = await startFixture('use-store.mjs', [directory, 'unprivileged'])

    expect(errors).toBe('')
    expect(JSON.parse(output)).toMatchObject({
      ...IN_MEMORY,
      reasons: ['the file system refused: EACCES'],
      absent: { hit: false, reason: 'absent' },
    })
  },
)

test.skipIf(IS_WINDOWS)(
  'in a folder that may not be read the store goes on in memory',
  async () => {
    const directory = join(temporaryFolder(), 'store')
    mkdirSync(directory)
    chmodSync(dirname(directory), 0o755)
    chmodSync(directory, 0o000)

    const { output, errors } = await startFixture('use-store.mjs', [directory, 'unprivileged'])

    expect(errors).toBe('')
    expect(JSON.parse(output)).toMatchObject({
      ...IN_MEMORY,
      absent: { hit: false, reason: 'unreadable' },
    })
  },
)

describe.each([
  ['a file', (path: string) => writeFileSync(path, 'not a folder')],
  ['below a file', (path: string) => writeFileSync(path, 'not a folder'), 'deeper'],
  ['a dangling link', (path: string) => symlinkSync('/nowhere/at/all', path)],
  ['a link to itself', (path: string) => symlinkSync(path, path)],
])('a folder that is %s', (_what, make, below = '') => {
  test('leaves the store in memory, and is left as it was', async () => {
    const path = join(temporaryFolder(), 'store')
    make(path)
    const warnings: StoreWarning[] = []
    const directory = join(path, below)
    const store = await openStore({ directory, onWarning: (warning) => warnings.push(warning) })

    const receipts = [
      await store.putDecision('key', decisionOf()),
      await store.addSample(sampleOf()),
      await store.putDecision('other', decisionOf()),
    ]

    expect(receipts.map(({ durable }) => durable)).toEqual([false, false, false])
    expect((await store.getDecision('key')).hit).toBe(true)
    expect((await store.getDecision('absent')).hit).toBe(false)
    expect((await store.loadSamples()).samples).toHaveLength(1)
    expect(await store.stats()).toMatchObject({ storage: 'memory', decisions: { count: 2 } })
    await store.prune()
    await store.verify({ repair: true })
    await store.clear()
    await store.close()
    expect(warnings).toEqual([
      {
        code: 'AMORSIZE_CACHE_DEGRADED',
        message: expect.stringContaining(directory),
        cause: expect.any(Error),
      },
    ])
    expect(readdirSync(dirname(path))).toEqual(['store'])
  })
})

test.runIf(existsSync('/proc/self'))(
  'a folder that cannot exist, though what it would be in does, leaves the store in memory',
  async () => {
    const warnings: StoreWarning[] = []
    const directory = '/proc/amorsize/store'
    const store = await openStore({ directory, onWarning: (warning) => warnings.push(warning) })

    expect(await store.putDecision('key', decisionOf())).toMatchObject({ durable: false })
    expect((await store.getDecision('key')).hit).toBe(true)
    expect(warnings).toHaveLength(1)
    await store.close()
  },
)

test('a folder that is missing is a store without entries, for a reader too', async () => {
  const directory = join(temporaryFolder(), 'missing')
  const store = await openStore({ directory, readOnly: true })

  expect(await store.getDecision('key')).toEqual({ hit: false, reason: 'absent' })
  expect(await store.loadSamples()).toEqual({ samples: [], skipped: [] })
  expect(await store.stats()).toMatchObject({ bytes: 0, damaged: 0 })
  expect(existsSync(directory)).toBe(false)
})

test('a folder that is removed while in use is made again by the next write', async () => {
  const directory = join(temporaryFolder(), 'a', 'store')
  const store = await openStore({ directory })
  await store.putDecision('before', decisionOf())
  rmSync(dirname(directory), { recursive: true })

  const samples = await store.loadSamples()
  const receipt = await store.putDecision('after', decisionOf())

  expect(samples).toEqual({ samples: [], skipped: [] })
  expect(receipt).toEqual({ durable: true })
  expect(readdirSync(directory)).toEqual(['opt_after.json'])
})

test.skipIf(IS_WINDOWS)(
  'with no file descriptor left the store goes on in memory, and saves later',
  async () => {
    const directory = join(temporaryFolder(), 'store')
    const command = `ulimit -n 64; exec "$0" "$@"`
    const args = ['-c', command, process.execPath, fixturePath('use-store.mjs'), directory]

    const { output, errors } = await start('sh', [...args, 'no-descriptors'])

    expect(errors).toBe('')
    expect(JSON.parse(output)).toMatchObject({
      ...IN_MEMORY,
      reasons: ['the file system refused: EMFILE'],
      absent: { hit: false, reason: 'unreadable' },
      lastReceipt: { durable: true },
      cleared: { decisions: 3, samples: 2 },
    })
  },
)

test('on a full disk the store keeps what fits there and the rest in memory', async ({ skip }) => {
  const directory = temporaryFolder()
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', directory])
  skip(status !== 0, 'mounting a small file system is not permitted here')
  onTestFinished(() => void spawnSync('umount', [directory]))

  const { output, errors } = await startFixture('use-store.mjs', [directory, 'entries=100'])

  expect(errors).toBe('')
  const answer = JSON.parse(output)
  expect(answer).toMatchObject({
    reasons: ['the file system refused: ENOSPC'],
    found: 100,
    samples: 100,
    stats: { storage: 'memory', decisions: { count: 100 }, samples: { count: 100 }, damaged: 0 },
    verified: { damaged: [] },
    cleared: { decisions: 101, samples: 100 },
    warnings: ['AMORSIZE_CACHE_DEGRADED'],
  })
  expect(answer.durable).toBeGreaterThan(0)
  expect(answer.durable).toBeLessThan(200)
  expect(readdirSync(directory)).toEqual([])
})

test('without a handler the process emits the warning, once', async () => {
  const directory = join(temporaryFolder(), 'store')
  writeFileSync(directory, '')
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const store = await openStore({ directory })

  await store.putDecision('key', decisionOf())
  await store.addSample(sampleOf())

  expect(emitWarning.mock.calls).toEqual([
    [
      expect.stringContaining('set AMORSIZE_CACHE_DIR'),
      { type: 'AmorsizeWarning', code: 'AMORSIZE_CACHE_DEGRADED' },
    ],
  ])
})

/** Files as crashes, disks and enemies leave them. */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { openStore } from '../src/index.ts'
import { decisionOf, EXAMPLE_ON_DISK, sampleOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

const WHOLE = JSON.stringify({ ...EXAMPLE_ON_DISK, timestamp: Date.now() / 1000 })
const HUGE_BYTES = 1_000_000_000

const DAMAGES: readonly [string, (path: string) => unknown][] = [
  ['truncated', (path) => writeFileSync(path, WHOLE.slice(0, -20))],
  ['empty', (path) => writeFileSync(path, '')],
  ['filled with NULs', (path) => writeFileSync(path, Buffer.alloc(WHOLE.length))],
  ['binary', (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 1, 0x80, 0xc3, 0x28]))],
  ['huge', (path) => sparse(path)],
  [
    'deeply nested',
    (path) => writeFileSync(path, `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
  ],
  ['bearing __proto__', (path) => writeFileSync(path, WHOLE.replace('{', '{"__proto__":{"a":1},'))],
  [
    'of a billion workers',
    (path) => writeFileSync(path, WHOLE.replace('"n_jobs":4', '"n_jobs":1e9')),
  ],
  ['without a field', (path) => writeFileSync(path, WHOLE.replace('"n_jobs":4,', ''))],
  ['a list', (path) => writeFileSync(path, `[${WHOLE}]`)],
  ['a folder', (path) => mkdirSync(path)],
  ['a link to a good file', (path) => symlinkSync(goodFile(), path)],
  ['a dangling link', (path) => symlinkSync('nowhere', path)],
  ...(process.platform === 'win32'
    ? []
    : [['a pipe', (path) => execFileSync('mkfifo', [path])] as [string, (path: string) => void]]),
]

describe.each(DAMAGES)('a file that is %s', (_what, damage) => {
  test('is skipped and named when samples are loaded, and costs no other', async () => {
    const directory = temporaryFolder()
    const store = await openStore({ directory })
    await store.addSample(sampleOf())
    damage(join(directory, 'ml_training_0000000000000000_1.json'))

    const { samples, skipped } = await store.loadSamples()

    expect(samples).toHaveLength(1)
    expect(skipped.map(({ file }) => file)).toEqual(['ml_training_0000000000000000_1.json'])
  })

  test('is a miss when a decision is asked for, and is replaced by the next one', async () => {
    const directory = temporaryFolder()
    damage(join(directory, 'opt_key.json'))
    const store = await openStore({ directory, onWarning: () => undefined })

    const before = await store.getDecision('key')
    await store.putDecision('key', decisionOf())

    expect(before.hit).toBe(false)
    expect((await store.getDecision('key')).hit).toBe(true)
  })

  test('survives loading, pruning and verifying, and is moved aside by a repair', async () => {
    const directory = temporaryFolder()
    const store = await openStore({ directory })
    await store.putDecision('good', decisionOf())
    await store.addSample(sampleOf())
    const damaged = ['ml_training_0000000000000000_1.json', 'opt_bad.json']
    for (const name of damaged) damage(join(directory, name))
    const before = readdirSync(directory)

    await store.loadSamples()
    await store.prune()
    const found = await store.verify()
    const after = readdirSync(directory)
    await store.verify({ repair: true })

    expect(after).toEqual(before)
    expect(found.good).toBe(2)
    expect([...found.damaged, ...found.unreadable].map(({ file }) => file)).toEqual(damaged)
    const quarantined = readdirSync(join(directory, 'quarantine'))
    expect(quarantined.length).toBe(found.damaged.length)
    expect(await store.verify()).toMatchObject({ good: 2, damaged: [] })
  })
})

test('a damaged file is never larger in memory than its size allows', async () => {
  const directory = temporaryFolder()
  for (let index = 0; index < 20; index++) sparse(join(directory, `opt_huge${index}.json`))
  const store = await openStore({ directory })
  const before = process.memoryUsage().arrayBuffers

  await store.verify()

  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(HUGE_BYTES / 100)
})

test('stats count damaged files', async () => {
  const directory = temporaryFolder()
  writeFileSync(join(directory, 'opt_bad.json'), '{')
  writeFileSync(join(directory, 'ml_training_bad.json'), '{')
  const store = await openStore({ directory })

  expect(await store.stats()).toMatchObject({ damaged: 2, decisions: { count: 0 } })
})

test('a decision from the future is left alone and not used', async () => {
  const directory = temporaryFolder()
  const file = join(directory, 'opt_key.json')
  const text = JSON.stringify({ cache_version: 3, whatever: ['it', 'holds'] })
  writeFileSync(file, text)
  const store = await openStore({ directory })

  const found = await store.getDecision('key')
  const receipt = await store.putDecision('key', decisionOf())
  await store.prune()
  const report = await store.verify({ repair: true })
  await store.close()

  expect(receipt).toMatchObject({ durable: false, reason: expect.stringContaining('newer') })
  expect(found).toEqual({ hit: false, reason: 'future-version' })
  expect(report).toMatchObject({ future: ['opt_key.json'], damaged: [] })
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('samples of other implementations load, whatever they are called', async () => {
  const directory = temporaryFolder()
  const names = [
    'ml_training_c69a21cfc7c62124_1768113829854.json',
    'ml_training_c69a21cfc7c62124_1768113829854_a1b2.json',
    'ml_training_ünïcode_x.json',
  ]
  for (const name of names) writeFileSync(join(directory, name), WHOLE)
  const store = await openStore({ directory })

  expect(await store.loadSamples()).toMatchObject({ samples: { length: 3 }, skipped: [] })
})

function sparse(path: string): void {
  writeFileSync(path, '{"features":')
  truncateSync(path, HUGE_BYTES)
}

function goodFile(): string {
  const path = join(temporaryFolder(), 'good.json')
  writeFileSync(path, WHOLE)
  return path
}

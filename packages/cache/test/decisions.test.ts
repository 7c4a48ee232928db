/** What a lookup costs and sees. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openStore } from '../src/index.ts'
import { openJsonStore } from '../src/open-json-store.ts'
import { CountingFileSystem } from './counting-file-system.ts'
import { decisionOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { TestClock } from './test-clock.ts'

test('a decision that was written here is looked up without the file system', async () => {
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory: temporaryFolder() }, { fileSystem })
  await store.putDecision('key', decisionOf())
  fileSystem.calls.length = 0

  for (let time = 0; time < 100; time++) await store.getDecision('key')

  expect(fileSystem.calls.filter((call) => call !== 'stamp')).toEqual([])
})

test('a decision that was read here is read once', async () => {
  const directory = temporaryFolder()
  const clock = new TestClock()
  const writer = await openStore({ directory })
  await writer.putDecision('key', decisionOf())
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory }, { fileSystem, clock })

  for (let time = 0; time < 100; time++) await store.getDecision('key')

  expect(fileSystem.calls).toEqual(['read'])
})

test('the file is looked at again within a second, and read again only if it is another', async () => {
  const directory = temporaryFolder()
  const clock = new TestClock()
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory }, { fileSystem, clock })
  const other = await openStore({ directory })
  await store.putDecision('key', decisionOf({ nJobs: 1 }))
  fileSystem.calls.length = 0

  clock.advance(999)
  await store.getDecision('key')
  const unchanged = [...fileSystem.calls]
  await other.putDecision('key', decisionOf({ nJobs: 2 }))
  clock.advance(999)

  expect(await store.getDecision('key')).toMatchObject({ entry: { nJobs: 2 } })
  expect(unchanged).toEqual(['stamp'])
  expect(fileSystem.calls).toEqual(['stamp', 'stamp', 'read'])
})

test('a decision whose file is gone is gone within a second', async () => {
  const directory = temporaryFolder()
  const clock = new TestClock()
  const store = await openJsonStore({ directory }, { clock })
  await store.putDecision('key', decisionOf())
  rmSync(join(directory, 'opt_key.json'))

  clock.advance(999)

  expect(await store.getDecision('key')).toEqual({ hit: false, reason: 'absent' })
})

test('a decision whose file was damaged by another is a miss within a second', async () => {
  const directory = temporaryFolder()
  const clock = new TestClock()
  const store = await openJsonStore({ directory }, { clock })
  await store.putDecision('key', decisionOf())
  writeFileSync(join(directory, 'opt_key.json'), '{')

  clock.advance(999)

  expect(await store.getDecision('key')).toEqual({ hit: false, reason: 'damaged' })
})

test('an expired decision that another process has renewed is found', async () => {
  const directory = temporaryFolder()
  const clock = new TestClock()
  const store = await openJsonStore({ directory, ttlMs: 10_000 }, { clock })
  await store.putDecision('key', decisionOf({ createdAtMs: clock.now() }))
  clock.advance(20_000)
  const expired = await store.getDecision('key')
  const other = await openStore({ directory })
  await other.putDecision('key', decisionOf({ createdAtMs: clock.now() }))
  clock.advance(999)

  expect(expired).toEqual({ hit: false, reason: 'expired' })
  expect((await store.getDecision('key')).hit).toBe(true)
})

test('eviction spares what another process has used', async () => {
  const directory = temporaryFolder()
  const clock = new TestClock()
  const options = { directory, maxEntries: 2 }
  const store = await openJsonStore(options, { clock })
  await store.putDecision('a', decisionOf())
  await store.putDecision('b', decisionOf())
  clock.advance(120_000)
  const other = await openJsonStore(options, { clock })
  await other.getDecision('a')
  await other.close()
  clock.advance(120_000)

  const later = await openJsonStore(options, { clock })
  await later.putDecision('c', decisionOf())
  await later.flush()

  expect(await later.getDecision('b')).toEqual({ hit: false, reason: 'absent' })
  expect(await later.getDecision('a')).toMatchObject({ hit: true })
})

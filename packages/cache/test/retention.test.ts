/** What a process that was killed leaves behind goes by itself, and costs nobody anything. */
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { openStore } from '../src/index.ts'
import type { Store } from '../src/index.ts'
import { openJsonStore } from '../src/open-json-store.ts'
import { CountingFileSystem } from './counting-file-system.ts'
import { sampleOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

const OLD = `.amorsize-${'0'.repeat(32)}.tmp`
const YOUNG = `.amorsize-${'1'.repeat(32)}.tmp`
const FOREIGN = '.amorsize-notes.tmp'
const MINUTE_MS = 60_000

describe.each<[string, (store: Store) => Promise<unknown>]>([
  ['prune', (store) => store.prune()],
  ['verify with repair', (store) => store.verify({ repair: true })],
  ['loading samples', (store) => store.loadSamples()],
  ['loading new samples', (store) => store.loadNewSamples()],
])('%s', (_what, look) => {
  test('removes temporary files that are an hour old, and no others', async () => {
    const directory = folderWithLeftovers()
    const store = await openStore({ directory })

    await look(store)
    await store.close()

    expect(readdirSync(directory).toSorted()).toEqual([YOUNG, FOREIGN].toSorted())
  })

  test('goes on where such a file may not be removed', async () => {
    const directory = folderWithLeftovers()
    const fileSystem = new CountingFileSystem()
    fileSystem.refused.add('remove')
    const onWarning = (): void => expect.unreachable()
    const store = await openJsonStore({ directory, onWarning }, { fileSystem })

    await look(store)
    await store.flush()

    expect(fileSystem.calls).toContain('remove')
    expect(await store.stats()).toMatchObject({ storage: 'disk' })
  })
})

test.each<[string, (store: Store) => Promise<unknown>]>([
  ['verify without repair', (store) => store.verify()],
  ['stats', (store) => store.stats()],
])('%s leaves temporary files', async (_what, look) => {
  const directory = folderWithLeftovers()
  const store = await openStore({ directory })

  await look(store)
  await store.close()

  expect(readdirSync(directory)).toContain(OLD)
})

test('a store opened read-only leaves temporary files', async () => {
  const directory = folderWithLeftovers()
  const store = await openStore({ directory, readOnly: true })

  await store.loadSamples()
  await store.close()

  expect(readdirSync(directory)).toContain(OLD)
})

test('loading looks for temporary files once per store, in the listing that it has anyway', async () => {
  const directory = folderWithLeftovers()
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory }, { fileSystem })

  await store.loadSamples()
  await store.flush()
  leave(directory, OLD, 90 * MINUTE_MS)
  await store.loadSamples()
  await store.flush()

  expect(fileSystem.calls.filter((call) => call === 'list')).toHaveLength(2)
  expect(readdirSync(directory)).toContain(OLD)
})

test('what is repaired is reported though a temporary file may not be removed', async () => {
  const directory = folderWithLeftovers()
  writeFileSync(join(directory, 'opt_key.json'), '{')
  const fileSystem = new CountingFileSystem()
  fileSystem.refused.add('remove')
  const store = await openJsonStore({ directory }, { fileSystem })
  await store.addSample(sampleOf())

  expect(await store.verify({ repair: true })).toMatchObject({ good: 1, quarantined: 1 })
})

function folderWithLeftovers(): string {
  const directory = join(temporaryFolder(), 'store')
  mkdirSync(directory)
  leave(directory, OLD, 61 * MINUTE_MS)
  leave(directory, YOUNG, 59 * MINUTE_MS)
  leave(directory, FOREIGN, 61 * MINUTE_MS)
  return directory
}

function leave(directory: string, name: string, ageMs: number): void {
  const path = join(directory, name)
  const time = new Date(Date.now() - ageMs)
  writeFileSync(path, 'half a rec')
  utimesSync(path, time, time)
}

/** A folder that cannot be listed is not an empty one: nothing is forgotten, nothing overwritten. */
import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openStore } from '../src/index.ts'
import type { Store } from '../src/index.ts'
import { openJsonStore } from '../src/open-json-store.ts'
import { CountingFileSystem } from './counting-file-system.ts'
import { decisionOf, sampleOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

const NOT_LISTED = [{ file: '.', reason: 'the file system refused: EIO' }]

test('a reader that knows the history keeps it, and goes on once the folder can be listed', async () => {
  const directory = await folderOf(3)
  const { store, fileSystem } = await openCounting(directory)
  const { cursor } = await store.loadNewSamples()
  await addElsewhere(directory, 8)
  makeOld(directory)

  fileSystem.listingsLeft = 0
  const failed = await store.loadNewSamples(cursor)
  fileSystem.listingsLeft = Infinity
  const next = await store.loadNewSamples(failed.cursor)

  expect(failed).toMatchObject({ samples: { length: 0 }, skipped: NOT_LISTED, replacesAll: false })
  expect(next).toMatchObject({ skipped: [], replacesAll: false })
  expect([...next.samples]).toMatchObject([{ nJobs: 8 }])
})

test('a first look that fails gives what memory has, and the next one everything', async () => {
  const directory = await folderOf(3)
  makeOld(directory)
  const { store, fileSystem } = await openCounting(directory)
  fileSystem.refused.add('create')
  fileSystem.listingsLeft = 0
  await store.addSample(sampleOf({ nJobs: 8 }))

  const failed = await store.loadNewSamples()
  const failedAgain = await store.loadNewSamples(failed.cursor)
  fileSystem.listingsLeft = Infinity
  const next = await store.loadNewSamples(failedAgain.cursor)

  expect(failed).toMatchObject({ skipped: NOT_LISTED, replacesAll: false })
  expect([...failed.samples]).toMatchObject([{ nJobs: 8 }])
  expect(failedAgain).toMatchObject({ samples: { length: 0 }, replacesAll: false })
  expect(next).toMatchObject({ samples: { length: 4 }, skipped: [], replacesAll: true })
  expect(await store.loadNewSamples(next.cursor)).toMatchObject({ samples: { length: 0 } })
})

test('a listing that fails while the history is read anew forgets nothing and repeats nothing', async () => {
  const directory = await folderOf(3)
  const { store, fileSystem } = await openCounting(directory)
  fileSystem.refused.add('create')
  await store.addSample(sampleOf({ nJobs: 8 }))
  const { cursor } = await store.loadNewSamples()
  await (await openStore({ directory })).clear()

  // The first listing tells that samples are gone, the second is to tell which are left.
  fileSystem.listingsLeft = 1
  const failed = await store.loadNewSamples(cursor)
  fileSystem.listingsLeft = Infinity
  const next = await store.loadNewSamples(failed.cursor)

  expect(failed).toMatchObject({ samples: { length: 0 }, skipped: NOT_LISTED, replacesAll: false })
  expect(next.replacesAll).toBe(true)
  expect([...next.samples]).toMatchObject([{ nJobs: 8 }])
})

test('the snapshot is left as it was', async () => {
  const directory = await folderOf(200)
  await load(directory)
  const path = join(directory, 'samples.snapshot')
  const before = readFileSync(path)
  const { store, fileSystem } = await openCounting(directory)
  fileSystem.listingsLeft = 0

  const loaded = await store.loadSamples()
  await store.loadNewSamples()
  await store.flush()

  expect(loaded).toEqual({ samples: [], skipped: NOT_LISTED })
  expect(readFileSync(path).equals(before)).toBe(true)
})

test.each([0, 1])('an export fails after %i listings, and leaves the file', async (listings) => {
  const directory = await folderOf(3)
  const { store, fileSystem } = await openCounting(directory)
  await store.putDecision('key', decisionOf())
  const file = join(temporaryFolder(), 'export')
  await store.exportTo(file)
  const before = readFileSync(file, 'utf8')
  fileSystem.listingsLeft = listings

  const exported = store.exportTo(file)

  await expect(exported).rejects.toMatchObject({
    code: 'AMORSIZE_CACHE_EXPORT_FAILED',
    value: directory,
    message: expect.stringContaining(directory),
    cause: fileSystem.error,
  })
  expect(readFileSync(file, 'utf8')).toBe(before)
})

test('a sample whose file could not be read is read once it can be', async () => {
  const directory = await folderOf(1)
  const { store, fileSystem } = await openCounting(directory)
  fileSystem.refused.add('read')

  const first = await store.loadNewSamples()
  await addElsewhere(directory, 8)
  const second = await store.loadNewSamples(first.cursor)
  fileSystem.refused.clear()
  const third = await store.loadNewSamples(second.cursor)

  expect(first).toMatchObject({ samples: { length: 0 }, skipped: { length: 1 } })
  expect(second).toMatchObject({ samples: { length: 0 }, skipped: { length: 2 } })
  expect(third).toMatchObject({ samples: { length: 2 }, skipped: [], replacesAll: false })
})

async function openCounting(
  directory: string,
): Promise<{ store: Store; fileSystem: CountingFileSystem }> {
  const fileSystem = new CountingFileSystem()
  const onWarning = (): void => {}
  return { store: await openJsonStore({ directory, onWarning }, { fileSystem }), fileSystem }
}

async function folderOf(count: number): Promise<string> {
  const directory = temporaryFolder()
  const store = await openStore({ directory })
  await Promise.all(Array.from({ length: count }, () => store.addSample(sampleOf())))
  await store.close()
  return directory
}

async function addElsewhere(directory: string, nJobs: number): Promise<void> {
  const other = await openStore({ directory })
  await other.addSample(sampleOf({ nJobs }))
  await other.close()
}

/** Long enough ago that the folder's time tells whether it has changed. */
function makeOld(directory: string): void {
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(directory, longAgo, longAgo)
}

/** Loads the samples once, which makes a snapshot where there are many. */
async function load(directory: string): Promise<void> {
  const store = await openStore({ directory })
  await store.loadSamples()
  await store.close()
}

/** New samples are found without reading the old ones again. */
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openJsonStore } from '../src/open-json-store.ts'
import { openStore } from '../src/index.ts'
import { CountingFileSystem } from './counting-file-system.ts'
import { sampleOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('the samples of another process are read one by one, the others not again', async () => {
  const directory = await folderOf(50)
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory }, { fileSystem })
  const { cursor } = await store.loadNewSamples()
  const readsBefore = countOf(fileSystem, 'read')
  const other = await openStore({ directory })
  await other.addSample(sampleOf({ nJobs: 8 }))

  const { samples, replacesAll } = await store.loadNewSamples(cursor)

  expect([...samples]).toMatchObject([{ nJobs: 8 }])
  expect(replacesAll).toBe(false)
  expect(countOf(fileSystem, 'read') - readsBefore).toBe(1)
})

test('a folder that has not changed for a while is not even listed', async () => {
  const directory = await folderOf(3)
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(directory, longAgo, longAgo)
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory }, { fileSystem })
  const { cursor } = await store.loadNewSamples()
  const listsBefore = countOf(fileSystem, 'list')

  expect(await store.loadNewSamples(cursor)).toMatchObject({
    samples: { length: 0 },
    replacesAll: false,
  })
  expect(countOf(fileSystem, 'list')).toBe(listsBefore)
})

test('a damaged file is named once', async () => {
  const directory = await folderOf(1)
  const store = await openStore({ directory })
  const { cursor } = await store.loadNewSamples()
  writeFileSync(join(directory, 'ml_training_c69a21cfc7c62124_1.json'), '{')

  const update = await store.loadNewSamples(cursor)

  expect(update).toMatchObject({
    samples: { length: 0 },
    skipped: { length: 1 },
    replacesAll: false,
  })
  expect((await store.loadNewSamples(update.cursor)).skipped).toEqual([])
})

test('a folder that is gone leaves what only memory has', async () => {
  const directory = await folderOf(2)
  const store = await openStore({ directory })
  const { cursor } = await store.loadNewSamples()
  rmSync(directory, { recursive: true })

  expect(await store.loadNewSamples(cursor)).toMatchObject({
    samples: { length: 0 },
    replacesAll: true,
  })
})

async function folderOf(count: number): Promise<string> {
  const directory = temporaryFolder()
  const store = await openStore({ directory })
  await Promise.all(Array.from({ length: count }, () => store.addSample(sampleOf())))
  await store.close()
  return directory
}

function countOf({ calls }: CountingFileSystem, name: string): number {
  return calls.filter((call) => call === name).length
}

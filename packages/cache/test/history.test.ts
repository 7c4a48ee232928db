/** Loading through the snapshot gives what reading every file gives. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openStore } from '../src/index.ts'
import { openJsonStore } from '../src/open-json-store.ts'
import { CountingFileSystem } from './counting-file-system.ts'
import { EXAMPLE_ON_DISK } from './example-records.ts'
import { readFileByFile } from './reference/read-file-by-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

const SNAPSHOT = 'samples.snapshot'

test('samples load the same with a snapshot, without one and file by file', async () => {
  const directory = folderOf(300)
  const store = await openStore({ directory })

  const withoutSnapshot = await store.loadSamples()
  await store.flush()
  const withSnapshot = await store.loadSamples()

  expect(readdirSync(directory)).toContain(SNAPSHOT)
  expect(withoutSnapshot.samples).toEqual(readFileByFile(directory))
  expect(withSnapshot).toEqual(withoutSnapshot)
})

test('with a snapshot no sample file is opened; newer ones are, one by one', async () => {
  const directory = folderOf(300)
  await compact(directory)
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory }, { fileSystem })

  await store.loadSamples()
  const forSnapshot = fileSystem.calls.filter((call) => call === 'read').length
  addFiles(directory, 300, 5)
  const { samples } = await store.loadSamples()

  expect(forSnapshot).toBe(1)
  expect(fileSystem.calls.filter((call) => call === 'read')).toHaveLength(1 + 1 + 5)
  expect(samples).toEqual(readFileByFile(directory))
})

test('a sample whose file was removed is not loaded, whatever the snapshot says', async () => {
  const directory = folderOf(300)
  await compact(directory)
  for (const name of sampleFiles(directory).slice(0, 20)) rmSync(join(directory, name))

  const { samples } = await (await openStore({ directory })).loadSamples()

  expect(samples).toEqual(readFileByFile(directory))
})

test.each([
  ['missing', (path: string) => rmSync(path)],
  ['empty', (path: string) => writeFileSync(path, '')],
  ['cut', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 5000))],
  ['something else', (path: string) => writeFileSync(path, 'x'.repeat(50_000))],
])('a snapshot that is %s costs nothing, and is made anew', async (_what, damage) => {
  const directory = folderOf(200)
  await compact(directory)
  const whole = readFileSync(join(directory, SNAPSHOT))
  damage(join(directory, SNAPSHOT))
  const store = await openStore({ directory })

  const { samples } = await store.loadSamples()
  await store.close()

  expect(samples).toEqual(readFileByFile(directory))
  expect(readFileSync(join(directory, SNAPSHOT)).equals(whole)).toBe(true)
})

test('a snapshot of another byte order is passed over', async () => {
  const directory = folderOf(200)
  await compact(directory)
  const path = join(directory, SNAPSHOT)
  writeFileSync(
    path,
    Buffer.from(readFileSync(path))
      .subarray(0, -(statSync(path).size % 4) || undefined)
      .swap32(),
  )

  const { samples } = await (await openStore({ directory, readOnly: true })).loadSamples()

  expect(samples).toEqual(readFileByFile(directory))
})

test('a few samples make no snapshot', async () => {
  const directory = folderOf(60)

  await compact(directory)

  expect(readdirSync(directory)).not.toContain(SNAPSHOT)
})

test('a snapshot is not made anew for a few more samples, and is for many', async () => {
  const directory = folderOf(200)
  await compact(directory)
  const before = readFileSync(join(directory, SNAPSHOT))
  addFiles(directory, 200, 10)
  await compact(directory)
  const afterFew = readFileSync(join(directory, SNAPSHOT))
  addFiles(directory, 210, 90)
  await compact(directory)
  const afterMany = readFileSync(join(directory, SNAPSHOT))

  expect(afterFew.equals(before)).toBe(true)
  expect(afterMany.length).toBeGreaterThan(before.length)
})

test('damaged files are named with and without a snapshot', async () => {
  const directory = folderOf(200)
  writeFileSync(join(directory, 'ml_training_bad.json'), '{')
  await compact(directory)

  const { samples, skipped } = await (await openStore({ directory })).loadSamples()

  expect(samples).toHaveLength(200)
  expect(skipped).toEqual([{ file: 'ml_training_bad.json', reason: 'not JSON' }])
})

test('a store opened read-only makes no snapshot', async () => {
  const directory = folderOf(200)
  const store = await openStore({ directory, readOnly: true })

  await store.loadSamples()
  await store.close()

  expect(readdirSync(directory)).not.toContain(SNAPSHOT)
})

async function compact(directory: string): Promise<void> {
  const store = await openStore({ directory })
  await store.loadSamples()
  await store.close()
}

function folderOf(count: number): string {
  const directory = temporaryFolder()
  addFiles(directory, 0, count)
  return directory
}

/** Files as several implementations write them, some with fields of their own. */
function addFiles(directory: string, from: number, count: number): void {
  for (let index = from; index < from + count; index++) {
    const timestamp = Date.now() / 1000 - ((index * 7919) % 1000)
    const signature = ((index * 31) % 97).toString(16).padStart(16, '0')
    const record = {
      ...EXAMPLE_ON_DISK,
      timestamp,
      function_signature: signature,
      speedup: 0.1 + index,
      ...(index % 5 === 0 && { machine: `m${index % 3}`, executor: 'process' }),
      ...(index % 7 === 0 && { cache_version: 1, notes: { index } }),
      features: {
        ...EXAMPLE_ON_DISK.features,
        ...(index % 3 === 0 && { pickle_size: null }),
        ...(index % 11 === 0 && { pages: index }),
      },
    }
    const name = `ml_training_${signature}_${Math.floor(timestamp * 1000)}_${index}.json`
    writeFileSync(join(directory, name), JSON.stringify(record))
  }
}

function sampleFiles(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.json'))
}

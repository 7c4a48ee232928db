import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openStore } from '../src/index.ts'
import { openJsonStore } from '../src/open-json-store.ts'
import { CountingFileSystem } from './counting-file-system.ts'
import { decisionOf, sampleOf } from './example-records.ts'
import { runStoreSuite } from './store.conformance.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { TestClock } from './test-clock.ts'

runStoreSuite({
  open: (options = {}, clock) => {
    const directory = join(temporaryFolder(), 'store')
    return clock
      ? openJsonStore({ ...options, directory }, { clock })
      : openStore({ ...options, directory })
  },
})

test('opening touches nothing; the first write makes the folder', async () => {
  const directory = join(temporaryFolder(), 'a', 'b')
  const store = await openStore({ directory })
  const before = readdirSync(join(directory, '..', '..'))

  const receipt = await store.putDecision('key', decisionOf())

  expect(before).toEqual([])
  expect(receipt).toEqual({ durable: true })
  expect(readdirSync(directory)).toEqual(['opt_key.json'])
})

test.skipIf(process.platform === 'win32')(
  'the folder and the files are for this user only',
  async () => {
    const directory = join(temporaryFolder(), 'a', 'b')
    const store = await openStore({ directory })

    await store.putDecision('key', decisionOf())

    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(join(directory, 'opt_key.json')).mode & 0o777).toBe(0o600)
  },
)

test('what one store has written another one opened later reads', async () => {
  const directory = temporaryFolder()
  const entry = decisionOf({ note: [1, 2] })
  const sample = sampleOf({ note: 'x' })
  const first = await openStore({ directory })
  await first.putDecision('any key', entry)
  await first.addSample(sample)
  await first.close()

  const second = await openStore({ directory })

  expect(await second.getDecision('any key')).toEqual({ hit: true, entry })
  expect((await second.loadSamples()).samples).toEqual([sample])
})

test('files are in the format that other implementations share', async () => {
  const directory = temporaryFolder()
  const store = await openStore({ directory })

  await store.putDecision('key', decisionOf({ createdAtMs: 1_768_113_829_854, note: 1 }))
  await store.addSample(sampleOf({ timestampMs: 1_768_113_829_854 }))

  const [sampleName = '', decisionName = ''] = readdirSync(directory).toSorted()
  expect(decisionName).toBe('opt_key.json')
  expect(sampleName).toMatch(/^ml_training_c69a21cfc7c62124_1768113829854_[0-9a-f]{12}\.json$/)
  const features = {
    data_size: 10_000,
    estimated_item_time: 0.001,
    physical_cores: 4,
    available_memory: 8_589_934_592,
    start_method: 'worker_threads',
    pickle_size: 512,
    coefficient_of_variation: 0.15,
    function_complexity: 45,
  }
  expect(JSON.parse(readFileSync(join(directory, sampleName), 'utf8'))).toEqual({
    features,
    n_jobs: 4,
    chunksize: 250,
    speedup: 3.5,
    timestamp: 1_768_113_829.854,
    function_signature: 'c69a21cfc7c62124',
  })
  expect(JSON.parse(readFileSync(join(directory, decisionName), 'utf8'))).toEqual({
    cache_version: 2,
    key: 'key',
    n_jobs: 4,
    chunksize: 250,
    executor: 'worker_threads',
    estimated_speedup: 3.5,
    estimated_time: 2.5,
    reason: 'four workers are fastest',
    warnings: [],
    features,
    timestamp: 1_768_113_829.854,
    machine: 'aabbccddeeff0011',
    note: 1,
  })
})

test('no key and no signature leads out of the folder', async () => {
  const outside = temporaryFolder()
  const directory = join(outside, 'store')
  const store = await openStore({ directory })

  for (const key of ['../a', '/tmp/a', '..', '.', 'a/b', 'a\\b', 'C:\\a', '%2e%2e/a'])
    await store.putDecision(key, decisionOf())

  expect(readdirSync(outside)).toEqual(['store'])
  expect(readdirSync(directory).every((name) => /^opt_sha256-[0-9a-f]{64}\.json$/.test(name))).toBe(
    true,
  )
})

test('a decision in the file of another key is not used', async () => {
  const directory = temporaryFolder()
  const store = await openStore({ directory })
  await store.putDecision('one', decisionOf())
  const text = readFileSync(join(directory, 'opt_one.json'), 'utf8')
  writeFileSync(join(directory, 'opt_two.json'), text)

  expect(await store.getDecision('two')).toEqual({ hit: false, reason: 'damaged' })
})

test('a store opened read-only reads, keeps new entries in memory and changes no file', async () => {
  const directory = temporaryFolder()
  const writer = await openStore({ directory })
  await writer.putDecision('old', decisionOf())
  const before = readdirSync(directory)
  const store = await openStore({ directory, readOnly: true })

  const receipt = await store.putDecision('new', decisionOf())
  await store.addSample(sampleOf())
  await store.flush()

  expect(receipt).toMatchObject({ durable: false, reason: expect.stringContaining('read-only') })
  expect((await store.getDecision('old')).hit).toBe(true)
  expect((await store.getDecision('new')).hit).toBe(true)
  expect((await store.loadSamples()).samples).toHaveLength(1)
  expect(readdirSync(directory)).toEqual(before)
  await expect(store.clear()).rejects.toMatchObject({ code: 'AMORSIZE_CACHE_READ_ONLY' })
  await expect(store.verify({ repair: true })).rejects.toMatchObject({
    code: 'AMORSIZE_CACHE_READ_ONLY',
  })
})

test('clear leaves alone what is not of the store', async () => {
  const directory = temporaryFolder()
  mkdirSync(join(directory, 'opt_folder'))
  for (const name of ['README.md', 'opt_key.json.bak', 'ml_training_notes.txt', 'other.json'])
    writeFileSync(join(directory, name), '{}')
  const before = readdirSync(directory)
  const store = await openStore({ directory })
  await store.putDecision('key', decisionOf())
  await store.addSample(sampleOf())

  await store.clear()

  expect(readdirSync(directory)).toEqual(before)
})

test.each([
  ['directory', ''],
  ['directory', 'a\0b'],
  ['directory', 7],
  ['readOnly', 'yes'],
  ['onWarning', true],
])('an option %s of %j is refused with a code', async (option, value) => {
  await expect(openStore({ [option]: value })).rejects.toMatchObject({
    code: 'AMORSIZE_CACHE_INVALID_OPTION',
    option,
    value,
  })
})

test('a store opened in a relative folder stays there when the process goes elsewhere', async () => {
  const folder = temporaryFolder()
  const start = process.cwd()
  process.chdir(folder)
  const store = await openStore({ directory: 'store' })
  process.chdir(start)

  await store.putDecision('key', decisionOf())

  expect(readdirSync(join(folder, 'store'))).toEqual(['opt_key.json'])
})

test('a lookup notes the use of a file, and the store still knows what is in it', async () => {
  const directory = temporaryFolder()
  const clock = new TestClock()
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory }, { clock, fileSystem })
  await store.putDecision('key', decisionOf())
  clock.advance(120_000)
  await store.getDecision('key')
  await store.flush()
  fileSystem.calls.length = 0

  clock.advance(999)
  await store.getDecision('key')

  const { mtimeMs } = statSync(join(directory, 'opt_key.json'))
  expect(Math.floor(mtimeMs)).toBe(Math.floor(clock.now() - 999))
  expect(fileSystem.calls).toEqual(['stamp'])
})

test('a second close waits for the first', async () => {
  const directory = temporaryFolder()
  const store = await openStore({ directory })
  void store.putDecision('key', decisionOf())
  void store.close()

  await store.close()

  expect(readdirSync(directory)).toEqual(['opt_key.json'])
})

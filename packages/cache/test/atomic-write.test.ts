/** Every call of a write fails once, and what a write leaves is whole all the same. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test, vi } from 'vitest'

import { openJsonStore } from '../src/open-json-store.ts'
import { SharedSync } from '../src/shared-sync.ts'
import { CountingFileSystem } from './counting-file-system.ts'
import { decisionOf, sampleOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The look for a newer version, which a decision's write begins with. */
const LOOK = 1

const ignoreWarning = (): void => undefined

test('a write looks for a newer version, then is create, write, flush, rename and flush of the folder, in this order', async () => {
  const fileSystem = new CountingFileSystem()
  const store = await openJsonStore({ directory: temporaryFolder() }, { fileSystem })

  await store.putDecision('key', decisionOf())

  expect(fileSystem.calls).toEqual([
    'read',
    'create',
    'file.write',
    'file.sync',
    'file.stamp',
    'file.close',
    'rename',
    'syncFolder',
  ])
})

test('writes that take a few bytes at a time end with the whole content', async () => {
  const directory = temporaryFolder()
  const fileSystem = new CountingFileSystem()
  fileSystem.mostBytes = 7
  const store = await openJsonStore({ directory }, { fileSystem })
  const entry = decisionOf({ reason: 'ä€𝄞'.repeat(50) })

  await store.putDecision('key', entry)

  expect(JSON.parse(readFileSync(join(directory, 'opt_key.json'), 'utf8'))).toMatchObject({
    reason: entry.reason,
  })
})

test('a write that takes nothing fails instead of going on for ever', async () => {
  const fileSystem = new CountingFileSystem()
  fileSystem.mostBytes = 0
  const directory = temporaryFolder()
  const store = await openJsonStore({ directory, onWarning: ignoreWarning }, { fileSystem })

  expect(await store.putDecision('key', decisionOf())).toMatchObject({ durable: false })
  expect(readdirSync(directory)).toEqual([])
})

describe.each([1, 2, 3, 4, 5, 6, 7])('when call %i of a write fails', (call) => {
  test('the caller is told, memory has the new decision and the disk a whole one', async () => {
    const directory = temporaryFolder()
    const fileSystem = new CountingFileSystem()
    const options = { directory, onWarning: ignoreWarning }
    const store = await openJsonStore(options, { fileSystem })
    await store.putDecision('key', decisionOf({ nJobs: 1 }))
    fileSystem.failAt = fileSystem.calls.length + LOOK + call

    const receipt = await store.putDecision('key', decisionOf({ nJobs: 2 }))

    expect(receipt).toEqual({ durable: false, reason: 'the file system refused: EIO' })
    expect(await store.getDecision('key')).toMatchObject({ entry: { nJobs: 2 } })
    expect(readdirSync(directory)).toEqual(['opt_key.json'])
    const reader = await openJsonStore(options)
    const found = await reader.getDecision('key')
    expect([1, 2]).toContain(found.hit && found.entry.nJobs)
  })

  test('a later flush brings the entries to the disk', async () => {
    const directory = temporaryFolder()
    const fileSystem = new CountingFileSystem()
    const options = { directory, onWarning: ignoreWarning }
    const store = await openJsonStore(options, { fileSystem })
    fileSystem.failAt = LOOK + call
    const first = await store.putDecision('key', decisionOf())
    fileSystem.failAt = fileSystem.calls.length + call
    const second = await store.addSample(sampleOf())

    await store.flush()

    expect([first.durable, second.durable]).toEqual([false, false])
    const reader = await openJsonStore(options)
    expect((await reader.getDecision('key')).hit).toBe(true)
    expect((await reader.loadSamples()).samples).toHaveLength(1)
  })
})

test('whoever asks while the folder is flushed shares the next flush', async () => {
  const endFlush: (() => void)[] = []
  const shared = new SharedSync(() => new Promise<void>((resolve) => endFlush.push(resolve)))

  const first = shared.join()
  const others = [shared.join(), shared.join(), shared.join()]
  endFlush[0]!()
  await first
  await vi.waitFor(() => expect(endFlush).toHaveLength(2))
  endFlush[1]!()
  await Promise.all(others)

  expect(endFlush).toHaveLength(2)
})

test('a lack of descriptors that passes is waited out', async () => {
  const fileSystem = new CountingFileSystem()
  fileSystem.error = Object.assign(new Error('injected'), { code: 'EMFILE' })
  fileSystem.failAt = 1
  const store = await openJsonStore({ directory: temporaryFolder() }, { fileSystem })

  expect(await store.putDecision('key', decisionOf())).toEqual({ durable: true })
})

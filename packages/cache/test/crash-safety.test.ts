/** The power goes after every single step of a write and of a compaction. */
import { resolve } from 'node:path'

import { describe, expect, test } from 'vitest'

import type { Store } from '../src/index.ts'
import { openJsonStore } from '../src/open-json-store.ts'
import { decisionOf, sampleOf } from './example-records.ts'
import { crashAfter, RecordingFileSystem } from './recording-file-system.ts'
import type { UnsyncedContent, UnsyncedNames } from './recording-file-system.ts'

const directory = resolve('/store')
const CONTENTS: readonly UnsyncedContent[] = ['kept', 'gone', 'cut', 'zeroed']
const NAMES: readonly UnsyncedNames[] = ['kept', 'gone']

describe.each(CONTENTS.flatMap((content) => NAMES.map((names) => [content, names] as const)))(
  'with unsynced content %s and unsynced names %s',
  (content, names) => {
    test('a decision is the old one or the new one, and the new one once it was acknowledged', async () => {
      const before = await prepare(async (store) => {
        await store.putDecision('key', decisionOf({ nJobs: 1 }))
      })
      const { operations, acknowledgedAt } = await record(before, async (store) => {
        await store.putDecision('key', decisionOf({ nJobs: 2 }))
      })

      for (let count = 0; count <= operations.length; count++) {
        const store = await reopen(crashAfter(before, operations, count, content, names))
        const found = await store.getDecision('key')
        const workers = found.hit && found.entry.nJobs
        if (count >= acknowledgedAt) expect(workers).toBe(2)
        else expect([1, 2]).toContain(workers)
        expect((await store.verify()).damaged).toEqual([])
      }
      expect(operations.length).toBeGreaterThan(8)
    })

    test('a sample is there whole or not at all, and there once it was acknowledged', async () => {
      const { operations, acknowledgedAt } = await record(new Map(), async (store) => {
        await store.addSample(sampleOf())
      })

      for (let count = 0; count <= operations.length; count++) {
        const store = await reopen(crashAfter(new Map(), operations, count, content, names))
        const { samples, skipped } = await store.loadSamples()
        expect(skipped).toEqual([])
        expect(samples.length).toBeLessThanOrEqual(1)
        if (count >= acknowledgedAt) expect(samples).toHaveLength(1)
      }
    })

    test('a compaction loses no sample, the first one nor one that replaces a snapshot', async () => {
      const first = await prepare((store) => addSamples(store, 70))
      const second = await prepare(async (store) => {
        await store.loadSamples()
        await store.flush()
        await addSamples(store, 70)
      }, first)

      for (const [before, expected] of [
        [first, 70],
        [second, 140],
      ] as const) {
        const { operations } = await record(before, async (store) => {
          await store.loadSamples()
        })
        expect(operations.some((step) => step.kind === 'rename')).toBe(true)
        for (let count = 0; count <= operations.length; count++) {
          const store = await reopen(crashAfter(before, operations, count, content, names))
          const { samples, skipped } = await store.loadSamples()
          expect(samples).toHaveLength(expected)
          expect(skipped).toEqual([])
          await store.flush()
        }
      }
    })

    test('what a crash leaves behind is removed once it is old', async () => {
      const { operations } = await record(new Map(), async (store) => {
        await store.putDecision('key', decisionOf())
      })

      for (let count = 0; count <= operations.length; count++) {
        const files = RecordingFileSystem.of(
          crashAfter(new Map(), operations, count, content, names),
        )
        const store = await openJsonStore({ directory }, { fileSystem: files })
        await store.prune()
        const left = [...files.files().keys()].filter((path) => !path.endsWith('opt_key.json'))
        expect(left).toEqual([])
      }
    })
  },
)

/** The files after `work`, all durable. */
async function prepare(
  work: (store: Store) => Promise<void>,
  before: ReadonlyMap<string, Buffer> = new Map(),
): Promise<Map<string, Buffer>> {
  const fileSystem = RecordingFileSystem.of(before)
  const store = await openJsonStore({ directory }, { fileSystem })
  await work(store)
  await store.close()
  return fileSystem.files()
}

/** Every step of `work`, and after how many of them it was done. */
async function record(
  before: ReadonlyMap<string, Buffer>,
  work: (store: Store) => Promise<void>,
): Promise<{ operations: RecordingFileSystem['operations']; acknowledgedAt: number }> {
  const fileSystem = RecordingFileSystem.of(before)
  const store = await openJsonStore({ directory }, { fileSystem })
  await work(store)
  const acknowledgedAt = fileSystem.operations.length
  await store.close()
  return { operations: fileSystem.operations, acknowledgedAt }
}

async function reopen(files: ReadonlyMap<string, Buffer>): Promise<Store> {
  return openJsonStore(
    { directory, onWarning: () => expect.unreachable() },
    { fileSystem: RecordingFileSystem.of(files) },
  )
}

async function addSamples(store: Store, count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await store.addSample(sampleOf({ speedup: 1 + index, note: index }))
}

/** What every `Store` does, wherever it keeps things. */
import { writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import type { Clock } from '../src/clock.ts'
import type { RetentionOptions, Store } from '../src/index.ts'
import { decisionOf, FEATURES, sampleOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { TestClock } from './test-clock.ts'

const DAY_MS = 86_400_000

/** Ends of lines for Unicode and, since version 24, for `readline` of Node; for JSON, characters. */
const LINES = 'one\u2028two\u2029three'

/** How the suite gets its stores. */
export interface StoreSuite {
  /** Opens an empty store; it lasts as long as the test. */
  readonly open: (options?: RetentionOptions, clock?: Clock) => Promise<Store>
}

/** Defines the tests that every implementation of `Store` passes. */
export function runStoreSuite({ open }: StoreSuite): void {
  describe('decisions', () => {
    test('a key that was never stored is absent', async () => {
      const store = await open()

      expect(await store.getDecision('nothing')).toEqual({ hit: false, reason: 'absent' })
    })

    test('a stored decision comes back with every field', async () => {
      const store = await open()
      const entry = decisionOf({ warnings: ['few items'] })

      await store.putDecision('key', entry)

      expect(await store.getDecision('key')).toEqual({ hit: true, entry })
    })

    test('a decision is visible before its write has ended', async () => {
      const store = await open()
      const entry = decisionOf()

      const written = store.putDecision('key', entry)

      expect(await store.getDecision('key')).toEqual({ hit: true, entry })
      await written
    })

    test('the later of two decisions for a key wins, in whatever order their writes end', async () => {
      const store = await open()

      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.putDecision('key', decisionOf({ nJobs: index + 1 })),
        ),
      )

      expect(await store.getDecision('key')).toMatchObject({ entry: { nJobs: 20 } })
    })

    test.each([
      ['a path upwards', '../../outside'],
      ['an absolute path', '/etc/passwd'],
      ['a NUL', 'a\0b'],
      ['a line end', 'a\nb'],
      ['a lone surrogate', '\ud800'],
      ['upper case', 'Key'],
      ['lower case', 'key'],
      ['a word that objects have', '__proto__'],
      ['the longest', 'x'.repeat(4096)],
    ])('a key with %s is a key like any other', async (_what, key) => {
      const store = await open()
      await store.putDecision(`${key.slice(1)}.`, decisionOf({ nJobs: 2 }))

      await store.putDecision(key, decisionOf({ nJobs: 3 }))

      expect(await store.getDecision(key)).toMatchObject({ hit: true, entry: { nJobs: 3 } })
    })

    test.each([[''], ['x'.repeat(4097)], [7], [undefined]])(
      'a key %j is refused with a code',
      async (key) => {
        const store = await open()
        const refused = { code: 'AMORSIZE_CACHE_INVALID_KEY', value: key }

        // @ts-expect-error -- what plain JavaScript may pass
        await expect(store.getDecision(key)).rejects.toMatchObject(refused)
        // @ts-expect-error -- what plain JavaScript may pass
        await expect(store.putDecision(key, decisionOf())).rejects.toMatchObject(refused)
      },
    )

    test('an entry is handed out frozen, and changing the original has no effect', async () => {
      const store = await open()
      const warnings = ['first']
      await store.putDecision('key', decisionOf({ warnings }))
      warnings.push('second')

      const found = await store.getDecision('key')

      expect(found).toMatchObject({ entry: { warnings: ['first'] } })
      expect(found.hit && Object.isFrozen(found.entry.features)).toBe(true)
    })

    test('unknown fields are kept, nested ones too', async () => {
      const store = await open()
      const entry = decisionOf({
        model: { k: 5, list: [1, 'two', null] },
        features: Object.assign({ pages: 4 }, FEATURES),
      })

      await store.putDecision('key', entry)

      expect(await store.getDecision('key')).toEqual({ hit: true, entry })
    })

    test.each([
      ['a billion workers', { nJobs: 1_000_000_000 }],
      ['no workers', { nJobs: 0 }],
      ['half a worker', { nJobs: 1.5 }],
      ['an empty chunk', { chunkSize: 0 }],
      ['NaN', { estimatedSpeedup: Number.NaN }],
      ['NaN in an optional field', { estimatedTimeMs: Number.NaN }],
      ['an executor that there is not', { executor: 'gpu' }],
      ['warnings that are no list', { warnings: 'all' }],
      ['no features', { features: undefined }],
      ['a feature out of range', { features: { ...FEATURES, dataSize: -1 } }],
      ['a name that the file format has', { n_jobs: 8 }],
      ['a value that JSON does not have', { extra: 10n }],
      ['a megabyte', { extra: 'x'.repeat(1_000_000) }],
      ['fields nested a hundred deep', { extra: nested(100) }],
      ['a key that would change a prototype', { extra: JSON.parse('{"__proto__":{"a":1}}') }],
    ])('a decision with %s is refused, and the one before it stays', async (_what, changes) => {
      const store = await open()
      await store.putDecision('key', decisionOf())

      // @ts-expect-error -- what plain JavaScript may pass
      const refused = store.putDecision('key', decisionOf(changes))

      await expect(refused).rejects.toMatchObject({ code: 'AMORSIZE_CACHE_INVALID_RECORD' })
      expect(await store.getDecision('key')).toMatchObject({ entry: { nJobs: 4 } })
    })

    test('a decision expires seven days after it was made', async () => {
      const clock = new TestClock()
      const store = await open({}, clock)
      await store.putDecision('key', decisionOf({ createdAtMs: clock.now() }))

      clock.advance(7 * DAY_MS)
      const atTheLimit = await store.getDecision('key')
      clock.advance(1)

      expect(atTheLimit.hit).toBe(true)
      expect(await store.getDecision('key')).toEqual({ hit: false, reason: 'expired' })
    })

    test('a decision survives a clock that is set back', async () => {
      const clock = new TestClock()
      const store = await open({}, clock)
      await store.putDecision('key', decisionOf({ createdAtMs: clock.now() }))

      clock.nowMs -= 1000 * DAY_MS
      await store.prune()

      expect((await store.getDecision('key')).hit).toBe(true)
    })

    test('beyond maxEntries the least recently used decision goes', async () => {
      const clock = new TestClock()
      const store = await open({ maxEntries: 3 }, clock)
      for (const key of ['a', 'b', 'c']) {
        await store.putDecision(key, decisionOf())
        clock.advance(10_000)
      }
      await store.getDecision('a')
      clock.advance(10_000)

      await store.putDecision('d', decisionOf())
      await store.flush()

      const found = await Promise.all(
        ['a', 'b', 'c', 'd'].map(async (key) => (await store.getDecision(key)).hit),
      )
      expect(found).toEqual([true, false, true, true])
    })
  })

  describe('samples', () => {
    test('samples come back oldest first with every field', async () => {
      const store = await open()
      const now = Date.now()
      const later = sampleOf({ timestampMs: now, machine: 'm', executor: 'async', note: { a: 1 } })
      const earlier = sampleOf({ timestampMs: now - 5 })

      await store.addSample(later)
      await store.addSample(earlier)

      expect(await store.loadSamples()).toEqual({ samples: [earlier, later], skipped: [] })
    })

    test('equal samples are all kept', async () => {
      const store = await open()
      const sample = sampleOf()

      await Promise.all(Array.from({ length: 5 }, () => store.addSample(sample)))

      expect((await store.loadSamples()).samples).toEqual(Array(5).fill(sample))
    })

    test('a sample is there for a load that starts before its write has ended', async () => {
      const store = await open()

      const writes = Array.from({ length: 30 }, () => store.addSample(sampleOf()))
      const { samples } = await store.loadSamples()

      expect(samples).toHaveLength(30)
      await Promise.all(writes)
    })

    test.each([
      ['a signature that is a path', { functionSignature: '../../../etc/pass' }],
      ['a signature in upper case', { functionSignature: 'C69A21CFC7C62124' }],
      ['a speedup of 0', { speedup: 0 }],
      ['a billion workers', { nJobs: 1_000_000_000 }],
      ['a time before 1970', { timestampMs: -1 }],
      ['a time after the last date', { timestampMs: 8.64e15 + 1000 }],
      ['an infinite item time', { features: { ...FEATURES, itemTimeMs: Infinity } }],
    ])('a sample with %s is refused', async (_what, changes) => {
      const store = await open()

      const refused = store.addSample(sampleOf(changes))

      await expect(refused).rejects.toMatchObject({ code: 'AMORSIZE_CACHE_INVALID_RECORD' })
      expect((await store.loadSamples()).samples).toEqual([])
    })

    test('samples expire by their own time, later than decisions if told so', async () => {
      const clock = new TestClock()
      const store = await open({ ttlMs: DAY_MS, sampleTtlMs: 3 * DAY_MS }, clock)
      await store.addSample(sampleOf({ timestampMs: clock.now() }))
      await store.addSample(sampleOf({ timestampMs: clock.now() - 2 * DAY_MS }))

      clock.advance(2 * DAY_MS)

      expect((await store.loadSamples()).samples).toHaveLength(1)
    })

    test('samples may be kept for ever', async () => {
      const clock = new TestClock()
      const store = await open({ sampleTtlMs: Infinity }, clock)
      await store.addSample(sampleOf({ timestampMs: 0 }))

      expect((await store.loadSamples()).samples).toHaveLength(1)
    })

    test('pruning keeps every situation and does not just keep the winners', async () => {
      const store = await open({ maxEntries: 10 })
      const now = Date.now()
      for (let index = 0; index < 40; index++)
        await store.addSample(sampleOf({ timestampMs: now + index, speedup: 3.5 }))
      await store.addSample(sampleOf({ timestampMs: now - 1, speedup: 0.2 }))
      await store.addSample(sampleOf({ timestampMs: now - 2, functionSignature: '0'.repeat(16) }))

      await store.prune()

      const { samples } = await store.loadSamples()
      expect(samples).toHaveLength(10)
      expect(samples.filter(({ speedup }) => speedup === 0.2)).toHaveLength(1)
      expect(
        samples.filter(({ functionSignature }) => functionSignature.startsWith('0')),
      ).toHaveLength(1)
    })
  })

  describe('a process that goes on', () => {
    test('keeps no more samples than it should, and none that expired', async () => {
      const clock = new TestClock()
      const store = await open({ maxEntries: 40 }, clock)
      for (let index = 0; index < 30; index++)
        await store.addSample(sampleOf({ timestampMs: clock.now() + index }))
      clock.advance(8 * DAY_MS)

      for (let index = 0; index < 200; index++)
        await store.addSample(sampleOf({ timestampMs: clock.now() + index }))
      await store.flush()

      const { samples, expired } = await store.stats()
      expect(samples.count).toBeLessThanOrEqual(50)
      expect(expired).toBe(0)
    })
  })

  describe('new samples', () => {
    test('each is given once, to each reader by its own cursor', async () => {
      const store = await open()
      const [first, second, third] = [1, 2, 3].map((nJobs) => sampleOf({ nJobs }))
      await store.addSample(first!)
      const slow = await store.loadNewSamples()
      await store.addSample(second!)
      const quick = await store.loadNewSamples(slow.cursor)
      void store.addSample(third!)

      expect([...slow.samples]).toMatchObject([first])
      expect(slow.replacesAll).toBe(true)
      expect([...quick.samples]).toMatchObject([second])
      expect(quick).toMatchObject({ skipped: [], replacesAll: false })
      expect([...(await store.loadNewSamples(quick.cursor)).samples]).toMatchObject([third])
      expect((await store.loadNewSamples(slow.cursor)).samples).toHaveLength(2)
    })

    test('where nothing came, nothing is given', async () => {
      const store = await open()
      await store.addSample(sampleOf())
      const { cursor } = await store.loadNewSamples()

      const { samples, replacesAll } = await store.loadNewSamples(cursor)

      expect(samples).toHaveLength(0)
      expect(replacesAll).toBe(false)
    })

    test('all are given anew once some were removed, and for a cursor of elsewhere', async () => {
      const store = await open()
      await store.addSample(sampleOf())
      const { cursor } = await store.loadNewSamples()
      await store.clear()
      const later = sampleOf({ nJobs: 7 })
      await store.addSample(later)

      for (const elsewhere of [cursor, {}]) {
        const { samples, replacesAll } = await store.loadNewSamples(elsewhere)
        expect([...samples]).toMatchObject([later])
        expect(replacesAll).toBe(true)
      }
    })
  })

  describe('documents', () => {
    test('a document is given back as it was kept, and another in its place', async () => {
      const store = await open()
      const document = { costs: { startUpMs: 41.5, kinds: ['a', 'b'] }, machine: 'here', is: null }

      await store.putDocument('machine', document)
      const first = await store.getDocument('machine')
      await store.putDocument('machine', { machine: 'there' })

      expect(first).toEqual(document)
      expect(await store.getDocument('machine')).toEqual({ machine: 'there' })
      expect(await store.getDocument('another')).toBeUndefined()
    })

    test('a document is nobody else’s: changes to it have no effect', async () => {
      const store = await open()
      const document = { list: [1] }
      await store.putDocument('key', document)

      document.list.push(2)
      const read = (await store.getDocument('key')) as typeof document
      read.list.push(3)

      expect(await store.getDocument('key')).toEqual({ list: [1] })
    })

    test('any text is a key, and no key is another one’s', async () => {
      const store = await open()
      const keys = ['a', 'A', '../a', 'a/b', 'ä', '\0', 'x'.repeat(4096), '\ud800']
      for (const key of keys) await store.putDocument(key, { key })

      for (const key of keys) expect(await store.getDocument(key)).toEqual({ key })
      expect(await store.getDecision('a')).toEqual({ hit: false, reason: 'absent' })
    })

    test.each([
      ['a number', 7],
      ['a list', [1]],
      ['nothing', undefined],
      ['with NaN', { value: Number.NaN }],
      ['with a date', { value: new Date(0) }],
      ['with a bigint', { value: 1n }],
      ['with __proto__', JSON.parse('{"__proto__":{"a":1}}') as object],
      ['huge', { text: 'x'.repeat(300_000) }],
    ])('a document that is %s is refused', async (_what, document) => {
      const store = await open()

      await expect(store.putDocument('key', document as object)).rejects.toMatchObject({
        code: 'AMORSIZE_CACHE_INVALID_RECORD',
      })
      expect(await store.getDocument('key')).toBeUndefined()
    })

    test('a key that is no text is refused', async () => {
      const store = await open()
      const code = 'AMORSIZE_CACHE_INVALID_KEY'

      await expect(store.getDocument('')).rejects.toMatchObject({ code })
      await expect(store.putDocument(7 as never, {})).rejects.toMatchObject({ code })
    })

    test('clear removes documents too', async () => {
      const store = await open()
      await store.putDocument('key', { a: 1 })

      expect(await store.clear()).toEqual({ decisions: 0, samples: 0 })

      expect(await store.getDocument('key')).toBeUndefined()
    })
  })

  describe('upkeep', () => {
    test('prune removes what has expired and nothing else', async () => {
      const clock = new TestClock()
      const store = await open({ ttlMs: DAY_MS }, clock)
      await store.putDecision('old', decisionOf({ createdAtMs: clock.now() - 2 * DAY_MS }))
      await store.putDecision('new', decisionOf({ createdAtMs: clock.now() }))
      await store.addSample(sampleOf({ timestampMs: clock.now() - 2 * DAY_MS }))
      await store.addSample(sampleOf({ timestampMs: clock.now() }))

      const report = await store.prune()

      expect(report).toEqual({ expired: 2, evictedDecisions: 0, prunedSamples: 0 })
      expect(await store.stats()).toMatchObject({
        decisions: { count: 1 },
        samples: { count: 1 },
        expired: 0,
      })
    })

    test('what is still being written is counted once, and cleared for good', async () => {
      const store = await open()
      const writes = Array.from({ length: 20 }, (_, n) => [
        store.putDecision(`key ${n}`, decisionOf()),
        store.addSample(sampleOf()),
      ]).flat()

      expect(await store.stats()).toMatchObject({
        decisions: { count: 20 },
        samples: { count: 20 },
      })
      await store.putDecision('key 0', decisionOf())
      void store.putDecision('key 1', decisionOf())
      expect(await store.clear()).toEqual({ decisions: 20, samples: 20 })
      await Promise.all(writes)
      expect(await store.stats()).toMatchObject({ decisions: { count: 0 }, samples: { count: 0 } })
    })

    test('clear empties the store', async () => {
      const store = await open()
      await store.putDecision('key', decisionOf())
      await store.addSample(sampleOf())
      await store.addSample(sampleOf())

      expect(await store.clear()).toEqual({ decisions: 1, samples: 2 })

      expect((await store.getDecision('key')).hit).toBe(false)
      expect((await store.loadSamples()).samples).toEqual([])
    })

    test('stats count entries, ages, hits, misses and what has expired', async () => {
      const clock = new TestClock()
      const store = await open({ ttlMs: DAY_MS }, clock)
      const now = clock.now()
      await store.putDecision('a', decisionOf({ createdAtMs: now - 5000 }))
      await store.putDecision('b', decisionOf({ createdAtMs: now + 9999 }))
      await store.addSample(sampleOf({ timestampMs: now - 2 * DAY_MS }))
      await store.getDecision('a')
      await store.getDecision('b')
      await store.getDecision('c')

      expect(await store.stats()).toMatchObject({
        decisions: { count: 2, oldestAgeMs: 5000, newestAgeMs: 0 },
        samples: { count: 1, oldestAgeMs: 2 * DAY_MS, newestAgeMs: 2 * DAY_MS },
        hits: 2,
        misses: 1,
        expired: 1,
        damaged: 0,
      })
    })

    test('stats of an empty store have no ages', async () => {
      const store = await open()

      expect((await store.stats()).samples).toEqual({
        count: 0,
        bytes: 0,
        oldestAgeMs: undefined,
        newestAgeMs: undefined,
      })
    })

    test('verify finds a store that was used well without damage', async () => {
      const store = await open()
      await store.putDecision('key', decisionOf())
      await store.addSample(sampleOf())

      expect(await store.verify({ repair: true })).toEqual({
        checked: 2,
        good: 2,
        damaged: [],
        unreadable: [],
        future: [],
        quarantined: 0,
      })
    })
  })

  describe('export and import', () => {
    test('what was exported can be imported into an empty store', async () => {
      const file = join(temporaryFolder(), 'export')
      const [from, to] = [await open(), await open()]
      await from.putDecision('../key', decisionOf({ note: 'kept' }))
      await from.addSample(sampleOf({ timestampMs: 1_768_113_829_854 }))
      await from.addSample(sampleOf({ timestampMs: Date.now(), note: 'kept' }))

      const exported = await from.exportTo(file)
      const report = await to.importFrom(file)

      expect(exported).toEqual({ decisions: 1, samples: 1 })
      expect(report).toEqual({
        imported: { decisions: 1, samples: 1 },
        kept: { decisions: 0, samples: 0 },
        refused: [],
      })
      expect(await to.getDecision('../key')).toEqual(await from.getDecision('../key'))
      expect(await to.loadSamples()).toEqual(await from.loadSamples())
    })

    test('importing twice adds nothing', async () => {
      const file = join(temporaryFolder(), 'export')
      const store = await open()
      await store.putDecision('key', decisionOf())
      await store.addSample(sampleOf())
      await store.exportTo(file)

      const report = await store.importFrom(file)

      expect(report.kept).toEqual({ decisions: 1, samples: 1 })
      expect((await store.stats()).samples.count).toBe(1)
    })

    test.each([
      ['skip', 1000, 1],
      ['skip', -1000, 1],
      ['overwrite', 1000, 2],
      ['overwrite', -1000, 2],
      ['newest-wins', 1000, 2],
      ['newest-wins', -1000, 1],
    ] as const)(
      'with %s, an import %i ms newer leaves the decision of %i workers',
      async (onConflict, newerByMs, workers) => {
        const file = join(temporaryFolder(), 'export')
        const [from, to] = [await open(), await open()]
        const now = Date.now()
        await to.putDecision('key', decisionOf({ nJobs: 1, createdAtMs: now }))
        await from.putDecision('key', decisionOf({ nJobs: 2, createdAtMs: now + newerByMs }))
        await from.exportTo(file)

        await to.importFrom(file, { onConflict })

        expect(await to.getDecision('key')).toMatchObject({ entry: { nJobs: workers } })
      },
    )

    test('importing expired samples twice adds nothing', async () => {
      const file = join(temporaryFolder(), 'export')
      const now = Date.now()
      const clock = new TestClock(now)
      const store = await open({ sampleTtlMs: DAY_MS }, clock)
      await store.addSample(sampleOf({ timestampMs: now }))
      await store.exportTo(file)
      clock.advance(2 * DAY_MS)

      const report = await store.importFrom(file)

      expect(report).toMatchObject({ imported: { samples: 0 }, kept: { samples: 1 } })
      expect((await store.stats()).samples.count).toBe(1)
    })

    test('a record with the line separators of Unicode is one line, written as such or not', async () => {
      const file = join(temporaryFolder(), 'export')
      const [from, to] = [await open(), await open()]
      const [decision, sample] = [decisionOf({ reason: LINES }), sampleOf({ note: LINES })]
      await from.putDecision(LINES, decision)
      await from.addSample(sample)

      await from.exportTo(file)
      const text = readFileSync(file, 'utf8')
      const escaped = await to.importFrom(file)
      const readBack = await to.loadSamples()
      await to.clear()
      writeFileSync(file, text.replaceAll('\\u2028', '\u2028').replaceAll('\\u2029', '\u2029'))
      const unescaped = await to.importFrom(file)

      expect(text).not.toMatch(/[\u2028\u2029]/u)
      expect(text.trimEnd().split('\n')).toHaveLength(3)
      expect(escaped).toMatchObject({ imported: { decisions: 1, samples: 1 }, refused: [] })
      expect(readBack.samples).toEqual([sample])
      expect(unescaped).toEqual(escaped)
      expect(await to.getDecision(LINES)).toEqual({ hit: true, entry: decision })
      expect((await to.loadSamples()).samples).toEqual([sample])
    })

    test('a record of the largest size is taken over, however much of it is escaped', async () => {
      const file = join(temporaryFolder(), 'export')
      const [from, to] = [await open(), await open()]
      // 3 bytes each on disk and 6 in an export; a record may have 256 KB.
      const sample = sampleOf({ note: '\u2028'.repeat(87_000) })
      await from.addSample(sample)
      await from.exportTo(file)

      expect(await to.importFrom(file)).toMatchObject({ imported: { samples: 1 }, refused: [] })
      expect((await to.loadSamples()).samples).toEqual([sample])
    })

    test('an export whose lines end as on Windows, the last one not at all, is read', async () => {
      const file = join(temporaryFolder(), 'export')
      const [from, to] = [await open(), await open()]
      await from.putDecision('key', decisionOf())
      await from.addSample(sampleOf())
      await from.exportTo(file)
      writeFileSync(file, readFileSync(file, 'utf8').trimEnd().replaceAll('\n', '\r\n'))

      expect(await to.importFrom(file)).toMatchObject({
        imported: { decisions: 1, samples: 1 },
        refused: [],
      })
    })

    test('a damaged line costs that line', async () => {
      const file = join(temporaryFolder(), 'export')
      const [from, to] = [await open(), await open()]
      await from.addSample(sampleOf({ timestampMs: Date.now() }))
      await from.exportTo(file)
      const evil = '{"decision":{"cache_version":2,"key":"evil","n_jobs":1000000000}}'
      const traversal = JSON.stringify({
        sample: { n_jobs: 1, function_signature: '../../../../x' },
      })
      const future = '{"decision":{"cache_version":3,"key":"later"}}'
      writeFileSync(
        file,
        `${readFileSync(file, 'utf8')}{"sample":{"fea\n${evil}\n${traversal}\n${future}\n\0\n`,
      )

      const report = await to.importFrom(file)

      expect(report.imported).toEqual({ decisions: 0, samples: 1 })
      expect(report.refused.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7])
    })

    test('a line that holds more than a store keeps costs that line', async () => {
      const file = join(temporaryFolder(), 'export')
      const [from, to] = [await open(), await open()]
      for (let index = 0; index < 100; index++)
        await from.addSample(sampleOf({ timestampMs: Date.now() + index }))
      await from.exportTo(file)
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
      const { sample } = JSON.parse(lines[1]!) as { sample: object }
      const padded = (spaces: number, changes: object): string =>
        JSON.stringify({ sample: { ...sample, ...changes } }) + ' '.repeat(spaces)
      // One is too long as it stands, the other once its number is written out.
      lines.splice(40, 0, padded(0, { note: 'x'.repeat(300_000) }), padded(300_000, {}))
      lines.splice(80, 0, padded(0, { note: Array(40_000).fill(0) }).replaceAll(/\b0\b/g, '1e20'))
      writeFileSync(file, lines.join('\n'))

      const report = await to.importFrom(file)

      expect(report.imported).toEqual({ decisions: 0, samples: 100 })
      expect(report.refused.map(({ line }) => line)).toEqual([41, 42, 81])
      expect((await to.loadSamples()).samples).toHaveLength(100)
      await to.flush()
    })

    test('a decision whose key is none costs that line', async () => {
      const file = join(temporaryFolder(), 'export')
      const [from, to] = [await open(), await open()]
      await from.putDecision('key', decisionOf())
      await from.exportTo(file)
      const [header, line] = readFileSync(file, 'utf8').split('\n')
      const renamed = (key: string): string => line!.replace('"key":"key"', `"key":"${key}"`)
      // The schema counts characters, a key's length is that of its UTF-16 form.
      const tooLong = ['k'.repeat(5000), '\u{1F511}'.repeat(3000)]
      writeFileSync(file, [header, ...['', ...tooLong].map(renamed), line].join('\n'))

      const report = await to.importFrom(file)

      expect(report.imported).toEqual({ decisions: 1, samples: 0 })
      expect(report.refused.map(({ line: at }) => at)).toEqual([2, 3, 4])
    })

    test.each([
      ['is missing', undefined],
      ['is empty', ''],
      ['is something else', '{"version":1}\n'],
      ['is binary', '\0\u0001\u0002'],
    ])('an import that %s is refused with a code', async (_what, content) => {
      const file = join(temporaryFolder(), 'export')
      if (content !== undefined) writeFileSync(file, content)
      const store = await open()

      await expect(store.importFrom(file)).rejects.toMatchObject({
        code: 'AMORSIZE_CACHE_IMPORT_FAILED',
      })
    })

    test('an export into a folder that is not there is refused with a code', async () => {
      const store = await open()

      await expect(
        store.exportTo(join(temporaryFolder(), 'missing', 'export')),
      ).rejects.toMatchObject({ code: 'AMORSIZE_CACHE_EXPORT_FAILED' })
    })

    test('an unknown rule for conflicts is refused before anything is read', async () => {
      const store = await open()

      await expect(
        // @ts-expect-error -- what plain JavaScript may pass
        store.importFrom('/nowhere', { onConflict: 'merge' }),
      ).rejects.toMatchObject({ code: 'AMORSIZE_CACHE_INVALID_OPTION', option: 'onConflict' })
    })
  })

  describe('the end', () => {
    test('every method of a closed store rejects with a code', async () => {
      const store = await open()
      await store.close()
      await store.close()

      const calls = [
        store.getDecision('key'),
        store.putDecision('key', decisionOf()),
        store.addSample(sampleOf()),
        store.loadSamples(),
        store.loadNewSamples(),
        store.getDocument('key'),
        store.putDocument('key', {}),
        store.stats(),
        store.prune(),
        store.clear(),
        store.verify(),
        store.exportTo('/nowhere'),
        store.importFrom('/nowhere'),
        store.flush(),
      ]

      const outcomes = await Promise.allSettled(calls)
      expect(
        outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code),
      ).toEqual(calls.map(() => 'AMORSIZE_CACHE_CLOSED'))
    })

    test.each([
      ['ttlMs', 0],
      ['ttlMs', Number.NaN],
      ['sampleTtlMs', -1],
      ['maxEntries', 0],
      ['maxEntries', 1.5],
    ])('an option %s of %d is refused with a code', async (option, value) => {
      await expect((async () => open({ [option]: value }))()).rejects.toMatchObject({
        code: 'AMORSIZE_CACHE_INVALID_OPTION',
        option,
        value,
      })
    })
  })
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)]
}

/** Whatever text a record holds, an export is one line a record and gives it back. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createMemoryStore } from '../src/index.ts'
import { decisionOf, sampleOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What some reader takes for the end of a line, what stands for it, and what takes it apart. */
const UNITS = ['\u2028', '\u2029', '\u0085', '\n', '\r', '\\', 'u2028', '"', '\u{1F511}', 'a']

test('any text survives export and import', async () => {
  const file = join(temporaryFolder(), 'export')
  const text = fc.string({ unit: fc.constantFrom(...UNITS), minLength: 1 })

  await fc.assert(
    fc.asyncProperty(text, text, async (key, note) => {
      const [from, to] = [createMemoryStore(), createMemoryStore()]
      await from.putDecision(key, decisionOf({ reason: note }))
      await from.addSample(sampleOf({ note }))

      await from.exportTo(file)
      await to.importFrom(file)

      expect(readFileSync(file, 'utf8').split(/[\n\r\u2028\u2029]/u)).toHaveLength(4)
      expect(await to.getDecision(key)).toEqual(await from.getDecision(key))
      expect(await to.loadSamples()).toEqual(await from.loadSamples())
    }),
  )
})

test('characters of several bytes are whole wherever the file is cut while it is read', async () => {
  const file = join(temporaryFolder(), 'export')
  const [from, to] = [createMemoryStore(), createMemoryStore()]
  const now = Date.now()
  const notes = Array.from(
    { length: 40 },
    (_, place) => 'x'.repeat(place) + '\u{1F511}'.repeat(5000),
  )
  for (const [place, note] of notes.entries())
    await from.addSample(sampleOf({ note, timestampMs: now + place }))
  await from.exportTo(file)

  await to.importFrom(file)

  expect((await to.loadSamples()).samples.map(({ note }) => note)).toEqual(notes)
})

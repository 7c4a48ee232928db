/** Documents on disk: what the conformance suite cannot see. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { openStore } from '../src/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('another store of the same folder sees a document at once', async () => {
  const directory = temporaryFolder()
  const [writer, reader] = [await openStore({ directory }), await openStore({ directory })]

  expect(await writer.putDocument('machine-1', { a: 1 })).toEqual({ durable: true })

  expect(await reader.getDocument('machine-1')).toEqual({ a: 1 })
  expect(readdirSync(directory)).toEqual(['doc_machine-1.json'])
})

test('of two that are put at once the later one stays', async () => {
  const directory = temporaryFolder()
  const store = await openStore({ directory })

  await Promise.all(Array.from({ length: 20 }, (_, n) => store.putDocument('key', { n })))

  expect(await (await openStore({ directory })).getDocument('key')).toEqual({ n: 19 })
})

test.each([
  ['cut short', '{"key":"key","document":{"a"'],
  ['of another key', '{"key":"other","document":{}}'],
  ['without a document', '{"key":"key"}'],
  ['a list', '[]'],
  ['empty', ''],
])('a file that is %s is no document, and the next one replaces it', async (_what, text) => {
  const directory = temporaryFolder()
  writeFileSync(join(directory, 'doc_key.json'), text)
  const store = await openStore({ directory })

  const before = await store.getDocument('key')
  await store.putDocument('key', { a: 1 })

  expect(before).toBeUndefined()
  expect(await store.getDocument('key')).toEqual({ a: 1 })
})

test('verify counts good documents and moves damaged ones aside', async () => {
  const directory = temporaryFolder()
  const store = await openStore({ directory })
  await store.putDocument('good', { a: 1 })
  writeFileSync(join(directory, 'doc_bad.json'), '{"key":')

  const report = await store.verify({ repair: true })

  expect(report).toMatchObject({
    checked: 2,
    good: 1,
    damaged: [{ file: 'doc_bad.json', reason: 'not JSON' }],
    quarantined: 1,
  })
  expect(readdirSync(directory).toSorted()).toEqual(['doc_good.json', 'quarantine'])
})

test('a document that the disk refuses stays in memory, and is written by the next flush', async () => {
  const directory = temporaryFolder()
  // A folder cannot be replaced by a file.
  const inTheWay = join(directory, 'doc_key.json')
  mkdirSync(inTheWay)
  const codes: string[] = []
  const store = await openStore({ directory, onWarning: ({ code }) => codes.push(code) })

  const receipt = await store.putDocument('key', { a: 1 })
  const meanwhile = await store.getDocument('key')
  rmdirSync(inTheWay)
  await store.flush()

  expect(receipt.durable).toBe(false)
  expect(meanwhile).toEqual({ a: 1 })
  expect(codes).toEqual(['AMORSIZE_CACHE_DEGRADED'])
  expect(JSON.parse(readFileSync(inTheWay, 'utf8'))).toEqual({ key: 'key', document: { a: 1 } })
})

test('a store opened read-only keeps a document to itself', async () => {
  const directory = temporaryFolder()
  const store = await openStore({ directory, readOnly: true })

  expect(await store.putDocument('key', { a: 1 })).toMatchObject({ durable: false })

  expect(await store.getDocument('key')).toEqual({ a: 1 })
  expect(readdirSync(directory)).toEqual([])
})

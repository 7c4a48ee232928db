/** Real processes that share a folder, die and end. They load the built package. */
import { readdirSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { openStore } from '../src/index.ts'
import type { Store } from '../src/index.ts'
import { startFixture } from './child-process.ts'
import { decisionOf } from './example-records.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('every entry that was acknowledged survives kill -9 at any moment of 1,000 writes', async () => {
  const directory = temporaryFolder()
  const acknowledged = new Set<number>()
  let kills = 0
  for (let from = 0; from < 1000; from = firstMissing(acknowledged)) {
    // Each process dies after another number of writes, with others under way.
    const lifetime = 1 + ((kills * 37) % 90)
    const { output, signal } = await startFixture(
      'write-entries.mjs',
      [directory, 'writer', String(from), '1000'],
      (soFar, child) => {
        if (soFar.split('\n').length > lifetime) child.kill('SIGKILL')
      },
    )
    for (const number of wholeLines(output)) acknowledged.add(number)
    if (signal === 'SIGKILL') kills++
  }

  const store = await openStore({ directory })
  const lost = await findLost(store, 'writer', acknowledged)
  const report = await store.verify()

  expect(kills).toBeGreaterThan(10)
  expect(lost).toEqual([])
  expect(report.damaged).toEqual([])
  expect((await store.loadSamples()).skipped).toEqual([])
})

test('8 processes that write 1,000 entries each at once lose none', async () => {
  const directory = temporaryFolder()
  const writers = Array.from({ length: 8 }, (_, index) => `writer-${index}`)

  const endings = await Promise.all(
    writers.map((writer) => startFixture('write-entries.mjs', [directory, writer, '0', '1000'])),
  )

  expect(endings.map(({ code, errors }) => ({ code, errors }))).toEqual(
    writers.map(() => ({ code: 0, errors: '' })),
  )
  const store = await openStore({ directory })
  const all = new Set(Array.from({ length: 1000 }, (_, number) => number))
  for (const writer of writers) expect(await findLost(store, writer, all)).toEqual([])
  expect(await store.stats()).toMatchObject({
    decisions: { count: 4000 },
    samples: { count: 4000 },
    damaged: 0,
  })
  await store.close()
})

test('processes that compact the same folder at once leave every sample', async () => {
  const directory = temporaryFolder()
  await startFixture('write-entries.mjs', [directory, 'writer', '0', '160'])

  const endings = await Promise.all(
    Array.from({ length: 4 }, () => startFixture('load-repeatedly.mjs', [directory, '10'])),
  )

  expect(endings.map(({ output }) => output)).toEqual(Array(4).fill('80\n'.repeat(10)))
  expect(readdirSync(directory)).toContain('samples.snapshot')
})

test('a process killed while it compacts leaves every sample', async () => {
  const directory = temporaryFolder()
  await startFixture('write-entries.mjs', [directory, 'writer', '0', '160'])

  for (let round = 0; round < 5; round++)
    await startFixture('load-repeatedly.mjs', [directory, '100'], (output, child) => {
      if (output.split('\n').length > 1 + 3 * round) child.kill('SIGKILL')
    })

  const store = await openStore({ directory })
  expect(await store.loadSamples()).toMatchObject({ samples: { length: 80 }, skipped: [] })
  await store.close()
})

describe('the end of a process', () => {
  test('a process that simply ends has written what it did not wait for', async () => {
    const directory = temporaryFolder()

    await startFixture('end-without-waiting.mjs', [directory, '50'])

    const store = await openStore({ directory })
    const all = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => (await store.getDecision(`key-${index}`)).hit),
    )
    expect(all).toEqual(Array(50).fill(true))
    expect((await store.loadSamples()).samples).toHaveLength(50)
  })
})

test('an entry that another process has replaced is seen', async () => {
  const directory = temporaryFolder()
  const store = await openStore({ directory })
  await store.putDecision('writer-0', decisionOf({ reason: 'the old one' }))

  await startFixture('write-entries.mjs', [directory, 'writer', '0', '1'])
  let found = await store.getDecision('writer-0')
  while (found.hit && found.entry.reason === 'the old one')
    found = await store.getDecision('writer-0')

  expect(found).toMatchObject({ hit: true, entry: { machine: 'writer' } })
})

/** Numbers that were printed whole; the last line of a killed process may be cut. */
function wholeLines(output: string): number[] {
  return output.split('\n').slice(0, -1).map(Number)
}

function firstMissing(numbers: ReadonlySet<number>): number {
  let number = 0
  while (numbers.has(number)) number++
  return number
}

/** The numbers whose entry is not there as it was written. */
async function findLost(
  store: Store,
  writer: string,
  numbers: ReadonlySet<number>,
): Promise<number[]> {
  const { samples } = await store.loadSamples()
  const present = new Set(
    samples.filter(({ machine }) => machine === writer).map(({ number }) => number),
  )
  const lost: number[] = []
  for (const number of numbers) {
    if (number % 2 === 1) {
      if (!present.has(number)) lost.push(number)
      continue
    }
    const found = await store.getDecision(`${writer}-${number}`)
    const isWhole =
      found.hit && found.entry.chunkSize === 1 + number && found.entry.reason.length === 2000
    if (!isWhole) lost.push(number)
  }
  return lost
}

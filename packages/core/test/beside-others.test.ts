/** Maps of one process share its workers; what one waits for, the others do not. */
import { setTimeout as wait } from 'node:timers/promises'

import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { expect, it, vi } from 'vitest'

import { execute } from '../src/execute.ts'
import { executeStream } from '../src/execute-stream.ts'

const items = Array.from({ length: 50 }, (_, index) => index)
const triple = (item: number): number => item * 3
const expected = items.map(triple)

/** Keeps its worker busy from the item that is named, which it tells, until the cell is set. */
const hold = (item: number, { cell, at }: { cell: Int32Array; at: number }): number => {
  if (item !== at) return item
  Atomics.store(cell, 1, 1)
  Atomics.wait(cell, 0, 0)
  return item
}

it.each([0, 49])('a map does not wait for item %i of another one', async (at) => {
  await using pool = new TaskPool()
  const cell = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  const inWorkers = { pool, allowMainThread: false, useCache: false } as const
  const held = execute(hold, items, { ...inWorkers, maxWorkers: 1, context: { cell, at } })
  await vi.waitUntil(() => Atomics.load(cell, 1) === 1, { timeout: 20_000 })
  // Until then it may be about to end.
  await wait(200)

  const alone = await execute(triple, items, { ...inWorkers, maxWorkers: 1 })
  const shared = await execute(triple, items, { ...inWorkers, maxWorkers: 2 })
  const here = await execute(triple, items, { pool, store: createMemoryStore() })
  const streamed: number[] = []
  for await (const result of executeStream(triple, items, inWorkers)) streamed.push(result)
  Atomics.store(cell, 0, 1)
  Atomics.notify(cell, 0)

  expect([alone, shared, here, streamed]).toEqual([expected, expected, expected, expected])
  expect(await held).toEqual(items)
})

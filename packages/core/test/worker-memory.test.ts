import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { mostWorkerBytes } from '../src/defaults.ts'
import { execute } from '../src/execute.ts'

const MEGABYTE = 1e6

/** Keeps 4 MB of every item, and tells how many items its worker has kept. */
const leak = (item: number): { item: number; kept: number } => {
  const worker = globalThis as { kept?: Uint8Array[] }
  const kept = (worker.kept ??= [])
  kept.push(new Uint8Array(4e6).fill(item))
  return { item, kept: kept.length }
}

it('a task that leaks loses its workers from time to time, and no result', async () => {
  await using pool = new TaskPool({ maxWorkerMemoryBytes: 40 * MEGABYTE })
  const options = { pool, store: createMemoryStore(), useCache: false, allowMainThread: false }
  const items = Array.from({ length: 40 }, (_, index) => index)

  let startedWorkers = 0
  for (let run = 0; run < 5; run++) {
    const results = await execute(leak, items, { ...options, maxWorkers: 2 })

    expect(results.map(({ item }) => item)).toEqual(items)
    startedWorkers += results.filter(({ kept }) => kept === 1).length
  }

  expect(startedWorkers).toBeGreaterThan(2)
})

it('a task that needs much from the beginning keeps its workers', async () => {
  const hold = (item: number): { item: number; runs: number } => {
    const worker = globalThis as { model?: Uint8Array; runs?: number }
    worker.model ??= new Uint8Array(100e6).fill(1)
    worker.runs = (worker.runs ?? 0) + 1
    return { item, runs: worker.runs }
  }
  await using pool = new TaskPool({ maxWorkerMemoryBytes: 40 * MEGABYTE })
  const options = { pool, store: createMemoryStore(), useCache: false, allowMainThread: false }
  const items = Array.from({ length: 40 }, (_, index) => index)

  let startedWorkers = 0
  for (let run = 0; run < 5; run++) {
    const results = await execute(hold, items, { ...options, maxWorkers: 1 })
    startedWorkers += results.filter(({ runs }) => runs === 1).length
  }

  expect(startedWorkers).toBe(1)
})

it('the workers of a shared pool leave half of the memory, where it is not too little to share', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e12, noNaN: true }),
      fc.integer({ min: 1, max: 256 }),
      (availableBytes, cores) => {
        const bytes = mostWorkerBytes(availableBytes, cores)

        expect(bytes).toBeGreaterThanOrEqual(256 * MEGABYTE)
        if (bytes > 256 * MEGABYTE) {
          expect(bytes * cores).toBeLessThanOrEqual(availableBytes * 0.5 * (1 + Number.EPSILON * 4))
        }
      },
    ),
  )
})

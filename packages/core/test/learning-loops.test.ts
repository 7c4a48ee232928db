/** What a plain loop teaches beside its item time: what its items would have cost elsewhere. */
import { serialize } from 'node:v8'

import { createMemoryStore } from '@amorsize/cache'
import type { TrainingSample } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import type { Task } from '@amorsize/sampler'
import { expect, it, vi } from 'vitest'

import { execute } from '../src/execute.ts'

const numbers = Array.from({ length: 400 }, (_, index) => index)

const spin = (item: number): number[] => {
  let sum = item
  for (let turn = 0; turn < 20_000; turn++) sum += Math.sqrt(turn)
  return [sum]
}
const makeCounter = (item: number): (() => number) => {
  let sum = item
  for (let turn = 0; turn < 20_000; turn++) sum += Math.sqrt(turn)
  return () => sum
}

/** The sample of a map that no worker may run. */
async function sampleOf<I, O>(task: Task<I, O>, items: readonly I[]): Promise<TrainingSample> {
  await using pool = new TaskPool()
  await pool.warm(2)
  const store = createMemoryStore()
  const learned = { store, pool, useCache: false, enableOnlineLearning: true }
  await execute(task, items, { ...learned, maxInFlight: 1 })
  const { samples } = await vi.waitUntil(
    async () => {
      const loaded = await store.loadSamples()
      return loaded.samples.length > 0 && loaded
    },
    { timeout: 20_000 },
  )
  return samples[0]!
}

it('a loop tells what sending its items would cost, and beside which workers it ran', async () => {
  const sample = await sampleOf(spin, numbers)

  expect(sample).toMatchObject({ executor: 'serial', nJobs: 1, warmWorkers: 2 })
  expect(sample['cloneMs']).toBeGreaterThan(0)
  expect(sample.features.serializedBytes).toBe(serialize([0.5]).byteLength)
})

it('a loop over what cannot be sent teaches all the same', async () => {
  const sample = await sampleOf(makeCounter, numbers)

  expect(sample).toMatchObject({ executor: 'serial', nJobs: 1 })
  expect(sample['cloneMs']).toBeUndefined()
})

it('a function that is given larger items is weighed anew', async () => {
  const copy = (item: readonly number[]): number[] => {
    let sum = 0
    for (let turn = 0; turn < 20_000; turn++) sum += Math.sqrt(turn)
    return item.map((value) => value + sum)
  }
  const listsOf = (length: number): number[][] => numbers.map(() => Array(length).fill(1))

  const small = await sampleOf(copy, listsOf(2))
  const large = await sampleOf(copy, listsOf(2000))

  expect(small.features.serializedBytes).toBeLessThan(100)
  expect(large.features.serializedBytes).toBeGreaterThan(10_000)
})

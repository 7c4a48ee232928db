/** Arrays that their caller changes while they are mapped, or as soon as they are. */
import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it } from 'vitest'

import { rememberDecision } from '../src/decide/from-cache.ts'
import { decideFromOpening } from '../src/decide/from-opening.ts'
import { execute } from '../src/execute.ts'
import { runOpening } from '../src/opening.ts'
import type { ExecuteOptions } from '../src/options.ts'
import { createRequest } from '../src/request.ts'
import { decisionsOf } from './kept-decisions.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const spin = (item: number): number => {
  const endMs = performance.now() + 1
  while (performance.now() < endMs);
  return item
}

describe.each<Pick<ExecuteOptions, 'allowMainThread' | 'maxInFlight'>>([
  { maxInFlight: 1 },
  { allowMainThread: false },
])('a map with %o', (where) => {
  const settings = (): ExecuteOptions => ({ store: createMemoryStore(), pool, ...where })

  it('says so where its array is emptied before it has begun', async () => {
    const items = numbers(300)

    const run = execute(spin, items, settings())
    items.length = 0

    await expect(run).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_CHANGED_DATA',
      message: expect.stringMatching(/300 items.*got 0.*\[\.\.\.items\]/),
    })
  })

  it('says so where its array is emptied in the middle', async () => {
    const items = numbers(1000)
    const options = settings()
    const run = (): Promise<unknown> => {
      const batch = [...items]
      return execute(spin, batch, { ...options, onProgress: () => void (batch.length = 10) })
    }

    await expect(run()).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_CHANGED_DATA' })
    // Then it is decided by the cache.
    await execute(spin, items, options)
    await expect(run()).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_CHANGED_DATA' })
  })

  it('runs what was there at the call where its array grows', async () => {
    const items = numbers(300)

    const run = execute(spin, items, { ...settings(), onProgress: () => void items.push(-1) })
    items.push(-1)

    expect(await run).toEqual(numbers(300))
  })
})

it('what a map was is kept, also where its array is emptied before the store is open', async () => {
  const store = createMemoryStore()
  const decisions = decisionsOf(store)
  const items = numbers(40)
  const request = await createRequest(spin, items, { pool, store })
  const opening = await runOpening({ ...request, maxWorkers: 0 }, undefined)
  const decision = decideFromOpening(request, opening)
  let open: () => void = () => {}
  const isOpen = new Promise<void>((resolve) => (open = resolve))

  const kept = rememberDecision(
    { ...request, openStore: () => isOpen.then(() => store) },
    { ...decision, results: opening.results },
  )
  items.length = 0
  opening.results.values.length = 0
  open()
  await kept

  const [, entry] = decisions.at(-1)!
  expect(entry.features.dataSize).toBe(40)
  expect(entry['costs']).toMatchObject({ dispatch: { cloneMs: expect.any(Number) } })
})

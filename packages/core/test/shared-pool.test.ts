import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import type { Runtime } from '@amorsize/sampler'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { execute } from '../src/execute.ts'
import { executeStream } from '../src/execute-stream.ts'
import type { ExecuteOptions } from '../src/options.ts'

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Leaves a line for each time that an item is run. */
const counted = (item: number, file: string): number => {
  process.getBuiltinModule('node:fs').appendFileSync(file, `${item}\n`)
  const endMs = performance.now() + 1
  while (performance.now() < endMs);
  return item * 2
}

const slow = (item: number): number => {
  const endMs = performance.now() + 20
  while (performance.now() < endMs);
  return item
}

const exitsAtFour = (item: number): number => {
  const endMs = performance.now() + 1
  while (performance.now() < endMs);
  return item % 20 === 4 ? process.exit(3) : item
}

const hangsAtFour = (item: number): number => {
  const endMs = performance.now() + 1
  while (performance.now() < endMs);
  if (item === 4) for (;;);
  return item
}

describe.each(RUNTIMES)('two maps on one pool, in %s', (runtime) => {
  const ITEMS = numbers(150)
  let pool: TaskPool
  let directory: string
  let file: string

  beforeEach(async () => {
    pool = new TaskPool({ runtime })
    directory = mkdtempSync(path.join(tmpdir(), 'amorsize-test-'))
    file = path.join(directory, 'counted')
    appendFileSync(file, '')
    await pool.warm(2)
  })

  afterEach(async () => {
    await pool.close()
    rmSync(directory, { recursive: true })
  })

  const alone = (): Pick<
    ExecuteOptions,
    'pool' | 'runtime' | 'store' | 'allowMainThread' | 'maxWorkers'
  > => ({
    pool,
    runtime,
    store: createMemoryStore(),
    allowMainThread: false,
    maxWorkers: 2,
  })

  /** The map beside which another comes to grief. */
  const innocent = (retries: number): Promise<number[]> =>
    execute(counted, ITEMS, { ...alone(), context: file, retries })

  async function expectEachOnce(results: Promise<number[]>): Promise<void> {
    expect(await results).toEqual(ITEMS.map((item) => item * 2))
    const runs = readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number)
    expect(runs.toSorted((a, b) => a - b)).toEqual(ITEMS)
  }

  describe.each([0, 1])('of which one may retry %i times', (retries) => {
    it.each([0, 5, 20, 100])('an abort of the other after %i ms costs it nothing', async (ms) => {
      const controller = new AbortController()
      const results = innocent(retries)
      const aborted = execute(slow, numbers(100), { ...alone(), signal: controller.signal })
      aborted.catch(() => {})

      await delay(ms)
      controller.abort('enough')

      await expect(aborted).rejects.toBe('enough')
      await expectEachOnce(results)
    })
  })

  it('items of one that end workers cost the other nothing', async () => {
    const results = innocent(0)

    const outcomes = await execute(exitsAtFour, numbers(60), {
      ...alone(),
      onError: 'collect',
      retries: 0,
    })

    const failed = numbers(60).filter((index) => outcomes[index]!.status === 'rejected')
    expect(failed).toEqual([4, 24, 44])
    await expectEachOnce(results)
  })

  it('an item of one that is out of time costs the other nothing', async () => {
    const results = innocent(0)

    const outcomes = await execute(hangsAtFour, numbers(40), {
      ...alone(),
      onError: 'collect',
      itemTimeoutMs: 2000,
    })

    const failed = numbers(40).filter((index) => outcomes[index]!.status === 'rejected')
    expect(failed).toEqual([4])
    await expectEachOnce(results)
  })

  it('a stream that is left early costs the other nothing', async () => {
    const results = innocent(0)

    for await (const result of executeStream(slow, numbers(100), alone())) {
      if (result === 3) break
    }

    await expectEachOnce(results)
  })
})

import { expect, it } from 'vitest'

import { dryRun, prepareTask, TaskPool } from '../src/index.ts'
import type { Runtime, WorkerExitError } from '../src/index.ts'

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

it.each(RUNTIMES)(
  'an isolated chunk has a worker of %s that runs nothing else',
  async (runtime) => {
    await using pool = new TaskPool({ runtime })
    const count = prepareTask(() => {
      const shared = globalThis as { calls?: number }
      shared.calls = (shared.calls ?? 0) + 1
      return shared.calls
    }, undefined).definition
    const calls = async (isIsolated: boolean): Promise<unknown> =>
      (await pool.runChunk(count, [0], { maxWorkers: 1, isIsolated })).values[0]

    expect(await calls(false)).toBe(1)
    expect(await calls(true)).toBe(1)
    expect(await calls(true)).toBe(1)
    expect(await calls(false)).toBe(2)
    expect(pool.warmWorkers).toBe(1)
  },
)

it.each(RUNTIMES)(
  'close() ends an isolated worker of %s in the middle of its chunk',
  async (runtime) => {
    const pool = new TaskPool({ runtime })
    const hang = prepareTask(() => {
      for (;;);
    }, undefined).definition
    const running = pool.runChunk(hang, [0], { maxWorkers: 1, isIsolated: true })
    const settled = expect(running).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_POOL_CLOSED' })

    await pool.close()

    await settled
  },
)

it('a dry run whose listener is told of failures goes on and counts those items as done', async () => {
  await using pool = new TaskPool()
  const failed: number[] = []
  const failing = (item: number): number => {
    if (item % 2 === 0) throw new Error(String(item))
    return item
  }

  for (const allowMainThread of [true, false]) {
    const { results } = await dryRun(failing, numbers(40), {
      pool,
      allowMainThread,
      onItemError: ({ index }) => failed.push(index),
    })

    expect(failed.length).toBeGreaterThan(0)
    for (const index of failed.splice(0)) {
      expect(index % 2).toBe(0)
      expect(results.has(index)).toBe(true)
    }
  }
})

it('a dry run that loses its worker leaves what was lost to be run, and says which item ran', async () => {
  await using pool = new TaskPool()
  const losses: WorkerExitError[] = []

  const { results } = await dryRun(
    (item: number) => (item === 0 ? process.exit(1) : item),
    numbers(40),
    { pool, allowMainThread: false, onWorkerLoss: (error) => losses.push(error) },
  )

  expect(losses).toMatchObject([{ index: 0, progress: 'some' }])
  expect(results.has(0)).toBe(false)
})

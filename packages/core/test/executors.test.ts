import { PartialResults, prepareTask, TaskPool } from '@amorsize/sampler'
import { expect, it } from 'vitest'

import { EXECUTORS } from '../src/executors/index.ts'
import { runExecutorSuite } from './executor.conformance.ts'

runExecutorSuite({ name: 'serial', executor: EXECUTORS.serial })
runExecutorSuite({ name: 'async', executor: EXECUTORS.async })
runExecutorSuite({ name: 'worker_threads', executor: EXECUTORS.worker_threads })
runExecutorSuite({
  name: 'child_process',
  executor: EXECUTORS.child_process,
  runtime: 'child_process',
})

it('a pool starts no more workers than the run may use now', async () => {
  await using pool = new TaskPool()
  const items = Array.from({ length: 50 }, (_, index) => index)
  const results = new PartialResults<number>(items.length)

  await EXECUTORS.worker_threads.run({
    task: prepareTask((item: number) => item, undefined),
    items,
    results,
    plan: { executor: 'worker_threads', nJobs: 3, chunkSize: 5 },
    pool,
    signal: undefined,
    onProgress: () => {},
    workerLimit: () => 1.5,
  })

  expect(results.values).toEqual(items)
  expect(pool.warmWorkers).toBe(1)
})

it('a pool follows the number of workers that the run may use, down and up again', async () => {
  await using pool = new TaskPool()
  const items = Array.from({ length: 900 }, (_, index) => index)
  const results = new PartialResults<number>(items.length)
  const besides = (_: number, running: Int32Array): number => {
    const count = Atomics.add(running, 0, 1) + 1
    Atomics.wait(running, 1, 0, 2)
    Atomics.sub(running, 0, 1)
    return count
  }
  // Two chunks each of three workers may be under way still when the limit falls.
  const [falls, rises, underWay] = [300, 600, 2 * 3 * 5]

  await EXECUTORS.worker_threads.run({
    task: prepareTask(besides, new Int32Array(new SharedArrayBuffer(8))),
    items,
    results,
    plan: { executor: 'worker_threads', nJobs: 3, chunkSize: 5 },
    pool,
    signal: undefined,
    onProgress: () => {},
    workerLimit: () => (results.doneCount >= falls && results.doneCount < rises ? 1 : 3),
  })

  const most = (from: number, to: number): number => Math.max(...results.values.slice(from, to))
  expect(most(0, falls)).toBeGreaterThan(1)
  expect(most(falls + underWay, rises - underWay)).toBe(1)
  expect(most(rises, 900)).toBeGreaterThan(1)
})

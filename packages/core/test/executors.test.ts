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

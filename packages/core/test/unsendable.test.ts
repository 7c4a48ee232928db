import { createMemoryStore } from '@amorsize/cache'
import { PartialResults, prepareTask, TaskPool } from '@amorsize/sampler'
import type { Runtime, Task } from '@amorsize/sampler'
import { afterAll, describe, expect, it } from 'vitest'

import { executeStream } from '../src/execute-stream.ts'
import { EXECUTORS } from '../src/executors/index.ts'

const threads = new TaskPool({ runtime: 'worker_threads' })
const children = new TaskPool({ runtime: 'child_process' })
const POOLS: readonly [Runtime, TaskPool][] = [
  ['worker_threads', threads],
  ['child_process', children],
]
afterAll(async () => {
  await threads.close()
  await children.close()
})

const COUNT = 60
const ODD_ONE = 41
const items = Array.from({ length: COUNT }, (_, index) => index)

interface Collected {
  readonly values: unknown[]
  readonly failures: Map<number, Error>
}

async function collect(
  pool: TaskPool,
  task: Task<number, unknown>,
  chunkSize = 16,
): Promise<Collected> {
  const results = new PartialResults<unknown>(COUNT)
  const failures = new Map<number, Error>()
  await EXECUTORS[pool.runtime].run({
    task: prepareTask(task, undefined),
    items,
    results,
    plan: { executor: pool.runtime, nJobs: 2, chunkSize },
    pool,
    signal: undefined,
    onProgress: () => {},
    onItemError: (index, error) => {
      failures.set(index, error)
      results.set(index, 'failed')
    },
  })
  return { values: results.values, failures }
}

const without = (index: number): unknown[] =>
  items.map((item) => (item === index ? 'failed' : item))

describe.each(POOLS)('of a map in %s nothing else is lost', (_, pool) => {
  it.each<[string, Task<number, unknown>]>([
    [
      'with a result that is refused only when it is sent',
      (item) => (item === 41 ? Object.assign(Array(1000).fill('a'), { run() {} }) : item),
    ],
    [
      'with a result that is nested too deep to be read',
      (item) => {
        let value: unknown = item
        if (item === 41) for (let level = 0; level < 3000; level++) value = { value }
        return value
      },
    ],
    [
      'with a result that ends its worker when it is sent, each time',
      (item) => {
        if (item !== 41) return item
        let reads = 0
        return {
          // Read once while the result is looked at.
          get value(): number {
            if (++reads > 1) process.exit()
            return item
          },
        }
      },
    ],
  ])('%s', async (__, task) => {
    const { values, failures } = await collect(pool, task)

    expect(values).toEqual(without(ODD_ONE))
    expect([...failures.keys()]).toEqual([ODD_ONE])
    expect(failures.get(ODD_ONE)).toMatchObject({
      code: expect.stringMatching(/^AMORSIZE_SAMPLER_(ITEM|WORKER_EXIT)$/),
      index: ODD_ONE,
    })
  })
})

it('of a map nothing else is lost with a reply that cannot be read', async () => {
  const { values, failures } = await collect(children, (item) => {
    if (item !== 41) return item
    const { Serializer } = process.getBuiltinModule('node:v8')
    // oxlint-disable-next-line typescript/unbound-method
    const { releaseBuffer } = Serializer.prototype
    Serializer.prototype.releaseBuffer = function () {
      Serializer.prototype.releaseBuffer = releaseBuffer
      return releaseBuffer.call(this).fill(0)
    }
    return item
  })

  expect(values).toEqual(without(ODD_ONE))
  expect(failures.get(ODD_ONE)).toMatchObject({
    code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
    index: ODD_ONE,
  })
})

describe.each(POOLS)('a stream through %s', (_, pool) => {
  it.each([true, false])(
    'goes on behind an item that cannot be sent, ordered: %s',
    async (ordered) => {
      const source = Array.from({ length: 3000 }, (__, index) =>
        index === 2500 ? () => {} : index,
      )
      const outcomes: unknown[] = []
      const stream = executeStream((item: unknown) => typeof item, source, {
        pool,
        store: createMemoryStore(),
        allowMainThread: false,
        onError: 'collect',
        ordered,
      })
      for await (const { status } of stream) outcomes.push(status)

      expect(outcomes).toHaveLength(3000)
      expect(outcomes.filter((status) => status === 'rejected')).toHaveLength(1)
      if (ordered) expect(outcomes[2500]).toBe('rejected')
    },
  )
})

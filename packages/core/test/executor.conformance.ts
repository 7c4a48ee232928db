import { ItemError, PartialResults, prepareTask, TaskPool } from '@amorsize/sampler'
import type { Runtime, Task } from '@amorsize/sampler'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import type { Execution, Executor } from '../src/executors/executor.ts'
import type { Plan } from '../src/search.ts'

interface Subject {
  readonly name: Plan['executor']
  readonly executor: Executor
  readonly runtime?: Runtime
}

/** What every executor has to do, whatever runs the items. */
export function runExecutorSuite({ name, executor, runtime = 'worker_threads' }: Subject): void {
  describe(`the ${name} executor`, () => {
    const pool = new TaskPool({ runtime })
    afterAll(() => pool.close())

    function execution<I, O>(
      task: Task<I, O>,
      items: ArrayLike<I>,
      overrides: Partial<Execution<I, O>> = {},
    ): Execution<I, O> {
      return {
        task: prepareTask(task, undefined),
        items,
        results: new PartialResults<O>(items.length),
        plan: { executor: name, nJobs: 2, chunkSize: 3 },
        pool,
        signal: undefined,
        onProgress: () => {},
        ...overrides,
      }
    }

    it('completes the results in the order of the items, for every plan and every gap', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer(), { maxLength: 40 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 50 }),
          fc.func(fc.boolean()),
          async (items, nJobs, chunkSize, isDone) => {
            const results = new PartialResults<number | string>(items.length)
            for (const index of items.keys()) if (isDone(index)) results.set(index, 'sampled')
            const expected = items.map((item, index) => (results.has(index) ? 'sampled' : item * 2))

            await executor.run<number, number | string>(
              execution((item: number) => item * 2, items, {
                results,
                plan: { executor: name, nJobs, chunkSize },
              }),
            )

            expect(results.values).toEqual(expected)
            expect(results.restCount).toBe(0)
          },
        ),
        { numRuns: 30 },
      )
    })

    it('waits for asynchronous items', async () => {
      const run = execution(
        async (item: number) => {
          await new Promise((resolve) => setImmediate(resolve))
          return item + 1
        },
        Float64Array.of(1, 2, 3, 4),
      )

      await executor.run(run)

      expect(run.results.values).toEqual([2, 3, 4, 5])
    })

    it('names the item that throws and keeps what it threw', async () => {
      const run = execution(
        (item: number) => {
          if (item === 7) throw Object.assign(new RangeError('seven'), { code: 'E_SEVEN', item })
          return item
        },
        Array.from({ length: 10 }, (_, index) => index),
      )

      const error = await executor.run(run).catch((thrown: unknown) => thrown)

      expect(error).toBeInstanceOf(ItemError)
      expect(error).toMatchObject({ index: 7, code: 'AMORSIZE_SAMPLER_ITEM' })
      expect((error as ItemError).cause).toBeInstanceOf(RangeError)
      expect((error as ItemError).cause).toMatchObject({
        message: 'seven',
        code: 'E_SEVEN',
        item: 7,
      })
    })

    it('names the item that rejects', async () => {
      const run = execution(
        async (item: number) => {
          await Promise.resolve()
          // The point is that any value can be thrown.
          // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
          if (item === 2) throw 'not an error'
          return item
        },
        [0, 1, 2],
      )

      await expect(executor.run(run)).rejects.toMatchObject({ index: 2, cause: 'not an error' })
    })

    it('runs again after a run that failed', async () => {
      const failing = execution(
        (item: number) => {
          if (item === 1) throw new Error('once')
          return item
        },
        [1],
      )
      await expect(executor.run(failing)).rejects.toThrow('once')
      const run = execution((item: number) => -item, [1, 2])

      await executor.run(run)

      expect(run.results.values).toEqual([-1, -2])
    })

    it('starts no item once the signal is aborted, and rejects with its reason', async () => {
      const reason = new Error('not now')
      const run = execution((item: number) => item, [1, 2, 3], {
        signal: AbortSignal.abort(reason),
      })

      await expect(executor.run(run)).rejects.toBe(reason)
      expect(run.results.doneCount).toBe(0)
    })

    it('stops in the middle when the signal is aborted', async () => {
      const controller = new AbortController()
      const reason = new Error('enough')
      const run = execution(
        (item: number) =>
          new Promise<number>((resolve) => {
            setTimeout(() => resolve(item), 5)
          }),
        Array.from({ length: 1000 }, (_, index) => index),
        {
          signal: controller.signal,
          plan: { executor: name, nJobs: 2, chunkSize: 1 },
          onProgress: () => controller.abort(reason),
        },
      )

      await expect(executor.run(run)).rejects.toBe(reason)
      expect(run.results.doneCount).toBeLessThan(1000)
    })
  })
}

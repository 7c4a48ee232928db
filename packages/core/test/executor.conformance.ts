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

    function execution<I, O, C = undefined>(
      task: Task<I, O, C>,
      items: ArrayLike<I>,
      overrides: Partial<Execution<I, O>> = {},
      context?: C,
    ): Execution<I, O> {
      return {
        task: prepareTask(task, context as C),
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

    it('comes to the last item at once where millions before it are done', async () => {
      const items = new Uint8Array(3_000_000).fill(7)
      const results = new PartialResults<number>(items.length)
      results.markDone(0, items.length - 1)

      await executor.run(execution((item: number) => item * 2, items, { results }))

      expect(results.restCount).toBe(0)
      expect(results.values.at(-1)).toBe(14)
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

    it('goes on after items that fail where their errors are kept', async () => {
      const failures = new Map<number, Error>()
      const results = new PartialResults<number>(20)
      const run = execution(
        (item: number) => {
          if (item % 3 === 0) throw new Error(`three divides ${item}`)
          return item
        },
        numbers(20),
        {
          results,
          plan: { executor: name, nJobs: 2, chunkSize: 6 },
          onItemError: (index, error) => {
            failures.set(index, error)
            results.set(index, Number.NaN)
          },
        },
      )

      await executor.run(run)

      expect(results.values).toEqual(
        numbers(20).map((item) => (item % 3 === 0 ? Number.NaN : item)),
      )
      expect([...failures.keys()].toSorted((a, b) => a - b)).toEqual([0, 3, 6, 9, 12, 15, 18])
      expect(failures.get(9)).toMatchObject({ index: 9, cause: { message: 'three divides 9' } })
    })

    it('gives up an item that waits for longer than its time, and only that', async () => {
      const failures = new Map<number, Error>()
      const results = new PartialResults<number>(5)
      const run = execution(
        (item: number) => (item === 2 ? new Promise<number>(() => {}) : Promise.resolve(item)),
        numbers(5),
        {
          results,
          itemTimeoutMs: 100,
          plan: { executor: name, nJobs: 2, chunkSize: 5 },
          onItemError: (index, error) => {
            failures.set(index, error)
            results.set(index, -1)
          },
        },
      )

      await executor.run(run)

      expect(results.values).toEqual([0, 1, -1, 3, 4])
      expect([...failures]).toMatchObject([
        [2, { code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT', index: 2 }],
      ])
    })

    it('tells what the items took and how many there were', async () => {
      const run = execution((item: number) => {
        let sum = 0
        for (let index = 0; index < 20_000; index++) sum += Math.sqrt(index + item)
        return sum
      }, numbers(100))

      const costs = await executor.run(run)

      expect(costs.itemCount).toBe(100)
      expect(costs.itemTimeMs).toBeGreaterThan(0)
      expect(costs.busyMs).toBeCloseTo(100 * costs.itemTimeMs)
      expect(costs.coefficientOfVariation).toBeGreaterThanOrEqual(0)
      expect(costs.lostWorkers).toBe(0)
    })

    if (name !== 'async') {
      it('ends early with items left where it is told to, and another run completes them', async () => {
        const counts = new Int32Array(new SharedArrayBuffer(2000 * 4))
        const results = new PartialResults<number>(2000)
        const whole = execution(
          (item: number, calls: Int32Array | undefined) => {
            if (calls) Atomics.add(calls, item, 1)
            let sum = item
            for (let index = 0; index < 100_000; index++) sum += Math.sqrt(index)
            return sum > 0 ? item : -1
          },
          numbers(2000),
          { results, plan: { executor: name, nJobs: 2, chunkSize: 20 } },
          // Processes share no memory.
          name === 'child_process' ? undefined : counts,
        )

        await executor.run({ ...whole, reconsider: () => true })
        const doneEarly = results.doneCount
        await executor.run(whole)

        expect(doneEarly).toBeGreaterThan(0)
        expect(doneEarly).toBeLessThan(2000)
        expect(results.values).toEqual(numbers(2000))
        if (name !== 'child_process') expect(new Set(counts)).toEqual(new Set([1]))
      })
    }
  })
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

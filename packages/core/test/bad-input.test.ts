import { createMemoryStore } from '@amorsize/cache'
import { AmorsizeError } from '@amorsize/features'
import { TaskPool } from '@amorsize/sampler'
import { describe, expect, it } from 'vitest'

import { execute } from '../src/execute.ts'
import { executeStream } from '../src/execute-stream.ts'
import { optimize } from '../src/optimize.ts'

/** Calls as untyped code would make them. */
const untyped = { execute, optimize } as unknown as Record<
  'execute' | 'optimize',
  (...args: unknown[]) => Promise<unknown>
>
const identity = (item: unknown): unknown => item

async function refusal(...args: unknown[]): Promise<AmorsizeError> {
  const thrown = await untyped.execute(...args).catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(AmorsizeError)
  return thrown as AmorsizeError
}

describe('bad input', () => {
  it.each([
    ['notAFunction', 'AMORSIZE_SAMPLER_INVALID_TASK', "'notAFunction' (string)"],
    [undefined, 'AMORSIZE_SAMPLER_INVALID_TASK', 'undefined'],
    [{ url: 'x' }, 'AMORSIZE_SAMPLER_INVALID_TASK', "{ url: 'x' } (object)"],
    [Math.sqrt, 'AMORSIZE_SAMPLER_TASK_LOAD', '`sqrt`'],
    [identity.bind(undefined), 'AMORSIZE_SAMPLER_TASK_LOAD', 'bound'],
  ])('refuses %s as the task', async (task, code, named) => {
    const error = await refusal(task, [1, 2, 3])

    expect(error.code).toBe(code)
    expect(error.message).toContain(named)
    expect(error.message).toContain(error.remedy)
  })

  it.each([
    [42, '42 (number)'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ length: 3 }, '{ length: 3 } (object)'],
    ['text', '[...text]'],
  ])('refuses %s as the data', async (data, named) => {
    const error = await refusal(identity, data)

    expect(error.code).toBe('AMORSIZE_SAMPLER_INVALID_DATA')
    expect(error.message).toContain(named)
    expect(error.value).toBe(data)
  })

  const scale = (n: number): number => n
  const secret = Symbol('one')
  const weak = new WeakMap()
  it.each<[unknown, string, unknown]>([
    [scale, '`context` is a function', scale],
    [{ rates: { scale } }, '`context.rates.scale` is a function', scale],
    [{ 'not a name': [1, secret] }, '`context["not a name"][1]` is a symbol', secret],
    [new Map([['key', weak]]), '`context.values()` is a weak collection', weak],
    [new Set([Promise.resolve(1)]), '`context.values()` is a promise', expect.any(Promise)],
  ])(
    'refuses a context that no worker could be given, however short the map: %o',
    async (...given) => {
      const [context, message, value] = given
      for (const attempt of ['first', 'second']) {
        const error = await refusal(identity, [1], { context, store: createMemoryStore() })
        expect(error.code, attempt).toBe('AMORSIZE_SAMPLER_TASK_LOAD')
        expect(error.message).toContain(message)
        expect(error.value).toEqual(value)
        expect(error).not.toHaveProperty('cause')
      }
      expect(() => executeStream(identity, [1], { context })).toThrow(message)
    },
  )

  it('ends a stream on workers with the error of a step that cannot be read', async () => {
    let read = 0
    const next = async (): Promise<{ readonly done: boolean; readonly value: number }> => ({
      done: false,
      get value() {
        if (++read > 2000) throw new Error('unreadable')
        return read
      },
    })
    const source = { [Symbol.asyncIterator]: () => ({ next }) }
    const results: unknown[] = []
    const reading = async (): Promise<void> => {
      const store = createMemoryStore()
      const stream = executeStream(identity, source, { allowMainThread: false, store })
      for await (const result of stream) results.push(result)
    }

    await expect(reading()).rejects.toThrow('unreadable')
    expect(results).toHaveLength(2000)
  })

  it('takes any context where nothing leaves the thread, and whatever else can be sent', async () => {
    const store = createMemoryStore()
    const apply = (n: number, { add }: { add: (n: number) => number }): number => add(n)
    const context = { add: (n: number) => n + 1 }
    expect(await execute(apply, [1], { context, store, maxInFlight: 1 })).toEqual([2])

    const cyclic: Record<string, unknown> = { date: new Date(), list: [undefined, null, 1n] }
    cyclic['self'] = cyclic
    let deep: unknown = 1
    for (let level = 0; level < 1200; level++) deep = { deep }
    for (const sendable of [cyclic, deep, { scale: undefined }]) {
      expect(await execute(identity, [1], { context: sendable, store })).toEqual([1])
    }
  })

  it('does not run the getters of a context, nor look at all of a large one', async () => {
    let reads = 0
    const context = {
      get large() {
        reads++
        return 1
      },
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`field${n}`, n])),
      scale,
    }
    expect(await execute(identity, [1], { context, useCache: false })).toEqual([1])
    expect(reads).toBe(0)
  })

  it('runs with a context that only threads can share, in threads', async () => {
    const context = { shared: new SharedArrayBuffer(8) }
    const size = (_: number, { shared }: typeof context): number => shared.byteLength

    expect(await execute(size, [1], { context, store: createMemoryStore() })).toEqual([8])
  })

  it.each([
    [{ [Symbol.iterator]: 5 }],
    [{ [Symbol.iterator]: () => 5 }],
    [{ [Symbol.asyncIterator]: () => ({}) }],
    [{ [Symbol.iterator]: () => ({ next: () => 7 }) }],
    [{ [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(7) }) }],
  ])('refuses data that only looks iterable: %o', async (data) => {
    const source = data as unknown as Iterable<number>
    const read = async (): Promise<void> => {
      for await (const _ of executeStream((item: number) => item, source));
    }

    expect((await refusal(identity, data)).code).toBe('AMORSIZE_SAMPLER_INVALID_DATA')
    await expect(read()).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_INVALID_DATA' })
  })

  it('says which item threw what cannot be read', async () => {
    const unreadable = (item: number): number => {
      if (item < 2) return item
      throw new Proxy(
        {},
        {
          get: () => {
            throw new Error('no')
          },
          getPrototypeOf: () => {
            throw new Error('no')
          },
        },
      )
    }

    await expect(execute(unreadable, [1, 2])).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_ITEM',
      index: 1,
    })
  })

  it.each([
    ['useCache', 'yes'],
    ['useMlPrediction', 1],
    ['mlConfidenceThreshold', 1.5],
    ['mlConfidenceThreshold', Number.NaN],
    ['verbose', 'loud'],
    ['maxWorkers', 0],
    ['maxWorkers', 2.5],
    ['maxWorkers', '4'],
    ['maxWorkers', 1_000_000],
    ['maxInFlight', 0],
    ['maxInFlight', Infinity],
    ['runtime', 'cluster'],
    ['sampleBudgetMs', -1],
    ['sampleBudgetMs', Infinity],
    ['allowMainThread', null],
    ['store', {}],
    ['pool', 'pool'],
    ['signal', { aborted: false }],
    ['log', 'console'],
    ['onProgress', true],
    ['enableOnlineLearning', 'on'],
    ['returnOptimizationResult', 1],
  ])('refuses %s: %s', async (option, value) => {
    const error = await refusal(identity, [1], { [option]: value })

    expect(error).toMatchObject({ code: 'AMORSIZE_SAMPLER_INVALID_OPTION', option, value })
    expect(error.message).toContain(`\`${option}\``)
  })

  it('refuses a pool of another runtime than the one asked for', async () => {
    await using pool = new TaskPool()
    const error = await refusal(identity, [1], { pool, runtime: 'child_process' })

    expect(error).toMatchObject({
      code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
      option: 'runtime',
      value: 'child_process',
    })
    expect(error.remedy).toContain("'worker_threads', as its `pool` has it")
  })

  it.each([
    ['maxWorker', 'Did you mean `maxWorkers`?'],
    ['usecache', 'Did you mean `useCache`?'],
    ['colour', 'The options are useCache,'],
    ['__proto__x', 'The options are'],
  ])('refuses the unknown option %s', async (option, remedy) => {
    const error = await refusal(identity, [1], { [option]: 1 })

    expect(error).toMatchObject({ code: 'AMORSIZE_CORE_UNKNOWN_OPTION', value: option })
    expect(error.remedy).toContain(remedy)
  })

  it.each([null, 7, 'fast', []])('refuses %j as the options', async (options) => {
    expect((await refusal(identity, [1], options)).code).toBe('AMORSIZE_SAMPLER_INVALID_OPTION')
  })

  it('refuses options of execute in optimize', async () => {
    await expect(untyped.optimize(identity, [1], { onProgress: () => {} })).rejects.toMatchObject({
      code: 'AMORSIZE_CORE_UNKNOWN_OPTION',
    })
  })

  it('starts no worker for any of it', async () => {
    await using pool = new TaskPool()
    const options = { pool, store: createMemoryStore(), allowMainThread: false }

    await refusal('notAFunction', [1], options)
    await refusal(identity, 42, options)
    await refusal(identity, [1], { ...options, maxWorkers: -1 })
    await refusal(identity, [1], { ...options, maxWorkrs: 1 })

    expect(pool.warmWorkers).toBe(0)
  })
})

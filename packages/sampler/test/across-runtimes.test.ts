import { inspect } from 'node:util'
import { createContext, runInContext } from 'node:vm'

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import { fromTransferredError, toTransferredError } from '../src/error-transfer.ts'
import { prepareTask, TaskPool } from '../src/index.ts'
import type { Runtime, TaskDefinition } from '../src/index.ts'

const ONE = { maxWorkers: 1 }
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

const echo = prepareTask((item: unknown) => item, undefined).definition

async function echoIn(pool: TaskPool, value: unknown, task = echo): Promise<unknown> {
  const { values, failure } = await pool.runChunk(task, [value], ONE)
  if (failure) throw failure.error
  return values[0]
}

describe.each(POOLS)('a value through %s', (_, pool) => {
  const memory = new ArrayBuffer(16)
  it.each(
    Object.entries<unknown>({
      undefined,
      null: null,
      'minus zero': -0,
      NaN,
      'a bigint': 2n ** 70n,
      'a map of a set': new Map([[{ key: 1 }, new Set([undefined, 2])]]),
      'a date': new Date(1e12),
      'an invalid date': new Date(Number.NaN),
      'a regular expression': /a.c/giu,
      'typed arrays': [new Float64Array([1, -0, Number.NaN]), new BigInt64Array([-1n])],
      'views of one buffer': [new Uint8Array(memory, 4, 4), new DataView(memory, 2)],
      'a buffer of node': Buffer.from('text'),
      'an array with holes': Array.from({ length: 3 }).fill(1, 0, 1),
      'boxed values': [Object(1), Object('a'), Object(true), Object(1n)],
      'an error': new RangeError('far', { cause: new TypeError('near') }),
      'an instance of a class': new (class Point {
        x = 1
        #hidden = 2
        get sum(): number {
          return this.x + this.#hidden
        }
      })(),
      'deep nesting': JSON.parse('[[[[[[[[[[[[{"deep":[1]}]]]]]]]]]]]]') as unknown,
    }),
  )('is what structuredClone() gives: %s', async (_name, value) => {
    const received = await echoIn(pool, value)

    expect(inspect(received, { depth: 20 })).toBe(inspect(structuredClone(value), { depth: 20 }))
    expect(received).toStrictEqual(structuredClone(value))
  })

  it('is the same number, alone or among many', async () => {
    const numbers = [0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 2 ** 53, 1 / 3, 7]
    const many = Array.from({ length: 100 }, (__, n) => numbers[n % numbers.length])
    const mixed = [...many, undefined, 1n, '2']

    for (const items of [numbers, many, mixed]) {
      const { values } = await pool.runChunk(echo, items, ONE)
      expect(values).toStrictEqual(items)
    }
  })

  it('keeps cycles and shared references', async () => {
    const shared = { name: 'shared' }
    const value: Record<string, unknown> = { first: shared, second: shared }
    value['self'] = value

    const received = (await echoIn(pool, value)) as typeof value

    expect(received['self']).toBe(received)
    expect(received['first']).toBe(received['second'])
  })

  it('may be one of a typed array of items, which stays attached', async () => {
    for (const items of [
      new Float64Array([1, -0]),
      new BigInt64Array([1n]),
      new Float64Array(50),
    ]) {
      const { values } = await pool.runChunk(echo, items as unknown as unknown[], ONE)

      expect(values).toStrictEqual(Array.from<unknown>(items))
      expect(items.byteLength).toBeGreaterThan(0)
    }
  })

  it('leaves the buffers of the caller attached', async () => {
    const mine = new Float64Array([1, 2, 3])

    await echoIn(pool, mine)

    expect(mine).toEqual(new Float64Array([1, 2, 3]))
  })

  it('leaves a buffer attached that a task returns and keeps', async () => {
    const scratch = prepareTask((item: number) => {
      const state = globalThis as { scratch?: Float64Array }
      state.scratch ??= new Float64Array(100_000)
      state.scratch[0] = item
      return state.scratch
    }, undefined).definition

    const first = (await echoIn(pool, 1, scratch)) as Float64Array
    const second = (await echoIn(pool, 2, scratch)) as Float64Array

    expect([first[0], second[0], second.length]).toEqual([1, 2, 100_000])
  })
})

it('any value is the same through a thread and through a process', async () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  })

  await fc.assert(
    fc.asyncProperty(anything, async (value) => {
      const throughThread = await echoIn(threads, value)
      const throughProcess = await echoIn(children, value)
      expect(throughProcess).toStrictEqual(throughThread)
    }),
    { numRuns: 200 },
  )
})

it('memory that only threads can share is an error in a process, not a copy', async () => {
  const memory = new SharedArrayBuffer(8)

  expect(await echoIn(threads, memory)).toBeInstanceOf(SharedArrayBuffer)
  await expect(echoIn(children, memory)).rejects.toThrow('could not be cloned')
})

describe.each(POOLS)('an error thrown in %s', (_, pool) => {
  async function thrownBy(task: (item: number) => unknown): Promise<unknown> {
    const { definition } = prepareTask(task, undefined) as { definition: TaskDefinition }
    const { failure } = await pool.runChunk(definition, [0], ONE)
    return failure?.error
  }

  it('keeps class, name, message, stack, code, cause and own fields', async () => {
    const error = await thrownBy(() => {
      class QuotaError extends RangeError {
        override name = 'QuotaError'
        code = 'E_QUOTA'
        details = new Map([['left', 0n]])
      }
      throw new QuotaError('no more', { cause: new TypeError('root', { cause: 'a string' }) })
    })

    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({
      name: 'QuotaError',
      message: 'no more',
      code: 'E_QUOTA',
      details: new Map([['left', 0n]]),
      cause: expect.any(TypeError),
      stack: expect.stringContaining('amorsize-task'),
    })
    expect(((error as Error).cause as Error).cause).toBe('a string')
    expect(Object.keys(error as Error)).not.toContain('cause')
  })

  it('keeps the errors of an AggregateError and the error in a field', async () => {
    const error = await thrownBy(() => {
      const inField = new URIError('in a field')
      const several = [new TypeError('one'), new EvalError('two')]
      throw Object.assign(new AggregateError(several, 'both'), { inField })
    })

    expect(error).toBeInstanceOf(AggregateError)
    expect((error as AggregateError).errors).toEqual([new TypeError('one'), new EvalError('two')])
    expect(error).toMatchObject({ inField: expect.any(URIError) })
  })

  it('keeps a code given by a getter of the class, and a DOMException', async () => {
    const coded = await thrownBy(() => {
      class Coded extends Error {
        get code(): string {
          return 'E_GETTER'
        }
      }
      throw new Coded('coded')
    })
    const aborted = await thrownBy(() => AbortSignal.abort().throwIfAborted())

    expect(coded).toMatchObject({ code: 'E_GETTER' })
    expect(aborted).toBeInstanceOf(DOMException)
    expect(aborted).toMatchObject({ name: 'AbortError', code: 20 })
  })

  it('keeps the fields of a system error', async () => {
    const error = await thrownBy(() =>
      process.getBuiltinModule('node:fs').readFileSync('/no/such/file'),
    )

    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'open', path: '/no/such/file' })
  })

  it('that is not an Error comes as it is', async () => {
    const error = await thrownBy(() => {
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
      throw { status: 404 }
    })

    expect(error).toEqual({ status: 404 })
  })

  it('keeps the `errors` of any class, which need not be errors', async () => {
    const error = await thrownBy(() => {
      throw Object.assign(new TypeError('invalid'), { errors: [{ path: '/a' }] })
    })

    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ errors: [{ path: '/a' }] })
    expect(Object.keys(error as Error)).toEqual(['errors'])
  })

  it('keeps of what cannot be carried as a whole the fields that can', async () => {
    const error = await thrownBy(() => {
      const response = { status: 503, data: { retry: true }, config: { adapter() {} } }
      const calls = ['first', () => {}, 'third']
      throw Object.assign(new Error('refused'), { response, calls, promise: Promise.resolve() })
    })
    const object = await thrownBy(() => {
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
      throw { status: 404, retry() {} }
    })

    const { response, calls } = error as { response?: unknown; calls?: unknown }
    expect(response).toEqual({ status: 503, data: { retry: true } })
    expect(calls).toEqual(['first', undefined, 'third'])
    expect(Object.keys(error as Error)).toEqual(['response', 'calls'])
    expect(object).toEqual({ status: 404 })
  })

  it('keeps the errors that its fields hold in arrays and plain objects', async () => {
    const error = await thrownBy(() => {
      const refused = (path: string): Error =>
        Object.assign(new RangeError(`refused ${path}`), { name: 'ValidationError', path })
      throw Object.assign(new Error('two are refused'), {
        inner: [refused('a'), refused('b')],
        byPath: { a: refused('a'), count: 2, check() {} },
        details: [{ level: 1, error: refused('deep') }],
      })
    })

    const refused = (path: string): unknown =>
      expect.objectContaining({ name: 'ValidationError', message: `refused ${path}`, path })
    expect(error).toMatchObject({
      inner: [refused('a'), refused('b')],
      byPath: { a: refused('a'), count: 2 },
      details: [{ level: 1, error: refused('deep') }],
    })
    const { inner, byPath } = error as { inner: unknown[]; byPath: object }
    expect(inner[1]).toBeInstanceOf(RangeError)
    expect(Object.keys(byPath)).toEqual(['a', 'count'])
  })

  it.each(['cause', 'inner', 'errors'])(
    'with thousands of others within it fails its item, and the run goes on: %s',
    async (key) => {
      const { definition } = prepareTask((item: string) => {
        if (item === 'fine') return item
        let error = new Error('0')
        for (let level = 1; level < 2000; level++) {
          const within = error
          error = new AggregateError(item === 'errors' ? [within] : [], String(level))
          if (item === 'cause') error.cause = within
          if (item === 'inner') Object.assign(error, { inner: [within] })
        }
        throw error
      }, undefined)

      const { failure } = await pool.runChunk(definition, [key], ONE)
      const after = await pool.runChunk(definition, ['fine'], ONE)

      expect(failure).toMatchObject({ offset: 0, error: { message: '1999' } })
      expect(after.values).toEqual(['fine'])
    },
  )

  it('within a hundred others keeps what nests as deep as may be sent', async () => {
    const error = await thrownBy(() => {
      let data: unknown[] = []
      for (let level = 0; level < 990; level++) data = [data]
      let outer = Object.assign(new Error('0'), { data })
      for (let level = 1; level < 99; level++) {
        outer = Object.assign(new Error(String(level), { cause: outer }), { data: [] })
      }
      throw outer
    })

    let innermost = error as Error
    while (innermost.cause instanceof Error) innermost = innermost.cause
    expect(innermost.message).toBe('0')
    expect(innermost).toHaveProperty('data.0.0.0.0')
  })

  it('that rejects a promise comes as one that is thrown', async () => {
    const error = await thrownBy(() => Promise.reject(new SyntaxError('later')))

    expect(error).toEqual(new SyntaxError('later'))
    expect(error).toBeInstanceOf(SyntaxError)
  })
})

describe('an error made ready to travel', () => {
  const travelled = (error: unknown): unknown =>
    fromTransferredError(structuredClone(toTransferredError(error)))

  it('loses a field that cannot be cloned or read, and nothing else', () => {
    const error = Object.defineProperty(
      Object.assign(new Error('odd'), { method() {}, kept: 1 }),
      'trap',
      {
        enumerable: true,
        get() {
          throw new Error('do not look')
        },
      },
    )

    expect(Object.keys(travelled(error) as Error)).toEqual(['kept'])
  })

  it('may contain itself', () => {
    const error = new AggregateError([], 'ring')
    error.errors.push(error)
    error.cause = error

    expect(travelled(error)).toMatchObject({ cause: '[Circular]', errors: ['[Circular]'] })
  })

  it('keeps a chain of causes as far as anybody reads it, and then what the next one says', () => {
    let error = new Error('0')
    for (let level = 1; level < 200; level++) error = new Error(String(level), { cause: error })

    let received = travelled(error)
    let depth = 0
    for (; received instanceof Error; depth++) received = received.cause

    expect(depth).toBe(100)
    expect(received).toBe('Error: 99')
  })

  it('is sent once, however many others hold it', () => {
    let error = new Error('0')
    for (let level = 1; level < 60; level++) {
      error = Object.assign(new Error(String(level), { cause: error }), { original: error })
    }

    const received = travelled(error) as Error & { original: unknown }

    expect(received.original).toBe(received.cause)
  })

  it('may come from another realm', () => {
    const error: unknown = runInContext('new RangeError("elsewhere")', createContext())

    expect(travelled(error)).toEqual(new RangeError('elsewhere'))
    expect(travelled(error)).toBeInstanceOf(RangeError)
  })

  it('may be a revoked proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()

    expect(String(travelled(proxy))).toContain('cannot be read')
  })
})

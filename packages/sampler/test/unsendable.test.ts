import { BlockList, SocketAddress } from 'node:net'
import { runInThisContext } from 'node:vm'

import { afterAll, describe, expect, it } from 'vitest'

import { prepareTask, TaskPool } from '../src/index.ts'
import type { ChunkResult, Runtime } from '../src/index.ts'

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

/** Items 0 and 2 are as any; what becomes of the one between them is asked. */
function runBetween(
  pool: TaskPool,
  task: string | ((context: never) => unknown),
  context?: unknown,
): Promise<ChunkResult> {
  const source = `async (item, context) => item === 1 ? (${String(task)})(context) : item`
  const definition = { kind: 'source', source, name: 'task', context } as const
  return pool.runChunk(definition, [0, 1, 2], ONE)
}

function sendBetween(pool: TaskPool, item: unknown): Promise<ChunkResult> {
  const { definition } = prepareTask((value: unknown) => typeof value, undefined)
  return pool.runChunk(definition, [0, item, 2], ONE)
}

function nested(depth: number): unknown {
  let value: unknown = {}
  for (let level = 0; level < depth; level++) value = { value }
  return value
}

const RETURN_NESTED = (): unknown => {
  let value: unknown = {}
  for (let level = 0; level < 3000; level++) value = { value }
  return value
}

/** As text, because the types know no WebAssembly. */
const EMPTY_MODULE = 'new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))'

describe.each(POOLS)('a result that %s cannot send back', (_, pool) => {
  it.each<[string, string | (() => unknown)]>([
    [
      'arguments',
      function () {
        // oxlint-disable-next-line prefer-rest-params
        return arguments
      },
    ],
    ['a module', `() => import('data:text/javascript,export const a = () => {}')`],
    ['what is nested too deep to be read', RETURN_NESTED],
    [
      'what nests as deep by way of its neighbours',
      () => {
        const row = Array.from({ length: 3000 }, () => ({ next: undefined as unknown }))
        for (const [place, element] of row.entries()) element.next = row[place + 1]
        return row
      },
    ],
  ])('is a failure of its item alone: %s', async (__, task) => {
    const { values, failure } = await runBetween(pool, task)

    expect(values).toEqual([0])
    expect(failure).toMatchObject({ offset: 1, error: expect.any(TypeError) })
    expect(String(failure?.error)).toContain('its result cannot be sent back')
  })
})

const HIDDEN: [string, () => unknown][] = [
  ['a function that a long array hides', () => Object.assign(Array(1000).fill('a'), { run() {} })],
  [
    'a promise in disguise',
    () => ({ it: Object.setPrototypeOf(Promise.resolve(), Object.prototype) as unknown }),
  ],
  [
    'a getter that can be read once',
    () => {
      let reads = 0
      return {
        get value(): number {
          if (++reads > 1) throw new RangeError('do not look again')
          return reads
        },
      }
    },
  ],
]

it.each(HIDDEN)(
  'in a thread a result that is refused only when it is sent names its item: %s',
  async (_, task) => {
    const running = runBetween(threads, task)
    const after = runBetween(threads, () => 1)

    await expect(running).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
      index: 1,
      message: expect.stringContaining('its result cannot be sent back'),
    })
    expect((await after).values).toEqual([0, 1, 2])
  },
)

it.each(HIDDEN)('in a process it is a failure of its item: %s', async (_, task) => {
  const { values, failure } = await runBetween(children, task)

  expect(values).toEqual([0])
  expect(failure).toMatchObject({ offset: 1, error: expect.any(TypeError) })
})

describe('what a process would read as something else', () => {
  it.each<[string, string | (() => unknown)]>([
    ['a Blob', () => new Blob(['text'])],
    ['a File', () => new File(['text'], 'a.txt')],
    ['a BlockList', () => new (process.getBuiltinModule('node:net').BlockList)()],
    ['a SocketAddress', () => new (process.getBuiltinModule('node:net').SocketAddress)({})],
    ['a ReadableStream', () => new ReadableStream()],
    ['a Blob deep within', () => new Map([['a', [{ b: new Set([new Blob(['text'])]) }]]])],
    ['a Blob in an instance of a class', `() => new (class { blob = new Blob([]) })()`],
    ['a module of WebAssembly', `() => ${EMPTY_MODULE}`],
  ])('is an error as a result: %s', async (_, task) => {
    const { values, failure } = await runBetween(children, task)

    expect(values).toEqual([0])
    expect(failure).toMatchObject({ offset: 1, error: expect.any(TypeError) })
  })

  it.each<[string, unknown]>([
    ['a Blob', new Blob(['text'])],
    ['a File', new File(['text'], 'a.txt')],
    ['a BlockList', new BlockList()],
    ['a SocketAddress', new SocketAddress({})],
    ['a Blob in a field', { field: new Blob(['text']) }],
    ['a module of WebAssembly', runInThisContext(EMPTY_MODULE)],
    ['what is nested too deep to be read', nested(2500)],
  ])('is an error as an item: %s', async (_, item) => {
    const { failure } = await sendBetween(children, item)

    expect(failure).toMatchObject({ offset: 1, error: expect.any(TypeError) })
    expect(String(failure?.error)).toContain('cannot be sent to a worker')
  })

  it('is an error as a context', async () => {
    await expect(runBetween(children, () => 1, new Blob(['text']))).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_TASK_LOAD',
      message: expect.stringContaining('context'),
    })
  })

  it.each(['Blob', 'URL', 'DOMException'])(
    'a thread carries it or refuses it, a process is like it or refuses it: %s',
    async (name) => {
      const task = (kind: string): unknown =>
        kind === 'Blob'
          ? new Blob([])
          : kind === 'URL'
            ? new URL('data:,a')
            : new DOMException('a', 'b')
      const [inThread, inProcess] = await Promise.all([
        runBetween(threads, task, name),
        runBetween(children, task, name),
      ])

      if (inProcess.failure) expect(inProcess.failure.offset).toBe(1)
      else
        expect(Object.getPrototypeOf(inProcess.values[1])).toBe(
          Object.getPrototypeOf(inThread.values[1]),
        )
    },
  )
})

describe.each(POOLS)('the depth of what %s is sent', (runtime, pool) => {
  const readsDeeper = runtime === 'worker_threads'

  it.each([998, 999, 1000, 1001])('is that of an item by itself: %i', async (depth) => {
    const { values, failure } = await sendBetween(pool, nested(depth))

    if (depth <= 1000 || readsDeeper) {
      expect(failure).toBeUndefined()
      expect(values).toEqual(['number', 'object', 'number'])
    } else {
      expect(failure).toMatchObject({ offset: 1, error: expect.any(TypeError) })
      expect(String(failure?.error)).toContain('nested deeper than 1000 levels')
    }
  })

  it.each([998, 999, 1000, 1001])('is that of the context by itself: %i', async (depth) => {
    const running = runBetween(pool, (context: unknown) => typeof context, nested(depth))

    if (depth <= 1000 || readsDeeper) {
      expect((await running).values).toEqual([0, 'object', 2])
    } else {
      await expect(running).rejects.toMatchObject({
        code: 'AMORSIZE_SAMPLER_TASK_LOAD',
        message: expect.stringContaining('context'),
      })
    }
  })
})

it('a reply that cannot be read is the loss of its chunk, and of nothing else', async () => {
  const garble = (): number => {
    const { Serializer } = process.getBuiltinModule('node:v8')
    // oxlint-disable-next-line typescript/unbound-method
    const { releaseBuffer } = Serializer.prototype
    Serializer.prototype.releaseBuffer = function () {
      Serializer.prototype.releaseBuffer = releaseBuffer
      return releaseBuffer.call(this).fill(0)
    }
    return 1
  }

  await expect(runBetween(children, garble)).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
    progress: 'some',
  })
  expect((await runBetween(children, () => 1)).values).toEqual([0, 1, 2])
})

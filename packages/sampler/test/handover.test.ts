import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import { carryFromThread, carryToThread } from '../src/carried-message.ts'
import { systemClock } from '../src/clock.ts'
import { copyForHandover } from '../src/handover.ts'
import { prepareTask, TaskPool } from '../src/index.ts'
import { measurePayload } from '../src/payload.ts'
import type { Reply } from '../src/protocol.ts'

const MEGABYTE = 1_000_000

/** Numbers of which a result is large enough to be handed over. */
const LARGE_RESULT = 13_000

/** What a thread receives of values whose arrays are handed over, however small. */
function received(values: readonly unknown[]): readonly unknown[] | undefined {
  const handover = copyForHandover(values, 1)
  return handover && structuredClone(handover.values, { transfer: handover.buffers })
}

const arrays = fc.oneof(
  fc.float64Array({ minLength: 1, maxLength: 5 }),
  fc.uint8Array({ minLength: 1, maxLength: 5 }),
  fc.bigInt64Array({ minLength: 1, maxLength: 5 }),
)
const primitives = fc.oneof(fc.string(), fc.double(), fc.bigInt(), fc.constant(undefined))

describe('what is received of typed arrays that are handed over', () => {
  it('is what a clone gives, and the values keep their buffers', () => {
    const items = fc.oneof(
      arrays,
      fc.dictionary(fc.string(), fc.oneof(arrays, primitives), { noNullPrototype: true }),
    )
    fc.assert(
      fc.property(arrays, fc.array(items), (first, others) => {
        const values = [first, ...others]
        const cloned = structuredClone(values)

        expect(received(values)).toStrictEqual(cloned)
        expect(values).toStrictEqual(cloned)
      }),
    )
  })

  it('shares what the values shared: objects, arrays, buffers', () => {
    const data = new Float64Array([1, 2])
    const item = { data, bytes: new Uint8Array(data.buffer) }

    const [first, again, alone] = received([item, item, data]) as [typeof item, unknown, unknown]

    expect(again).toBe(first)
    expect(alone).toBe(first.data)
    expect(first.bytes.buffer).toBe(first.data.buffer)
    expect(first.data.buffer).not.toBe(data.buffer)
  })

  it('of a subclass is the built-in class', () => {
    class Samples extends Float32Array {}
    const values = [new Samples([1, 2]), Buffer.from(new ArrayBuffer(4))]

    expect(received(values)).toStrictEqual(structuredClone(values))
  })

  it('of an object without prototype, or with a field called __proto__, is that of a clone', () => {
    const bare = Object.assign(Object.create(null) as object, { data: new Uint8Array([1]) })
    const odd = JSON.parse('{"__proto__":1}') as object
    const values = [bare, Object.assign(odd, { data: new Uint8Array([2]) })]

    expect(received(values)).toStrictEqual(structuredClone(values))
  })
})

const memory = new ArrayBuffer(16)

it.each([
  ['objects without arrays', [{ id: 1 }]],
  ['numbers', [1, 2]],
  ['a view of a part of its memory', [new Uint8Array(memory, 4, 4)]],
  ['an empty array', [new Uint8Array()]],
  ['shared memory', [new Uint8Array(new SharedArrayBuffer(8))]],
  [
    'memory that may grow',
    [new Uint8Array(Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }]))],
  ],
  ['a data view', [new DataView(memory)]],
  ['an array within more', [{ more: { data: new Uint8Array([1]) } }]],
  ['an array beside what cannot be sent', [{ data: new Uint8Array([1]), run() {} }]],
  [
    'an array in an instance of a class',
    [
      new (class Holder {
        data = new Uint8Array([1])
      })(),
    ],
  ],
  [
    'an array that a getter gives',
    [
      {
        get data() {
          return new Uint8Array([1])
        },
      },
    ],
  ],
  ['an array in a proxy', [new Proxy({ data: new Uint8Array([1]) }, {})]],
  ['a list of arrays among arrays', [new Uint8Array([1]), [new Uint8Array([1])]]],
])('%s: such values are cloned', (_what, values) => {
  expect(copyForHandover(values, 1)).toBeUndefined()
})

describe('of views of a small part of a large memory', () => {
  const large = new ArrayBuffer(3 * MEGABYTE)
  new Uint8Array(large).forEach((_, place, bytes) => (bytes[place] = place % 251))

  /** Byte offsets and lengths of views, some of which overlap. */
  const parts = fc.array(fc.tuple(fc.nat(2 * MEGABYTE), fc.integer({ min: 0, max: 5000 })), {
    minLength: 1,
    maxLength: 20,
  })

  it('the receiver gets the same values and as much of the memory as they show', () => {
    fc.assert(
      fc.property(parts, (places) => {
        const values = places.map(([offset, length], place) => {
          if (place % 3 === 0) return { data: new Float32Array(large, offset & ~3, length) }
          if (place % 3 === 1) return new DataView(large, offset, length)
          return Buffer.from(large, offset, length)
        })

        const got = received(values)!

        expect(got.map(bytesIn)).toEqual(values.map(bytesIn))
        expect(got.map(kindOf)).toEqual(structuredClone(values).map(kindOf))
        const shown = places.reduce((sum, [, length]) => sum + length * 4 + 16, 0)
        expect(viewIn(got[0]).buffer.byteLength).toBeLessThanOrEqual(shown)
      }),
      { numRuns: 20 },
    )
  })

  it('those that overlap show the same memory', () => {
    const [bytes, far, numbers] = received([
      new Uint8Array(large, 1001, 10),
      new Uint8Array(large, 2 * MEGABYTE, 10),
      new Float64Array(large, 1000, 2),
    ]) as [Uint8Array, Uint8Array, Float64Array]

    numbers.fill(0)

    expect([...bytes]).toEqual(Array.from({ length: 10 }, () => 0))
    expect(far[0]).toBe((2 * MEGABYTE) % 251)
    expect(far.buffer).toBe(bytes.buffer)
  })

  it('where they are most of it together, it is cloned', () => {
    const quarters = [0, 1, 2].map((n) => new Uint8Array(large, (n * 3 * MEGABYTE) / 4, 750_000))

    expect(received(quarters)).toBeUndefined()
    expect(received(quarters.slice(1, 2))).toBeDefined()
  })

  it('what else the message holds is as in a clone', () => {
    const small = Buffer.from('a text')
    const whole = new Uint16Array([1, 2])
    const values = [{ part: new Uint8Array(large, 8, 8), small, whole, id: 1 }, null]

    const got = received(values) as typeof values

    expect(got).toStrictEqual(structuredClone(values))
    expect(got[0]!.small.buffer.byteLength).toBe(small.buffer.byteLength)
    expect(small).toEqual(Buffer.from('a text'))
  })

  it('the size of what crosses is that of the part, or of all where that crosses', () => {
    const pairs = [0, 1].map((n) => {
      const part = new Uint8Array(large, n * 1000, 1000)
      return [part, [part]] as const
    })

    const { inputBytes, serializedBytes } = measurePayload(pairs, systemClock)

    expect(inputBytes).toBeGreaterThan(1000)
    expect(inputBytes).toBeLessThan(1100)
    expect(serializedBytes).toBeGreaterThanOrEqual((3 * MEGABYTE) / 2)
    expect(serializedBytes).toBeLessThan(2 * MEGABYTE)
  })

  it.each([
    ['shared', new SharedArrayBuffer(3 * MEGABYTE)],
    ['that may grow', Reflect.construct(ArrayBuffer, [3 * MEGABYTE, { maxByteLength: 4e6 }])],
  ] as const)('it is cloned where the memory is one %s', (_, buffer) => {
    expect(received([new Uint8Array(buffer as ArrayBuffer, 0, 8)])).toBeUndefined()
  })
})

function viewIn(value: unknown): ArrayBufferView {
  return ArrayBuffer.isView(value) ? value : (value as { data: ArrayBufferView }).data
}

function bytesIn(value: unknown): string {
  const { buffer, byteOffset, byteLength } = viewIn(value)
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64')
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(viewIn(value))
}

it('only large arrays are handed over, each memory once', () => {
  const large = { id: 1, data: new Uint8Array(MEGABYTE) }
  const small = { id: 1, data: new Uint8Array(1000) }
  const buffersFor = (items: unknown[]): ArrayBuffer[] =>
    carryToThread({ chunk: 1, taskId: 0, items, isTimed: false }).buffers

  expect(buffersFor([large, large, { ...large }])).toHaveLength(1)
  expect(buffersFor([small])).toEqual([])
})

it('a reply that tinypool does not take for marked is cloned', () => {
  const reply: Reply = {
    kind: 'run',
    values: [new Float64Array(LARGE_RESULT).fill(-0)],
    busyMs: 1,
    waitShare: 0,
    memoryBytes: 1,
    queueMs: 0,
    itemTimesMs: new Float64Array(1),
  }

  const marked = carryFromThread(reply)

  expect(marked).not.toBe(reply)
  expect({ ...structuredClone(marked) }).toStrictEqual(reply)
})

describe('what a thread sends with its replies', () => {
  const pool = new TaskPool({ runtime: 'worker_threads' })
  afterAll(() => pool.close())

  /** Notes how much memory each reply hands over. */
  const watched = (kind: string): unknown => {
    const { MessagePort } = process.getBuiltinModule('node:worker_threads')
    const state = globalThis as { handedOver?: number[] }
    if (!state.handedOver) {
      const handedOver: number[] = (state.handedOver = [])
      const post = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'postMessage')?.value as (
        ...message: unknown[]
      ) => void
      MessagePort.prototype.postMessage = function (...message: [unknown, ...never]) {
        const buffers = (message as unknown[])[1] as ArrayBuffer[]
        handedOver.push(buffers.reduce((sum, { byteLength }) => sum + byteLength, 0))
        post.apply(this, message)
      }
    }
    if (kind === 'seen') return state.handedOver.splice(0)
    if (kind === 'number') return 1.5
    return { data: new Float64Array(Number(kind)) }
  }
  const { definition } = prepareTask(watched, undefined)

  it.each([
    ['large arrays, all of them', ['100000', '2000'], [800_000 + 16_000]],
    ['many numbers', Array.from({ length: 2000 }, () => 'number'), [16_000]],
    ['no small arrays', ['1000'], [0]],
    ['no few numbers', Array.from({ length: 100 }, () => 'number'), [0]],
  ])('is %s', async (_what, items, expected) => {
    await pool.runChunk(definition, ['seen'], { maxWorkers: 1 })
    await pool.runChunk(definition, items, { maxWorkers: 1 })

    const { values } = await pool.runChunk(definition, ['seen'], { maxWorkers: 1 })

    // The first is the reply that told what was seen before.
    expect((values[0] as number[]).slice(1)).toEqual(expected)
  })
})

/** In a worker: what results there may be that are, or hold, large typed arrays. */
const makeResult = (kind: string): unknown => {
  const numbers = new Float64Array(20_000).map((_, place) => [place, -0, Number.NaN][place % 3]!)
  const state = globalThis as { kept?: Float64Array }
  switch (kind) {
    case 'minus zero and NaN':
      return numbers
    case 'kept by the task':
      return (state.kept ??= numbers)
    case 'two views of one memory':
      return { numbers, bytes: new Uint8Array(numbers.buffer) }
    case 'part of a memory':
      return numbers.subarray(10, 19_000)
    case 'small buffer of the pool':
      return Buffer.from('a text')
    case 'large buffer':
      return Buffer.alloc(160_000, 3)
    case 'memory that may grow':
      return new Uint8Array(
        Reflect.construct(ArrayBuffer, [160_000, { maxByteLength: 170_000 }]) as ArrayBuffer,
      ).fill(2)
    case 'shared memory':
      return new Uint8Array(new SharedArrayBuffer(160_000)).fill(4)
    default:
      return undefined
  }
}

describe.each(['worker_threads', 'child_process'] as const)('large results by %s', (runtime) => {
  const pool = new TaskPool({ runtime })
  afterAll(() => pool.close())
  const { definition } = prepareTask(makeResult, undefined)
  const resultsOf = async (...kinds: string[]): Promise<readonly unknown[]> => {
    const { values, failure } = await pool.runChunk(definition, kinds, { maxWorkers: 1 })
    if (failure) throw failure.error
    return values
  }

  it.each([
    'minus zero and NaN',
    'two views of one memory',
    'part of a memory',
    'small buffer of the pool',
    'large buffer',
    'memory that may grow',
  ])('%s: the same as of a clone, alone and beside others', async (kind) => {
    const expected: unknown = structuredClone(makeResult(kind))

    expect(await resultsOf(kind)).toStrictEqual([expected])
    expect(await resultsOf(kind, 'large buffer', 'nothing')).toStrictEqual([
      expected,
      new Uint8Array(160_000).fill(3),
      undefined,
    ])
  })

  it('that a task returns again, in one chunk and in the next, are whole and shared', async () => {
    const [first, again] = await resultsOf('kept by the task', 'kept by the task')
    const [later] = await resultsOf('kept by the task')

    expect(again).toBe(first)
    expect(later).not.toBe(first)
    expect(later).toStrictEqual(makeResult('minus zero and NaN'))
    expect(first).toStrictEqual(later)
  })

  it('whose views share a memory share it here', async () => {
    const [value] = await resultsOf('two views of one memory')
    const { numbers, bytes } = value as { numbers: Float64Array; bytes: Uint8Array }

    expect(bytes.buffer).toBe(numbers.buffer)
  })

  it('of shared memory stay shared where that is possible', async () => {
    const results = resultsOf('large buffer', 'shared memory')

    if (runtime === 'child_process') await expect(results).rejects.toThrow('cannot be sent back')
    else expect(((await results)[1] as Uint8Array).buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  it('before an item that fails arrive too', async () => {
    const { definition: failing } = prepareTask((item: number) => {
      if (item === 1) throw new RangeError('one')
      return new Float64Array(20_000).fill(item)
    }, undefined)

    const { values, failure } = await pool.runChunk(failing, [2, 1, 3], { maxWorkers: 1 })

    expect(values).toStrictEqual([new Float64Array(20_000).fill(2)])
    expect(failure).toMatchObject({ offset: 1, error: { name: 'RangeError', message: 'one' } })
  })
})

describe.each(['worker_threads', 'child_process'] as const)('parts by %s', (runtime) => {
  const pool = new TaskPool({ runtime })
  afterAll(() => pool.close())

  it('are sent and sent back without the rest of their memory', async () => {
    const task = (item: Uint8Array): unknown => {
      const large = new Uint8Array(3_000_000).fill(item[0]!)
      return { received: item.buffer.byteLength, part: large.subarray(7, 1007) }
    }
    const { definition } = prepareTask(task, undefined)
    const large = new Uint8Array(3 * MEGABYTE).fill(5)
    const items = [1, 2].map((n) => large.subarray(n * MEGABYTE, n * MEGABYTE + 100))

    const { values } = await pool.runChunk(definition, items, { maxWorkers: 1 })

    const part = new Uint8Array(1000).fill(5)
    expect(values).toMatchObject([{ part }, { part }])
    for (const value of values as { received: number; part: Uint8Array }[]) {
      expect(value.received).toBeLessThan(1000)
      expect(value.part.buffer.byteLength).toBeLessThan(2000)
    }
    expect(large.byteLength).toBe(3 * MEGABYTE)
  })
})

describe.each(['worker_threads', 'child_process'] as const)('large arrays by %s', (runtime) => {
  const pool = new TaskPool({ runtime })
  afterAll(() => pool.close())

  it('stay attached for the caller, and for a task that keeps what it returned', async () => {
    const keep = prepareTask((item: Float64Array | undefined) => {
      const state = globalThis as { kept?: Float64Array | undefined }
      state.kept ??= item
      return state.kept
    }, undefined).definition
    const mine = new Float64Array(MEGABYTE / 8).fill(2)

    const first = await pool.runChunk(keep, [mine], { maxWorkers: 1 })
    const second = await pool.runChunk(keep, [undefined], { maxWorkers: 1 })

    expect(isAllTwo(mine)).toBe(true)
    expect(isAllTwo(first.values[0])).toBe(true)
    expect(isAllTwo(second.values[0])).toBe(true)
  })

  it('that wait behind a chunk whose worker dies are whole in the next', async () => {
    const exits = prepareTask(
      (item: { data: Float64Array }) => (item.data[0] === 0 ? process.exit(3) : item.data),
      undefined,
    ).definition
    const dying = { data: new Float64Array(MEGABYTE / 8) }
    const living = { data: new Float64Array(MEGABYTE / 8).fill(2) }

    const lost = pool.runChunk(exits, [dying], { maxWorkers: 1 })
    const behind = pool.runChunk(exits, [living], { maxWorkers: 1 })

    await expect(lost).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index: 0 })
    expect(isAllTwo((await behind).values[0])).toBe(true)
  })
})

/** Comparing a million bytes one by one with `toEqual` takes seconds. */
function isAllTwo(value: unknown): boolean {
  return (
    value instanceof Float64Array &&
    value.length === MEGABYTE / 8 &&
    value.every((number) => number === 2)
  )
}

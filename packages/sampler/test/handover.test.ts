import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import { carryToThread } from '../src/carried-message.ts'
import { copyForHandover } from '../src/handover.ts'
import { prepareTask, TaskPool } from '../src/index.ts'

const MEGABYTE = 1_000_000

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

it('only large arrays are handed over, each memory once', () => {
  const large = { id: 1, data: new Uint8Array(MEGABYTE) }
  const small = { id: 1, data: new Uint8Array(1000) }
  const buffersFor = (items: unknown[]): ArrayBuffer[] =>
    carryToThread({ chunk: 1, taskId: 0, items, isTimed: false }).buffers

  expect(buffersFor([large, large, { ...large }])).toHaveLength(1)
  expect(buffersFor([small])).toEqual([])
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

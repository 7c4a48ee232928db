import { prepareTask } from '@amorsize/sampler'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { cacheKey } from '../src/cache-key.ts'
import type { OptimizeOptions } from '../src/options.ts'
import { createRequest } from '../src/request.ts'

type Asked = OptimizeOptions<unknown> & { readonly items?: ArrayLike<number> }

async function keyOf(
  task: (item: number) => unknown,
  { items = { length: 10_000, 0: 1 }, ...options }: Asked = {},
): Promise<string | undefined> {
  const request = await createRequest(task, [1], options)
  return cacheKey(
    Object.defineProperties(Object.create(null), {
      ...Object.getOwnPropertyDescriptors(request),
      items: { value: items },
      itemCount: { value: items.length },
    }) as typeof request,
  )
}

const items = (length: number): ArrayLike<number> => ({ length, 0: 1 })

describe('the key of a decision', () => {
  const task = (item: number): number => item * 2

  it('tells 10,000 items from 10,000,000', async () => {
    const few = await keyOf(task, { items: items(10_000) })

    expect(await keyOf(task, { items: items(10_000_000) })).not.toBe(few)
    expect(await keyOf(task, { items: items(10_100) })).toBe(few)
  })

  it('tells apart numbers of items that differ by a factor of 4, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (count) => {
        expect(await keyOf(task, { items: items(4 * count) })).not.toBe(
          await keyOf(task, { items: items(count) }),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('tells apart any two constants in a function', async () => {
    const multiplyBy = (factor: number): ((item: number) => number) =>
      // The constant has to stand in the source.
      // oxlint-disable-next-line typescript/no-implied-eval
      new Function('item', `return item * ${factor}`) as (item: number) => number

    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer(), async (one, other) => {
        fc.pre(one !== other)

        expect(prepareTask(multiplyBy(one), undefined).signature).not.toBe(
          prepareTask(multiplyBy(other), undefined).signature,
        )
        expect(await keyOf(multiplyBy(one))).not.toBe(await keyOf(multiplyBy(other)))
      }),
      { numRuns: 30 },
    )
  })

  it('tells apart any two contexts, and knows one again', async () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.bigInt(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.date(),
      fc.float64Array({ maxLength: 3 }),
      fc.array(fc.double(), { maxLength: 3 }),
      fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 3 }),
      fc.array(fc.integer(), { maxLength: 3 }).map((numbers) => new Set(numbers)),
      fc.dictionary(fc.string(), fc.integer()).map((fields) => new Map(Object.entries(fields))),
    )
    const context = fc.dictionary(fc.string(), value, { noNullPrototype: true })

    await fc.assert(
      fc.asyncProperty(context, context, async (one, other) => {
        const isSame = fc.stringify(one) === fc.stringify(other)

        const again = structuredClone(one)
        expect(await keyOf(task, { context: again })).toBe(await keyOf(task, { context: one }))
        if (isSame) return
        expect(await keyOf(task, { context: other })).not.toBe(await keyOf(task, { context: one }))
      }),
      { numRuns: 200 },
    )
  })

  it('knows a context again, however its numbers and texts are held in memory', async () => {
    const context = (limit: number, name: string): object => ({ limit, name })
    const before = await keyOf(task, { context: context(1, 'abcdefghijklmnopqrst') })
    // From here on V8 holds every limit of this shape as a floating-point number.
    context(0.5, '')
    const wide = '\u{1F600}abcdefghijklmnopqrst'

    expect(await keyOf(task, { context: context(1, wide.slice(2)) })).toBe(before)
  })

  it('forgets no difference between a hundred contexts and more', async () => {
    const keys: (string | undefined)[] = []
    for (let limit = 0; limit < 250; limit++) keys.push(await keyOf(task, { context: { limit } }))

    expect(new Set(keys).size).toBe(250)
    expect(await keyOf(task, { context: { limit: 0 } })).toBe(keys[0])
  })

  it('knows an object of a class again', async () => {
    class Limit {
      readonly most: number
      constructor(most: number) {
        this.most = most
      }
    }
    const before = await keyOf(task, { context: new Limit(1) })
    const half = await keyOf(task, { context: new Limit(0.5) })

    expect(await keyOf(task, { context: new Limit(1) })).toBe(before)
    expect(half).not.toBe(before)
  })

  it.each<[unknown, unknown]>([
    [[1, 2], [Float64Array.of(1, 2)]],
    [[], [new Float64Array(0)]],
    [
      [1, undefined, 2],
      [1, NaN, 2],
    ],
    [new Map([[1, 2]]), new Set([[1, 2]])],
    ['1', 1],
    [1n, 1],
    [new Date(0), new Date(1)],
  ])('tells %o from %o', async (one, other) => {
    expect(await keyOf(task, { context: { it: one } })).not.toBe(
      await keyOf(task, { context: { it: other } }),
    )
  })

  it('tells shared objects from equal ones, and objects that contain themselves', async () => {
    const part = { x: 1 }
    const loop: { self?: unknown } = {}
    loop.self = loop
    const keys = await Promise.all(
      [[part, part], [part, { x: 1 }], loop, { self: {} }].map((context) =>
        keyOf(task, { context }),
      ),
    )

    expect(new Set(keys).size).toBe(4)
    expect(keys).not.toContain(undefined)
  })

  it.each([{ maxWorkers: 1 }, { allowMainThread: false }, { runtime: 'child_process' as const }])(
    'tells the option %o from its default',
    async (options) => {
      expect(await keyOf(task, options)).not.toBe(await keyOf(task))
    },
  )
})

import { createMemoryStore } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it } from 'vitest'

import { execute } from '../src/execute.ts'
import type { ExecuteOptions } from '../src/options.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

const alone = (): Pick<ExecuteOptions, 'store' | 'pool'> => ({ store: createMemoryStore(), pool })
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

const failing = (item: number): number => {
  if (item % 5 === 0) throw new RangeError(`five divides ${item}`)
  return item
}

describe.each([true, false])('with allowMainThread %s', (allowMainThread) => {
  it('each item has its outcome where errors are collected, sampled ones too', async () => {
    const outcomes = await execute(failing, numbers(500), {
      ...alone(),
      allowMainThread,
      onError: 'collect',
    })

    expect(outcomes).toHaveLength(500)
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 5 === 0) {
        expect(outcome).toMatchObject({
          status: 'rejected',
          reason: {
            code: 'AMORSIZE_SAMPLER_ITEM',
            index,
            cause: new RangeError(`five divides ${index}`),
          },
        })
      } else expect(outcome).toEqual({ status: 'fulfilled', value: index })
    }
  })

  it('every item may fail', async () => {
    const { results, execution } = await execute(
      (item: number): number => {
        throw new Error(String(item))
      },
      numbers(200),
      { ...alone(), allowMainThread, onError: 'collect', returnOptimizationResult: true },
    )

    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
    expect(execution.failedCount).toBe(200)
  })

  it('`undefined` is a result like any other', async () => {
    expect(
      await execute((item: number) => void item, [1, 2], {
        ...alone(),
        allowMainThread,
        onError: 'collect',
      }),
    ).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: undefined },
    ])
  })
})

describe('itemTimeoutMs', () => {
  const hangAtThree = (item: number): number => {
    if (item === 3) for (;;);
    return item
  }

  it('ends an item that computes for ever, which therefore never runs on the calling thread', async () => {
    const outcomes = await execute(hangAtThree, numbers(12), {
      ...alone(),
      itemTimeoutMs: 200,
      onError: 'collect',
    })

    expect(outcomes.map(({ status }) => status)).toEqual(
      numbers(12).map((item) => (item === 3 ? 'rejected' : 'fulfilled')),
    )
    expect(outcomes[3]).toMatchObject({
      reason: { code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT', index: 3 },
    })
  })

  it('ends the run by default, with the index of the item', async () => {
    const run = execute(hangAtThree, numbers(12), { ...alone(), itemTimeoutMs: 200 })

    await expect(run).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT', index: 3 })
  })

  it('holds for a decision from the cache too', async () => {
    const { store } = alone()
    const even = (item: number): number => {
      if (item === 3000) for (;;);
      return item
    }
    await execute(even, numbers(3000), { store, pool })

    const run = execute(even, [...numbers(2999), 3000], { store, pool, itemTimeoutMs: 200 })

    await expect(run).rejects.toMatchObject({ index: 2999 })
  })

  it('lets items that wait run many at once in one thread all the same', async () => {
    const waitLong = async (item: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, item === 50 ? 60_000 : 100))
      return item
    }

    const { results, optimization } = await execute(waitLong, numbers(120), {
      ...alone(),
      itemTimeoutMs: 3000,
      onError: 'collect',
      returnOptimizationResult: true,
    })

    expect(optimization.executor).toBe('async')
    expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT', index: 50 } },
    ])
  })
})

describe('an iterable that never ends', () => {
  it('is read until the signal says that it is enough', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    let read = 0
    let isEnded = false
    async function* endless(): AsyncGenerator<number> {
      try {
        for (;;) {
          await new Promise(setImmediate)
          if (++read === 100) controller.abort(reason)
          yield read
        }
      } finally {
        isEnded = true
      }
    }

    const run = execute((item: number) => item, endless(), {
      ...alone(),
      signal: controller.signal,
    })

    await expect(run).rejects.toBe(reason)
    await expect.poll(() => isEnded).toBe(true)
    expect(read).toBeLessThan(110)
  })
})

it.each(['onError', 'itemTimeoutMs', 'retries'] as const)(
  'a bad `%s` is refused',
  async (option) => {
    for (const value of ['never', -1, 0.5 - 1, null, Number.NaN]) {
      const options = { [option]: value } as never
      await expect(execute((item: number) => item, [1], options)).rejects.toMatchObject({
        code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
        option,
      })
    }
  },
)

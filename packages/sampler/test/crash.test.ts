import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { moduleTask, prepareTask, TaskPool } from '../src/index.ts'
import type { Runtime, Task, TaskDefinition } from '../src/index.ts'

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']
const ONE = { maxWorkers: 1 }

function define<I, O>(task: Task<I, O>): TaskDefinition {
  return prepareTask(task, undefined).definition
}

const double = define((item: number) => item * 2)

describe.each(RUNTIMES)('after a disaster in %s', (runtime) => {
  let pool: TaskPool

  beforeEach(() => {
    pool = new TaskPool({ runtime })
  })

  /** Whatever happened: the next chunk runs, and closing ends. */
  afterEach(async () => {
    const { values } = await pool.runChunk(double, [1, 2], ONE)
    await pool.close()
    expect(values).toEqual([2, 4])
  })

  it('process.exit() rejects with the index of the item that called it', async () => {
    const exitAtThree = define((item: number) => (item === 3 ? process.exit(7) : item))

    const running = pool.runChunk(exitAtThree, [1, 2, 3, 4], {
      ...ONE,
      positions: [10, 20, 30, 40],
    })

    await expect(running).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
      index: 30,
      message: expect.stringContaining('exited with code 7 while it ran item 30'),
    })
  })

  it('process.exit() after an await names the item too', async () => {
    const exit = define(async (item: number) => {
      await new Promise(setImmediate)
      return item === 2 ? process.exit(0) : item
    })

    await expect(pool.runChunk(exit, [1, 2], ONE)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
      index: 1,
    })
  })

  it('the chunk that waited behind the lost one runs elsewhere, each item once', async () => {
    const exitAtThree = define((item: number) => (item === 3 ? process.exit(7) : item))

    const [lost, waiting] = await Promise.allSettled([
      pool.runChunk(exitAtThree, [3], ONE),
      pool.runChunk(double, [4, 5], ONE),
    ])

    expect(lost.status).toBe('rejected')
    expect(waiting).toMatchObject({ status: 'fulfilled', value: { values: [8, 10] } })
  })

  it('a module that exits while it is loaded is given up after a few workers', async () => {
    const exits = define(moduleTask(new URL('fixtures/exits-at-top.mjs', import.meta.url)))

    await expect(pool.runChunk(exits, [1], ONE)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
      index: undefined,
    })
  })

  it('an unhandled rejection during a chunk rejects the chunk', async () => {
    const reject = define(async () => {
      void Promise.reject(new RangeError('nobody listens'))
      await new Promise((resolve) => setTimeout(resolve, 10_000))
    })

    await expect(pool.runChunk(reject, [1], ONE)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
      index: 0,
    })
  })

  it('an error thrown after the task ended costs no chunk', async () => {
    const throwLater = define((item: number) => {
      setTimeout(() => {
        throw new Error('too late')
      }, 0)
      return item
    })

    const { values } = await pool.runChunk(throwLater, [1], ONE)
    const next = await pool.runChunk(double, [1], ONE)

    expect(values).toEqual([1])
    expect(next.values).toEqual([2])
  })

  it('an endless loop ends with an abort, and the rejection is its reason', async () => {
    const hang = define((item: number) => {
      if (item === 2) for (;;);
    })
    const controller = new AbortController()
    const reason = new Error('enough')

    const running = pool.runChunk(hang, [1, 2], { ...ONE, signal: controller.signal })
    // Shows that the worker is up and busy: this one waits behind the loop and runs elsewhere.
    const behind = pool.runChunk(double, [21], ONE)
    controller.abort(reason)

    await expect(running).rejects.toBe(reason)
    expect((await behind).values).toEqual([42])
  })

  it('a signal that was aborted before starts nothing', async () => {
    const running = pool.runChunk(double, [1], { ...ONE, signal: AbortSignal.abort('no') })

    await expect(running).rejects.toBe('no')
    expect(pool.warmWorkers).toBe(0)
  })

  it('an item beyond itemTimeoutMs is named, and its worker replaced', async () => {
    const hang = define((item: number) => {
      if (item === 2) for (;;);
      return item
    })

    const running = pool.runChunk(hang, [1, 2, 3], {
      ...ONE,
      itemTimeoutMs: 50,
      positions: [7, 8, 9],
    })

    await expect(running).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT',
      index: 8,
    })
  })

  it('a promise that never settles is out of time too', async () => {
    const never = define(() => new Promise(() => {}))

    await expect(pool.runChunk(never, [1], { ...ONE, itemTimeoutMs: 20 })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT',
      index: 0,
    })
  })

  it('an item that cannot be sent is a failure of that item alone', async () => {
    const items = [1, () => {}, 3]

    const { failure } = await pool.runChunk(double, items, ONE)

    expect(failure).toMatchObject({ offset: 1, error: expect.any(TypeError) })
    expect(String(failure?.error)).toContain('could not be cloned')
  })

  it('an item whose getter throws while it is sent is a failure of that item alone', async () => {
    const trap = {
      get value(): number {
        throw new RangeError('do not look')
      },
    }

    const { failure } = await pool.runChunk(double, [1, trap], ONE)

    expect(failure).toMatchObject({ offset: 1, error: { cause: new RangeError('do not look') } })
  })

  it('chunks sent at the same time as one that cannot be sent learn the task all the same', async () => {
    const fresh = define((item: number) => item + 1)

    const [bad, good] = await Promise.all([
      pool.runChunk(fresh, [() => {}], ONE),
      pool.runChunk(fresh, [1], ONE),
    ])

    expect(bad.failure).toMatchObject({ offset: 0 })
    expect(good.values).toEqual([2])
  })

  it('a result that cannot be sent back is a failure of that item alone', async () => {
    const returnFunction = define((item: number) => (item === 2 ? () => item : item))

    const { values, failure } = await pool.runChunk(returnFunction, [1, 2, 3], ONE)

    expect(values).toEqual([1])
    expect(failure).toMatchObject({ offset: 1, error: expect.any(TypeError) })
    expect(String(failure?.error)).toContain('cannot be sent back')
  })

  it('an array with a function among its named properties is such a result', async () => {
    const named = define(() => Object.assign([1], { method() {} }))

    const { failure } = await pool.runChunk(named, [1], ONE)

    expect(failure).toMatchObject({ offset: 0, error: expect.any(TypeError) })
  })

  it('a context that cannot be sent is an error of the task', async () => {
    const { definition } = prepareTask((item: number) => item, { method() {} } as never)

    await expect(pool.runChunk(definition, [1], ONE)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_TASK_LOAD',
      message: expect.stringContaining('context'),
    })
  })

  it('terminateBusy() ends what runs and does not start it again', async () => {
    const hang = define(() => {
      for (;;);
    })
    const running = pool.runChunk(hang, [1], ONE)
    const behind = pool.runChunk(double, [1], ONE)
    const settled = Promise.allSettled([running, behind])

    await pool.terminateBusy()

    const exit = { status: 'rejected', reason: { code: 'AMORSIZE_SAMPLER_WORKER_EXIT' } }
    expect(await settled).toMatchObject([exit, exit])
  })
})

it.each(RUNTIMES)(
  'a stray error in %s arrives as it is after results whose memory was handed over',
  async (runtime) => {
    await using pool = new TaskPool({ runtime })
    const numbers = Array.from({ length: 5000 }, (_, index) => index)
    const strayBelowZero = define(async (item: number) => {
      if (item >= 0) return item
      void Promise.reject(new RangeError('nobody listens'))
      return new Promise<number>(() => {})
    })

    const before = pool.runChunk(strayBelowZero, numbers, ONE)
    const running = pool.runChunk(strayBelowZero, [-1], ONE)

    await expect(running).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
      index: 0,
      cause: new RangeError('nobody listens'),
    })
    expect((await before).values).toEqual(numbers)
  },
)

it.each([true, false])(
  'a stray error is not charged to a result that was sent before it became unfit, at once: %s',
  async (isAtOnce) => {
    await using pool = new TaskPool({ runtime: 'worker_threads' })
    const calls = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const { definition } = prepareTask(
      async (item: number, context: { calls: Int32Array; isAtOnce: boolean }) => {
        Atomics.add(context.calls, 0, 1)
        const cache = globalThis as { kept?: object }
        cache.kept ??= {}
        if (item === 0) return cache.kept
        Object.assign(cache.kept, { method() {} })
        if (!context.isAtOnce) await new Promise(setImmediate)
        void Promise.reject(new RangeError('nobody listens'))
        return new Promise<object>(() => {})
      },
      { calls, isAtOnce },
    )

    const before = pool.runChunk(definition, [0], ONE)
    const running = pool.runChunk(definition, [1, 2], ONE)

    await expect(running).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
      index: 0,
      cause: new RangeError('nobody listens'),
    })
    expect((await before).values).toEqual([{}])
    expect(calls[0]).toBe(2)
  },
)

it('a child process that is killed rejects with the signal and the index', async () => {
  await using pool = new TaskPool({ runtime: 'child_process' })
  const killSelf = define((item: number) => {
    if (item === 2) process.kill(process.pid, 'SIGKILL')
    return item
  })

  await expect(pool.runChunk(killSelf, [1, 2], ONE)).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
    index: 1,
    message: expect.stringContaining('SIGKILL'),
  })
  expect((await pool.runChunk(double, [4], ONE)).values).toEqual([8])
})

it('a child process that is killed while idle is replaced', async () => {
  await using pool = new TaskPool({ runtime: 'child_process' })
  const pidOf = define(() => process.pid)
  const first = await pool.runChunk(pidOf, [0], ONE)

  process.kill(first.values[0] as number, 'SIGKILL')
  const second = await pool.runChunk(pidOf, [0], ONE)

  expect(second.values[0]).not.toBe(first.values[0])
})

it.each(RUNTIMES)(
  'a worker of %s that cannot start is an error with its cause',
  async (runtime) => {
    await using pool = new TaskPool({ runtime, execArgv: ['--no-such-flag'] })

    await expect(pool.runChunk(double, [1], ONE)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
      index: undefined,
    })
    expect(pool.warmWorkers).toBe(0)
  },
)

const fillHeap = define((item: number) => {
  const kept: number[][] = []
  if (item === 1) return item
  for (;;) kept.push(Array.from({ length: 1000 }, (_, n) => n))
})

it('a thread out of heap rejects with the index', async () => {
  await using pool = new TaskPool({ resourceLimits: { maxOldGenerationSizeMb: 32 } })

  await expect(pool.runChunk(fillHeap, [1, 2], ONE)).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
    index: 1,
    cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' },
  })
  expect((await pool.runChunk(double, [4], ONE)).values).toEqual([8])
})

it('a child process out of heap rejects with the index', async () => {
  await using pool = new TaskPool({
    runtime: 'child_process',
    execArgv: ['--max-old-space-size=32'],
  })

  await expect(pool.runChunk(fillHeap, [1, 2], ONE)).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_WORKER_EXIT',
    index: 1,
  })
  expect((await pool.runChunk(double, [4], ONE)).values).toEqual([8])
})

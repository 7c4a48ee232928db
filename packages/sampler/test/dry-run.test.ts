import { spawn } from 'node:child_process'
import { createSecretKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, describe, expect, it, onTestFinished } from 'vitest'

import { dryRun, moduleTask, prepareTask, sampleItems, TaskPool } from '../src/index.ts'
import type { DryRunOptions, SamplingResult } from '../src/index.ts'

const pool = new TaskPool()
const children = new TaskPool({ runtime: 'child_process' })
afterAll(async () => {
  await pool.close()
  await children.close()
})

/** Computes for about the given time, so that what is asked of a dry run does not hang on the machine. */
const compute = (durationMs: number): number => {
  const endMs = performance.now() + durationMs
  while (performance.now() < endMs);
  return durationMs
}

/** Generous, so that a busy machine samples as many items as an idle one. */
const options: DryRunOptions = { pool, worthWorkersMs: 0, budgetMs: 5000 }

/** What a dry run promises whatever it measures. */
function expectNothingLost<O>({ results, itemCount }: SamplingResult<O>, expected: O[]): void {
  const rest = [...results.rest()]
  expect(results.doneCount + rest.length).toBe(itemCount)
  expect(rest).toEqual(rest.toSorted((a, b) => a - b))
  for (const [index, value] of expected.entries()) {
    if (results.has(index)) expect(results.values[index]).toEqual(value)
    else expect(rest).toContain(index)
  }
}

it('does not take the cold code of a worker for the pace of workers', async () => {
  const slowAtFirst = (item: number): number => {
    const seen = globalThis as { hasRun?: boolean }
    const endMs = performance.now() + (seen.hasRun ? 30 : 150)
    seen.hasRun = true
    while (performance.now() < endMs);
    return item
  }
  onTestFinished(() => void Reflect.deleteProperty(globalThis, 'hasRun'))

  await pool.warm(1)
  const items = Array.from({ length: 12 }, (_, index) => index)
  const { itemTimeMs, mainItemTimeMs } = await dryRun(slowAtFirst, items, {
    ...options,
    budgetMs: 1,
  })

  expect(itemTimeMs).toBe(mainItemTimeMs)
})

it.each<[string, () => unknown, unknown]>([
  ['shared memory', () => new SharedArrayBuffer(24), 24],
  ['shared memory in a field', () => ({ field: new SharedArrayBuffer(24) }), 0],
  ['a Blob', () => new Blob(['text']), expect.any(Number)],
  ['a key', () => createSecretKey(Buffer.alloc(16)), 0],
])('takes what only threads carry as it is: %s', async (_, createItem, bytes) => {
  const items = Array.from({ length: 40 }, createItem)

  const { worker } = await dryRun((item) => item, items, { ...options, allowMainThread: false })

  expect(worker).toMatchObject({ inputBytes: bytes, serializedBytes: bytes })
})

describe.each([
  ['here and in a thread', true, pool],
  ['in a thread alone', false, pool],
  ['here and in a child process', true, children],
  ['in a child process alone', false, children],
])('a dry run %s', (_, allowMainThread, ofRuntime) => {
  const generous: DryRunOptions = { ...options, pool: ofRuntime }

  it('tells what the items cost and keeps their results', async () => {
    // More than the loop is through with by the time that a child has started on a busy machine.
    const items = Array.from({ length: 3000 }, () => 1)

    const sampling = await dryRun(compute, items, { ...generous, allowMainThread })

    expectNothingLost(sampling, items)
    // Waits for a core do not count, and these items are over when the clock says so.
    expect(sampling.itemTimeMs).toBeGreaterThan(0.1)
    expect(sampling.results.doneCount).toBeGreaterThan(5)
    const { worker } = sampling
    expect(worker?.dispatchMs).toBeGreaterThan(0)
    expect(worker?.mainDispatchMs).toBeGreaterThan(0)
    expect(worker?.cloneMs).toBeGreaterThan(0)
    expect(worker?.inputBytes).toBeGreaterThan(0)
    expect(worker?.serializedBytes).toBeGreaterThan(0)
    expect(worker?.memoryBytes).toBeGreaterThan(1e6)
    expect(worker?.startUpMs).toBeGreaterThanOrEqual(0)
  })

  it('and the run of the rest compute each item exactly once', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'amorsize-test-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const file = path.join(directory, 'computed')
    const note = (item: number, context: { file: string }): number => {
      process.getBuiltinModule('node:fs').appendFileSync(context.file, `${item}\n`)
      return item
    }
    const items = Array.from({ length: 600 }, (__, n) => n)
    const task = prepareTask(note, { file })

    const { results, rest } = await sampleItems(task, items, { ...generous, allowMainThread })
    const others: number[] = []
    for await (const item of rest) others.push(item)
    await ofRuntime.runChunk(task.definition, others, { maxWorkers: 1 })

    const computed = (await readFile(file, 'utf8')).trim().split('\n').map(Number)
    expect(computed.toSorted((a, b) => a - b)).toEqual(items)
    expect(results.doneCount + others.length).toBe(600)
  })

  it('of items slower than the whole budget samples few and says how little it knows', async () => {
    const slow = Array.from({ length: 40 }, () => 40)

    const sampling = await dryRun(compute, slow, { ...generous, allowMainThread, budgetMs: 1 })

    expectNothingLost(sampling, slow)
    expect(sampling.results.doneCount).toBeLessThan(slow.length)
    expect(sampling.relativeError).toBe(Infinity)
    expect(sampling.isSettled).toBe(false)
  })

  it.each([
    ['does not export the name', 'tasks.mjs', 'halve'],
    ['throws while it is loaded', 'throws-at-top.mjs', 'default'],
  ])('of a module that %s fails before any item', async (__, file, exportName) => {
    const url = new URL(`fixtures/${file}`, import.meta.url)
    const task = moduleTask<number, number>(url, exportName)

    await expect(dryRun(task, [1], { ...generous, allowMainThread })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_TASK_LOAD',
      value: url.href,
    })
  })

  it.each([
    ['sorted', (n: number) => n / 100],
    ['of two kinds', (n: number) => (n % 10 === 0 ? 4 : 0.2)],
    ['with a heavy tail', (n: number) => Math.min(10, 0.2 * (1 - (n % 97) / 97) ** -0.5)],
    ['with one cluster of slow items', (n: number) => (n >= 100 && n < 130 ? 3 : 0.3)],
  ])('of data %s loses no item and runs none twice', async (__, cost) => {
    const items = Array.from({ length: 300 }, (___, n) => cost(n))

    expectNothingLost(await dryRun(compute, items, { ...generous, allowMainThread }), items)
  })

  it('of one item samples it, whatever it costs, and claims no precision', async () => {
    const sampling = await dryRun(compute, [60], { ...generous, allowMainThread, budgetMs: 1 })

    expect(sampling.results.values).toEqual([60])
    expect(sampling.relativeError).toBe(Infinity)
    expect(sampling.isSettled).toBe(false)
    expect(sampling.itemTimeMs).toBeGreaterThan(59)
  })

  it('of no item costs nothing and says so', async () => {
    const sampling = await dryRun(compute, [], { ...generous, allowMainThread })

    expect(sampling).toMatchObject({ itemCount: 0, itemTimeMs: 0, worker: undefined })
  })

  it('of a task that fails names the item', async () => {
    const refuse = (item: number): number => {
      if (item >= 0) throw new RangeError('refused')
      return item
    }

    await expect(dryRun(refuse, [1, 2], { ...generous, allowMainThread })).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_ITEM',
      index: 0,
      cause: new RangeError('refused'),
    })
  })

  it('ends with its signal, also in the middle of an item', async () => {
    const hang = async (): Promise<void> => new Promise(() => {})
    const hangsAtTop = moduleTask(new URL('fixtures/hangs-at-top.mjs', import.meta.url), 'default')

    for (const task of [hang, hangsAtTop]) {
      const signal = AbortSignal.timeout(30)
      await expect(
        dryRun<number, unknown>(task, [1, 2], { ...generous, allowMainThread, signal }),
      ).rejects.toMatchObject({ name: 'TimeoutError' })
    }
  })

  it('ends an item that takes too long in its worker, and names it', async () => {
    const hang = (): void => {
      for (;;);
    }
    const limits = { ...generous, allowMainThread: false, itemTimeoutMs: 30 }

    await expect(dryRun(hang, [1, 2], limits)).rejects.toMatchObject({
      code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT',
      index: 0,
    })
  })
})

it('sees that the time rises with position and size', async () => {
  const items = Array.from({ length: 4000 }, (_, n) => 0.05 + n / 2000)

  const { dependence } = await dryRun(compute, items, {
    ...options,
    allowMainThread: false,
    budgetMs: 5000,
  })

  // 1 on a machine at rest; on a busy one noise, and by chance alone far less than half of it.
  expect(dependence.onPosition).toBeGreaterThan(0.5)
  expect(dependence.onSize).toBeGreaterThan(0.5)
})

it('starts no worker where the map is too short for one', async () => {
  await using cold = new TaskPool()

  const sampling = await dryRun((item: number) => item + 1, [1, 2, 3], { pool: cold })

  expect(cold.warmWorkers).toBe(0)
  expect(sampling.results.values).toEqual([2, 3, 4])
  expect(sampling.worker).toBeUndefined()
})

it('starts the other workers while it samples, but none for a map that is too short', async () => {
  await using cold = new TaskPool()
  const limits = { ...options, pool: cold, warmAhead: 2 }

  await dryRun((item: number) => item, [1, 2, 3], { ...limits, worthWorkersMs: 60 })
  const forShort = cold.warmWorkers
  await dryRun(
    compute,
    Array.from({ length: 3000 }, () => 1),
    limits,
  )

  expect([forShort, cold.warmWorkers]).toEqual([0, 2])
})

it('shares the workers of its pool with what runs before and after', async () => {
  await using own = new TaskPool()
  const task = prepareTask(compute, undefined)
  const items = Array.from({ length: 50 }, () => 1)

  const limits = { ...options, pool: own, allowMainThread: false }

  const first = await sampleItems(task, items, limits)
  await own.runChunk(task.definition, [1], { maxWorkers: 1 })
  const second = await sampleItems(task, items, limits)

  expect(own.warmWorkers).toBe(1)
  expect([first.worker?.wasWarm, second.worker?.wasWarm]).toEqual([false, true])
  expect(first.worker?.startUpMs).toBeGreaterThan(0)
})

it('marks what it measured while others used the machine', async () => {
  const hogs = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', "process.stdout.write('.'); for (;;);"]),
  )
  onTestFinished(() => hogs.forEach((hog) => hog.kill('SIGKILL')))
  await Promise.all(hogs.map((hog) => once(hog.stdout, 'data')))
  const items = Array.from({ length: 400 }, () => 2)

  const sampling = await dryRun(compute, items, { ...options, allowMainThread: false })

  expect(sampling.foreignCpuShare).toBeGreaterThan(0.25)
  expect(sampling.isTainted).toBe(true)
})

it('runs nothing on the calling thread where that is not allowed', async () => {
  const where = async (): Promise<boolean> => {
    const threads = process.getBuiltinModule('node:worker_threads')
    return threads.isMainThread
  }

  const { results, mainItemTimeMs } = await dryRun(where, [1, 2], {
    ...options,
    allowMainThread: false,
  })

  expect(results.values.filter((value) => value !== undefined)).toEqual([false])
  expect(mainItemTimeMs).toBeUndefined()
})

it('leaves three quarters of the items to all workers, however generous the budget', async () => {
  const items = Array.from({ length: 8 }, () => 2)

  const { results } = await dryRun(compute, items, { ...options, allowMainThread: false })

  expect(results.doneCount).toBe(2)
})

it('recognises a function that waits', async () => {
  const wait = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 15))
  }

  const waiting = await dryRun(wait, Array.from({ length: 50 }), options)
  const computing = await dryRun(
    compute,
    Array.from({ length: 50 }, () => 5),
    options,
  )

  expect(waiting.waitShare).toBeGreaterThan(computing.waitShare)
})

it('samples spread over the data, not its head', async () => {
  const { results } = await dryRun(
    compute,
    Array.from({ length: 1000 }, () => 2),
    options,
  )

  const done = [...results.values.keys()].filter((index) => results.has(index))
  expect(Math.max(...done)).toBeGreaterThan(500)
})

it('passes the context', async () => {
  const add = (item: number, context: { offset: number }): number => item + context.offset

  const { results } = await dryRun(add, [1, 2], { pool }, { offset: 10 })

  expect(results.values).toEqual([11, 12])
})

it.each([
  { budgetMs: -1 },
  { budgetMs: Number.NaN },
  { worthWorkersMs: '5' as unknown as number },
  { warmAhead: 1.5 },
  { itemTimeoutMs: 0 },
])('refuses the options %o before an item runs', async (wrong) => {
  await expect(dryRun(compute, [1], { ...options, ...wrong })).rejects.toMatchObject({
    code: 'AMORSIZE_SAMPLER_INVALID_OPTION',
  })
})

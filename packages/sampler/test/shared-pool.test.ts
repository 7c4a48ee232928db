import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { dryRun, moduleTask, prepareTask, TaskPool } from '../src/index.ts'
import type { Runtime, Task, TaskDefinition } from '../src/index.ts'

const RUNTIMES: readonly Runtime[] = ['worker_threads', 'child_process']
const ONE = { maxWorkers: 1 }
const HANGS_AT_TOP = new URL('fixtures/hangs-at-top.mjs', import.meta.url)

interface Place {
  readonly directory: string
}

function define<I, O, C>(task: Task<I, O, C>, context: C): TaskDefinition {
  return prepareTask<I, O, C>(task, context).definition
}

/** Leaves a line an item, and from item 100 on waits for the gate to be opened. */
const count = (item: number, { directory }: Place): number => {
  const fs = process.getBuiltinModule('node:fs')
  fs.appendFileSync(`${directory}/counted`, `${item}\n`)
  const isOpen = (): boolean => item < 100 || fs.existsSync(`${directory}/gate`)
  while (!isOpen());
  return item * 2
}

const fill = (byteLength: number, { directory }: Place): Uint8Array => {
  process.getBuiltinModule('node:fs').appendFileSync(`${directory}/counted`, `${byteLength}\n`)
  return new Uint8Array(byteLength)
}

const hang = (_: number, { directory }: Place): never => {
  process.getBuiltinModule('node:fs').writeFileSync(`${directory}/hangs`, '')
  for (;;);
}

const exit = (item: number, { directory }: Place): never => {
  process.getBuiltinModule('node:fs').writeFileSync(`${directory}/exits`, '')
  return process.exit(item)
}

describe.each(RUNTIMES)('two callers of one worker, in %s', (runtime) => {
  let pool: TaskPool
  let place: Place
  let counting: TaskDefinition

  beforeEach(() => {
    pool = new TaskPool({ runtime })
    place = { directory: mkdtempSync(path.join(tmpdir(), 'amorsize-test-')) }
    counting = define(count, place)
    appendFileSync(path.join(place.directory, 'counted'), '')
  })

  afterEach(async () => {
    await pool.close()
    rmSync(place.directory, { recursive: true })
  })

  function counted(): number[] {
    const lines = readFileSync(path.join(place.directory, 'counted'), 'utf8').split('\n')
    return lines.filter(Boolean).map(Number)
  }

  async function appears(name: string): Promise<void> {
    while (!existsSync(path.join(place.directory, name))) await new Promise(setImmediate)
  }

  it('an aborted dry run leaves the chunk alone that the worker is at', async () => {
    const controller = new AbortController()
    const running = pool.runChunk(counting, [1, 100], ONE)
    while (counted().length < 2) await new Promise(setImmediate)

    const sampling = dryRun(
      hang,
      [1, 2],
      { pool, allowMainThread: false, signal: controller.signal },
      place,
    )
    sampling.catch(() => {})
    await someTurns()
    controller.abort('enough')
    await expect(sampling).rejects.toBe('enough')
    writeFileSync(path.join(place.directory, 'gate'), '')

    expect((await running).values).toEqual([2, 200])
    expect(counted()).toEqual([1, 100])
  })

  it('an aborted dry run ends its own item, and the chunk behind runs once', async () => {
    const controller = new AbortController()
    const options = { pool, allowMainThread: false, signal: controller.signal }
    const sampling = dryRun(hang, [1, 2], options, place)
    await appears('hangs')

    const behind = pool.runChunk(counting, [1, 2], ONE)
    controller.abort('enough')

    await expect(sampling).rejects.toBe('enough')
    expect((await behind).values).toEqual([2, 4])
    expect(counted()).toEqual([1, 2])
  })

  it('an aborted dry run does not wait for a module that never loads, nor does who is behind', async () => {
    const controller = new AbortController()
    const options = { pool, allowMainThread: false, signal: controller.signal }
    await pool.warm(1)

    const sampling = dryRun(moduleTask(HANGS_AT_TOP), [1, 2], options)
    sampling.catch(() => {})
    await someTurns()
    const behind = pool.runChunk(counting, [1, 2], ONE)
    controller.abort('enough')

    await expect(sampling).rejects.toBe('enough')
    expect((await behind).values).toEqual([2, 4])
    expect(counted()).toEqual([1, 2])
  })

  it('a chunk outlives any number of workers that items of others end before it starts', async () => {
    const exiting = define(exit, place)

    const others = Array.from({ length: 5 }, (_, item) => pool.runChunk(exiting, [item], ONE))
    const behind = pool.runChunk(counting, [1, 2], ONE)

    for (const { status } of await Promise.allSettled(others)) expect(status).toBe('rejected')
    expect((await behind).values).toEqual([2, 4])
    expect(counted()).toEqual([1, 2])
  })

  it('a result that was sent before another caller ends the worker is heard', async () => {
    const first = pool.runChunk(counting, [100], ONE)
    while (counted().length < 1) await new Promise(setImmediate)
    const second = pool.runChunk(define(exit, place), [7], ONE)
    second.catch(() => {})
    await someTurns()

    writeFileSync(path.join(place.directory, 'gate'), '')
    // The reply to the first chunk and the end of the worker are there at the same time.
    blockUntil(path.join(place.directory, 'exits'))

    await expect(second).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index: 0 })
    expect((await first).values).toEqual([200])
    expect(counted()).toEqual([100])
  })

  it('a result of many bytes is heard too', async () => {
    const first = pool.runChunk(define(fill, place), [1_000_000], ONE)
    const second = pool.runChunk(define(exit, place), [7], ONE)

    await expect(second).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_WORKER_EXIT', index: 0 })
    expect((await first).values).toMatchObject([{ byteLength: 1_000_000 }])
    expect(counted()).toEqual([1_000_000])
  })

  it('an item out of time ends its worker, and the chunk behind runs once', async () => {
    const late = pool.runChunk(define(hang, place), [1], { ...ONE, itemTimeoutMs: 50 })
    const behind = pool.runChunk(counting, [1, 2], ONE)

    await expect(late).rejects.toMatchObject({ code: 'AMORSIZE_SAMPLER_ITEM_TIMEOUT', index: 0 })
    expect((await behind).values).toEqual([2, 4])
    expect(counted()).toEqual([1, 2])
  })
})

/** By then what was asked for has been sent to a worker that runs. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}

/** Blocks the thread until shortly after the file appears, or for a few seconds. */
function blockUntil(file: string): void {
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  for (let wait = 0; wait < 2000 && !existsSync(file); wait++) Atomics.wait(cell, 0, 0, 1)
  Atomics.wait(cell, 0, 0, 50)
}

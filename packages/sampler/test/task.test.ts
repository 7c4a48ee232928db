import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { transformSync } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'

import { moduleTask, prepareTask, TaskPool } from '../src/index.ts'
import type { Task } from '../src/index.ts'

const FIXTURE = new URL('fixtures/tasks.mjs', import.meta.url)
const pools = [new TaskPool(), new TaskPool({ runtime: 'child_process' })]
afterAll(() => Promise.all(pools.map((pool) => pool.close())))

/** The same items here and in workers of both kinds: a task must not be able to tell. */
async function runBoth<I, O, C>(task: Task<I, O, C>, items: I[], context?: C): Promise<unknown[]> {
  const prepared = prepareTask<I, O, C>(task, context as C)
  const run = await prepared.load()
  const here = await Promise.all(items.map((item) => run(item)))
  for (const pool of pools) {
    const { values, failure } = await pool.runChunk(prepared.definition, items, { maxWorkers: 1 })
    if (failure) throw failure.error
    expect(values).toEqual(here)
  }
  return here
}

describe('a function', () => {
  it('may be an arrow, asynchronous, a method, a getter or a function expression', async () => {
    const holder = {
      method(this: void, item: number) {
        return item + 1
      },
      async later(this: void, item: number) {
        await Promise.resolve()
        return item + 2
      },
      get made() {
        return undefined
      },
      ['computed name'](this: void, item: number) {
        return item + 3
      },
    }
    const made = Object.getOwnPropertyDescriptor(holder, 'made') as { get: () => undefined }

    expect(await runBoth((item: number) => item, [1])).toEqual([1])
    expect(await runBoth(holder.method, [1])).toEqual([2])
    expect(await runBoth(holder.later, [1])).toEqual([3])
    expect(await runBoth(holder['computed name'], [1])).toEqual([4])
    expect(await runBoth(made.get, [1])).toEqual([undefined])
    expect(
      await runBoth(
        function named(item: number): number {
          return item < 2 ? 1 : item * named(item - 1)
        },
        [5],
      ),
    ).toEqual([120])
  })

  it('is given the context as its second argument', async () => {
    const scale = (item: number, { factor }: { factor: number }): number => item * factor

    expect(await runBoth(scale, [1, 2], { factor: 10 })).toEqual([10, 20])
  })

  it('may begin with the letters of a class', async () => {
    const holder = {
      classify(this: void, text: string) {
        return text.length
      },
      class(this: void, text: string) {
        return text.trim()
      },
    }

    expect(await runBoth((className: string) => className.trim(), [' a '])).toEqual(['a'])
    expect(await runBoth(holder.classify, ['ab'])).toEqual([2])
    expect(await runBoth(holder.class, [' a '])).toEqual(['a'])
  })

  it.each([
    'async function task(item) { return (await item) * 2 }',
    'const task = { async task(item) { return (await item) * 2 } }.task',
    'const task = async (item) => (await item) * 2',
  ])('may be asynchronous and compiled for ES2016: %s', async (code) => {
    const compiled = transformSync(code, { target: 'es2016' }).code
    expect(compiled).toContain('__async(')
    // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
    const make = new Function(`${compiled}; return task`) as () => (item: number) => number

    expect(await runBoth(make(), [1, 2])).toEqual([2, 4])
  })

  it('that reads properties of its own is refused with their names', () => {
    const score = Object.assign(
      function score(item: string): number | undefined {
        return (score as unknown as { weights: Record<string, number> }).weights[item]
      },
      { weights: { a: 1 }, label: 'Score' },
    )
    const shift = Object.assign(
      function shift(item: string): unknown {
        return (shift as unknown as Record<string, unknown>)[item]
      },
      { a: 1, b: 2 },
    )

    expect(() => prepareTask(score, undefined)).toThrow(
      expect.objectContaining({
        code: 'AMORSIZE_SAMPLER_FREE_VARIABLE',
        variables: ['score.weights'],
        remedy: expect.stringContaining('`context`'),
      }),
    )
    expect(() => prepareTask(shift, undefined)).toThrow(
      expect.objectContaining({ variables: ['shift.a', 'shift.b'] }),
    )
  })

  it('may have properties that it does not read, or makes itself', async () => {
    const factorial = Object.assign(
      function factorial(item: number): number {
        // The factorial itself: it has a name and a title, `factorial.name`.
        if (Number.isNaN(item)) throw new RangeError(`no factorial: ${factorial.name}`)
        return item < 2 ? 1 : item * factorial(item - 1)
      },
      { label: 'Factorial' },
    )
    const cube = function cube(item: number): number {
      // @ts-expect-error: as JavaScript has it.
      cube.known ??= new Map<number, number>()
      return item ** 3
    }
    cube(1)

    expect(await runBoth(factorial, [3])).toEqual([6])
    expect(await runBoth(cube, [3])).toEqual([27])
  })

  it('is strict in a worker, as it was in its module', async () => {
    const isStrict = (): boolean =>
      [0].map(function (this: unknown) {
        return this === undefined
      })[0] ?? false

    expect(await runBoth(isStrict, [0])).toEqual([true])
  })

  it('may import what it needs', async () => {
    const base = async (item: string): Promise<string> => {
      const path = await import('node:path')
      return path.basename(item)
    }

    expect(await runBoth(base, ['/a/b.txt'])).toEqual(['b.txt'])
  })

  it('that refers to something outside is refused with its names', () => {
    const factor = 3
    const offset = 4

    expect(() => prepareTask((item: number) => item * factor + offset, undefined)).toThrow(
      expect.objectContaining({
        code: 'AMORSIZE_SAMPLER_FREE_VARIABLE',
        variables: ['factor', 'offset'],
        remedy: expect.stringMatching(/context.*moduleTask/),
      }),
    )
  })

  it.each([
    ['native', Math.sqrt],
    ['bound', Math.max.bind(undefined, 1)],
    ['a class', Map as never],
    ['a class of its own', class Own extends Map {} as never],
    [
      'a generator',
      function* generate(item: number): Generator<number> {
        yield item
      } as never,
    ],
  ])('that is %s is refused with a remedy', (_, task: (item: number) => number) => {
    expect(() => prepareTask(task, undefined)).toThrow(
      expect.objectContaining({
        code: 'AMORSIZE_SAMPLER_TASK_LOAD',
        remedy: expect.stringMatching(/^(Wrap it in|Write) a function/),
      }),
    )
  })

  it.each([undefined, null, 7, 'x => x', {}, { url: 'file:///x' }])('is not %o', (task) => {
    expect(() => prepareTask(task as never, undefined)).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_SAMPLER_INVALID_TASK' }),
    )
  })

  it('has a signature that tells its source from any other', () => {
    const one = prepareTask((item: number) => item + 1, undefined)
    const same = prepareTask((item: number) => item + 1, undefined)
    const other = prepareTask((item: number) => item + 2, undefined)

    expect(one.signature).toBe(same.signature)
    expect(one.signature).not.toBe(other.signature)
  })
})

describe('a module task', () => {
  it('runs an export, with context, state and imports', async () => {
    expect(await runBoth(moduleTask<number, number>(FIXTURE, 'double'), [1, 2])).toEqual([2, 4])
    expect(await runBoth(moduleTask<number, number>(FIXTURE), [1])).toEqual([3])
    expect(
      await runBoth(
        moduleTask<number, number, { offset: number }>(FIXTURE.href, 'addContext'),
        [1],
        { offset: 5 },
      ),
    ).toEqual([6])
  })

  it('is one task to a worker, however often it is prepared, unless its context may have changed', () => {
    const task = moduleTask<number, number, unknown>(FIXTURE, 'addContext')
    const definition = (context: unknown): unknown => prepareTask(task, context).definition

    expect(definition(2)).toBe(definition(2))
    expect(definition(3)).not.toBe(definition(2))
    const context = { factor: 2 }
    expect(definition(context)).not.toBe(definition(context))
  })

  it('is read again where its file has changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'amorsize-'))
    const file = join(folder, 'task.mjs')
    const minuteAgo = Date.now() / 1000 - 60
    const write = (source: string, age: number): void => {
      writeFileSync(file, source)
      utimesSync(file, minuteAgo - age, minuteAgo - age)
    }
    write('export default (item) => item', 60)
    const task = moduleTask<number, number>(file)
    const first = prepareTask(task, undefined)
    write('export default (item) => item + 1', 0)
    // A file that was just looked at is not looked at again.
    await new Promise((resolve) => setTimeout(resolve, 150))
    const second = prepareTask(task, undefined)
    rmSync(folder, { recursive: true })

    expect(second.signature).not.toBe(first.signature)
    expect(second.source).toContain('item + 1')
  })

  it('may be named by an absolute path', async () => {
    const path = FIXTURE.pathname

    expect(moduleTask<number, number>(path).url).toBe(pathToFileURL(path).href)
  })

  it('that is made by another copy of the package is one too', () => {
    const foreign = { url: FIXTURE.href, exportName: 'double' }

    expect(prepareTask(foreign as never, undefined).name).toBe('double')
  })

  it.each(['./task.js', 'lodash', 'https://example.org/task.js'])('refuses the URL %s', (url) => {
    expect(() => moduleTask<number, number>(url)).toThrow(
      expect.objectContaining({ code: 'AMORSIZE_SAMPLER_TASK_LOAD', value: url }),
    )
  })

  it('that does not exist is refused before anything runs', () => {
    const missing = moduleTask<number, number>(new URL('missing.mjs', FIXTURE))

    expect(() => prepareTask(missing, undefined)).toThrow(
      expect.objectContaining({
        code: 'AMORSIZE_SAMPLER_TASK_LOAD',
        cause: expect.objectContaining({ code: 'ENOENT' }),
      }),
    )
  })

  it.each([
    ['lacks the export', 'tasks.mjs', 'halve', 'double'],
    ['exports no function by that name', 'tasks.mjs', 'separator', 'double'],
    ['throws while it is loaded', 'throws-at-top.mjs', 'default', 'no licence'],
  ])('that %s is refused here and in workers', async (_, file, exportName, said) => {
    const task = moduleTask<number, number>(new URL(file, FIXTURE), exportName)
    const prepared = prepareTask(task, undefined)
    const refusal = {
      code: 'AMORSIZE_SAMPLER_TASK_LOAD',
      name: 'TaskLoadError',
      message: expect.stringContaining(said),
    }

    await expect(prepared.load()).rejects.toMatchObject(refusal)
    for (const pool of pools) {
      const running = pool.runChunk(prepared.definition, [1], { maxWorkers: 1 })
      await expect(running).rejects.toMatchObject(refusal)
    }
  })

  it('in TypeScript is refused where this Node cannot load it, and else runs', async () => {
    const task = moduleTask<number, number>(new URL('fixtures/typed-task.ts', import.meta.url))

    if (Reflect.get(process.features, 'typescript')) {
      expect(await runBoth(task, [1])).toEqual([2])
      return
    }
    expect(() => prepareTask(task, undefined)).toThrow(
      expect.objectContaining({
        code: 'AMORSIZE_SAMPLER_TASK_LOAD',
        remedy: expect.stringContaining('Compile it'),
      }),
    )
  })
})

import { afterAll, describe, expect, it } from 'vitest'

import { prepareTask, TaskPool } from '../src/index.ts'

const pool = new TaskPool()
afterAll(() => pool.close())

/** The export of a module that Node itself loads: in a test file imports are rewritten. */
async function exported(source: string): Promise<(item: string) => unknown> {
  const url = `data:text/javascript,${encodeURIComponent(source)}`
  const { task } = (await import(url)) as { task: (item: string) => unknown }
  return task
}

const refused = (variable: string): object => ({
  code: 'AMORSIZE_SAMPLER_FREE_VARIABLE',
  variables: [variable],
})

describe('a function that means something else by the name of a global is refused', () => {
  it('where that is a variable around it', () => {
    const escape = (text: string): string => text.toUpperCase()
    const task = (item: string): string => escape(item)

    expect(() => prepareTask(task, undefined)).toThrow(expect.objectContaining(refused('escape')))
  })

  it('where that is a variable around a parser is needed to read', () => {
    const unescape = (text: string): string => text.toUpperCase()
    const task = (item = 'a'): string => unescape(item)

    expect(() => prepareTask(task, undefined)).toThrow(expect.objectContaining(refused('unescape')))
  })

  it.each([
    ['escape', 'const escape = (text) => text; export const task = (item) => escape(item)'],
    [
      'crypto',
      'import crypto from "crypto"; export const task = (item) => crypto.createHash(item)',
    ],
    [
      'setTimeout',
      'import { setTimeout } from "timers/promises"; export const task = (item) => setTimeout(1, item)',
    ],
    ['toString', 'function toString(n) { return n } export const task = (n) => toString(n)'],
  ])('where its module has another %s', async (variable, source) => {
    const task = await exported(source)

    expect(() => prepareTask(task, undefined)).toThrow(expect.objectContaining(refused(variable)))
  })
})

describe('a function is taken that means the global', () => {
  it.each([
    ['beside nothing of its name', 'export const task = (item) => escape(item)'],
    ['beside other variables', 'const other = 1; export const task = (item) => escape(item)'],
    [
      'beside a function with a variable of its name',
      'const f = (escape) => escape; export const task = (item) => escape(item)',
    ],
  ])('%s', async (_, source) => {
    const task = prepareTask(await exported(source), undefined)

    const { values } = await pool.runChunk(task.definition, ['a b'], { maxWorkers: 1 })

    expect(values).toEqual(['a%20b'])
  })

  it('and one that declares a variable of its name itself', () => {
    const task = (item: string): string => {
      const escape = item.toUpperCase()
      return escape
    }

    expect(() => prepareTask(task, undefined)).not.toThrow()
  })

  it('and nothing is left behind on the global object', async () => {
    const before = Reflect.ownKeys(globalThis)
    prepareTask(await exported('export const task = (item) => unescape(item)'), undefined)

    expect(Reflect.ownKeys(globalThis)).toEqual(before)
  })
})

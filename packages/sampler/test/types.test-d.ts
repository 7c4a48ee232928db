import { dryRun, moduleTask, prepareTask, TaskPool, toItems } from '@amorsize/sampler'
import type { ModuleTask, PreparedTask, SamplingResult, Task } from '@amorsize/sampler'
import { expectTypeOf, it } from 'vitest'

import type * as Typed from './fixtures/typed-module.ts'
import type * as WithDefault from './fixtures/typed-task.ts'

const url = new URL('file:///task.js')

it('a module task takes its types from the module', () => {
  expectTypeOf(moduleTask<typeof WithDefault>(url)).toEqualTypeOf<ModuleTask<number, number>>()
  expectTypeOf(moduleTask<typeof Typed, 'half'>(url, 'half')).toEqualTypeOf<
    ModuleTask<number, number>
  >()
  expectTypeOf(moduleTask<typeof Typed, 'resize'>(url, 'resize')).toEqualTypeOf<
    ModuleTask<string, Uint8Array<ArrayBuffer>, { width: number }>
  >()
  // @ts-expect-error - the module has no default export, so a name has to be given
  moduleTask<typeof Typed>(url)
})

it('a module task may be given its types', () => {
  expectTypeOf(moduleTask<{ id: number }, string>(url)).toEqualTypeOf<
    ModuleTask<{ id: number }, string>
  >()
  const typed: ModuleTask<number, string> = moduleTask(url)
  expectTypeOf(typed).toEqualTypeOf<ModuleTask<number, string>>()
})

it('a dry run gives results of the type of the task, awaited', () => {
  const pool = new TaskPool()
  const run = dryRun(async (item: number) => String(item), [1], { pool })
  expectTypeOf(run).toEqualTypeOf<Promise<SamplingResult<string>>>()
  // @ts-expect-error - the items are not what the task takes
  void dryRun((item: number) => item, ['a'], { pool })
})

it('a context is typed with its task', () => {
  const task: Task<number, number, { factor: number }> = (item, { factor }) => item * factor
  expectTypeOf(prepareTask(task, { factor: 2 })).toEqualTypeOf<PreparedTask<number, number>>()
  // @ts-expect-error - the context lacks its field
  prepareTask(task, {})
})

it('items come at once where they can be indexed or iterated', () => {
  expectTypeOf(toItems([1])).toEqualTypeOf<ArrayLike<number> | Promise<ArrayLike<number>>>()
})

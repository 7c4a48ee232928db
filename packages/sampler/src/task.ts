/**
 * What can be mapped: a function, or an export of a module. A function travels to the workers as
 * its source, a module as its URL.
 */
import { TaskLoadError } from './errors.ts'

const { pathToFileURL } = process.getBuiltinModule('node:url')
const path = process.getBuiltinModule('node:path')

/**
 * A function over one item. It must be self-contained: in a worker it has no access to the
 * variables around it, only to its arguments, to globals and to what it imports itself.
 * @public
 */
export type TaskFunction<I, O, C = undefined> = (item: I, context: C) => O | Promise<O>

/**
 * An export of a module, run by importing the module in each worker. Made by `moduleTask()`.
 * @public
 */
export interface ModuleTask<I, O, C = undefined> {
  /** URL of the module, a `file:` URL. */
  readonly url: string
  /** Name of the export that is called with each item. */
  readonly exportName: string
  /** Carries the types; never set. */
  readonly types?: TaskFunction<I, O, C>
}

/**
 * What `optimize()`, `execute()` and `dryRun()` map over items.
 * @public
 */
export type Task<I, O, C = undefined> = TaskFunction<I, O, C> | ModuleTask<I, O, C>

/** What a task's function takes as its item. @public */
export type ItemOf<F> = F extends (item: infer I, ...rest: never[]) => unknown ? I : never

/** What a task's function gives, without the promise around it. @public */
export type ResultOf<F> = F extends (...args: never[]) => infer O ? Awaited<O> : never

/** What a task's function takes as its context; `undefined` where it takes none. @public */
export type ContextOf<F> = F extends (...args: infer A) => unknown
  ? A extends [unknown, infer C]
    ? C
    : undefined
  : never

/** Names of the functions that a module exports. @public */
export type FunctionExport<M> = {
  [K in keyof M & string]: M[K] extends (...args: never[]) => unknown ? K : never
}[keyof M & string]

const moduleTasks = new WeakSet<object>()

/**
 * Names a function by its module, for code that imports others, holds state, or is too large to
 * travel as source.
 *
 * @remarks
 * Types come from the module (`moduleTask<typeof import('./task.js'), 'resize'>(url, 'resize')`, the
 * name left out for the default export) or are said: `moduleTask<Item, Result>(url, 'resize')`. A
 * result from a worker is what `structuredClone` gives of it (of a `Buffer` a `Uint8Array`); one that
 * was computed on the calling thread is the object itself, and may be more than that.
 *
 * @param url - The module: a `file:` URL, usually `new URL('./task.js', import.meta.url)`, or an
 * absolute path.
 * @param exportName - The export to call.
 * @defaultValue `exportName` is `'default'`.
 * @returns A task for `optimize()`, `execute()` and `dryRun()`.
 * @throws {@link TaskLoadError} `AMORSIZE_SAMPLER_TASK_LOAD` where the URL is relative or not a file.
 * @example
 * ```ts
 * import { moduleTask } from '@amorsize/sampler'
 *
 * const resize = moduleTask<string, Uint8Array>(new URL('./resize.js', import.meta.url), 'resize')
 * ```
 * @public
 */
export function moduleTask<
  M extends object,
  K extends FunctionExport<M> = 'default' extends FunctionExport<M> ? 'default' : FunctionExport<M>,
>(
  url: [FunctionExport<M>] extends [never] ? never : URL | string,
  ...exportName: 'default' extends K ? [exportName?: K] : [exportName: K]
): ModuleTask<ItemOf<M[K]>, ResultOf<M[K]>, ContextOf<M[K]>>
/**
 * The same with types that are said.
 *
 * @param url - The module.
 * @param exportName - The export to call.
 * @public
 */
export function moduleTask<I, O, C = undefined>(
  url: URL | string,
  exportName?: string,
): ModuleTask<I, O, C>
export function moduleTask(
  url: URL | string,
  exportName = 'default',
): ModuleTask<unknown, unknown, unknown> {
  const task = Object.freeze({ url: toFileUrl(url), exportName })
  moduleTasks.add(task)
  return task
}

/** Made by `moduleTask()` of this or of another copy of the package. */
export function isModuleTask(value: unknown): value is ModuleTask<never, unknown, never> {
  if (typeof value !== 'object' || value === null) return false
  if (moduleTasks.has(value)) return true
  const { url, exportName } = value as Partial<ModuleTask<never, unknown>>
  return typeof url === 'string' && url.startsWith('file:') && typeof exportName === 'string'
}

function toFileUrl(url: URL | string): string {
  const text = String(url)
  if (text.startsWith('file:')) return text
  if (typeof url === 'string' && path.isAbsolute(url)) return pathToFileURL(url).href
  throw new TaskLoadError(
    `Expected the module to be a file: URL or an absolute path, got ${text}.`,
    text,
    "Use new URL('./task.js', import.meta.url).",
  )
}

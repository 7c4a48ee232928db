/**
 * What can be mapped: a function, or an export of a module. A function travels to the workers as
 * its source, a module as its URL.
 */
import { describeFunction } from '@amorsize/features/system'
import type { FunctionDescription } from '@amorsize/features/system'

import { abortable } from './abortable.ts'
import { FreeVariableError, InvalidTaskError, TaskLoadError } from './errors.ts'
import { freeVariables } from './free-variables.ts'
import { importExport } from './load-task.ts'
import { readModule } from './module-source.ts'
import { shadowedGlobals } from './shadowed-globals.ts'
import type { TaskDefinition } from './protocol.ts'

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

/**
 * A task checked and made ready to be sent or called.
 * @public
 */
export interface PreparedTask<I, O> {
  /** The function's or export's name, for messages. */
  readonly name: string
  /** 16 hex digits that tell this task's source from any other. */
  readonly signature: string
  /** Bytes of V8's compiled code; 0 where it cannot be told. */
  readonly complexity: number
  /** The function's source, or the text of its module. */
  readonly source: string
  /** What a worker needs to make the function. */
  readonly definition: TaskDefinition
  /**
   * The function on this thread.
   *
   * @param signal - Ends the wait for a module that is long in loading.
   * @throws {@link TaskLoadError} where a module cannot be loaded; the signal's reason after an abort.
   */
  load(signal?: AbortSignal): Promise<(item: I) => O | Promise<O>>
}

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

/**
 * Checks a task and describes it: its signature, its complexity, how it is called here and there.
 *
 * @param task - A function or a `moduleTask()`.
 * @param context - The second argument of every call.
 * @throws {@link InvalidTaskError} `AMORSIZE_SAMPLER_INVALID_TASK` for anything else.
 * @throws {@link FreeVariableError} `AMORSIZE_SAMPLER_FREE_VARIABLE` for a function that refers to
 * something outside itself.
 * @throws {@link TaskLoadError} `AMORSIZE_SAMPLER_TASK_LOAD` for a module that cannot be read or is
 * TypeScript that this Node cannot load, and for a function without source, a class, a generator.
 * @public
 */
export function prepareTask<I, O, C>(task: Task<I, O, C>, context: C): PreparedTask<I, O> {
  if (typeof task === 'function') return prepareFunction(task, context)
  if (isModuleTask(task)) return prepareModule(task, context)
  throw new InvalidTaskError(task)
}

/** Made by `moduleTask()` of this or of another copy of the package. */
function isModuleTask(value: unknown): value is ModuleTask<never, unknown, never> {
  if (typeof value !== 'object' || value === null) return false
  if (moduleTasks.has(value)) return true
  const { url, exportName } = value as Partial<ModuleTask<never, unknown>>
  return typeof url === 'string' && url.startsWith('file:') && typeof exportName === 'string'
}

/** A function that can be run in a worker. */
class CheckedFunction {
  readonly name: string
  readonly source: string
  readonly #task: TaskFunction<never, unknown, never>
  #description: FunctionDescription | undefined
  #definition: TaskDefinition | undefined

  constructor(task: TaskFunction<never, unknown, never>) {
    this.name = task.name === '' ? 'the task' : task.name
    this.source = Function.prototype.toString.call(task)
    this.#task = task
    assertRunnable(task, this.source, this.name)
  }

  /**
   * What a worker is told. The same object as the last time where it says the same: the pool then
   * need not send it again. An object may have changed inside meanwhile, so it is sent anew.
   */
  definitionWith(context: unknown): TaskDefinition {
    const last = this.#definition
    if (last && isPrimitive(context) && Object.is(last.context, context)) return last
    const { source, name } = this
    return (this.#definition = { kind: 'source', source, name, context })
  }

  /** Made when it is asked for: a process's first takes longer than many a map. */
  get description(): FunctionDescription {
    return (this.#description ??= describeFunction(this.#task))
  }
}

/** A function's source never changes, and reading it costs more than a decision from the cache. */
const checkedFunctions = new WeakMap<object, CheckedFunction>()

function prepareFunction<I, O, C>(task: TaskFunction<I, O, C>, context: C): PreparedTask<I, O> {
  let checked = checkedFunctions.get(task)
  if (!checked) checkedFunctions.set(task, (checked = new CheckedFunction(task)))
  return {
    name: checked.name,
    source: checked.source,
    get signature() {
      return checked.description.signature
    },
    get complexity() {
      return checked.description.complexity
    },
    definition: checked.definitionWith(context),
    load: () => Promise.resolve((item: I) => task(item, context)),
  }
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' || value === null) && typeof value !== 'function'
}

function assertRunnable(task: object, source: string, name: string): void {
  if (/\{\s*\[native code\]\s*\}$/.test(source)) {
    throw new TaskLoadError(
      `The source of \`${name}\` is not available: it is a native or bound function.`,
      name,
      'Wrap it in a function of its own: (item) => …',
    )
  }
  if (source.startsWith('class')) {
    throw new TaskLoadError(
      `\`${name}\` is a class, which cannot be called.`,
      name,
      'Write a function that makes an instance, in a module, and use moduleTask.',
    )
  }
  if (Object.prototype.toString.call(task).endsWith('GeneratorFunction]')) {
    throw new TaskLoadError(
      `\`${name}\` is a generator function: what it gives cannot leave the worker it runs in.`,
      name,
      'Write a function that gives an array.',
    )
  }
  const free = freeVariables(source, (names) => shadowedGlobals(task, names))
  if (free && free.length > 0) throw new FreeVariableError(name, free)
}

function prepareModule<I, O, C>(task: ModuleTask<I, O, C>, context: C): PreparedTask<I, O> {
  const { url, exportName } = task
  const source = readModule(url)
  assertLoadable(url)
  let description: FunctionDescription | undefined
  const describe = (): FunctionDescription =>
    (description ??= describeFunction(`${exportName}\n${source}`))
  const definition: TaskDefinition = { kind: 'module', url, exportName, context }
  return {
    name: exportName,
    source,
    get signature() {
      return describe().signature
    },
    get complexity() {
      return describe().complexity
    },
    definition,
    load: async (signal) => {
      const run = await abortable(importExport(url, exportName), signal, () => {})
      return (item: I) => run(item, context) as O | Promise<O>
    },
  }
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

const LOADER_FLAG =
  /--(import|(experimental-)?loader)[= ]|(--require|-r)[= ](\S*[\\/])?(tsx|ts-node|register|esbuild-register|jiti|sucrase)([\\/\s.]|$)/

/** A loader given on the command line may know TypeScript; Node itself says whether it does. */
function assertLoadable(url: string): void {
  if (!/\.[cm]?tsx?$/.test(new URL(url).pathname)) return
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ')
  if (Reflect.get(process.features, 'typescript') || LOADER_FLAG.test(flags)) return
  throw new TaskLoadError(
    `Node ${process.version} cannot load the TypeScript module ${url}.`,
    url,
    'Compile it and name the .js file, start Node with a loader (node --import tsx), or use Node 22.18 or later.',
  )
}

/** A task that was checked: what a worker is told of it, and how it is called on this thread. */
import { describeFunction } from '@amorsize/features/system'
import type { FunctionDescription } from '@amorsize/features/system'

import { abortable } from './abortable.ts'
import { FreeVariableError, InvalidTaskError, TaskLoadError } from './errors.ts'
import { freeVariables } from './free-variables.ts'
import { importExport } from './load-task.ts'
import type { LoadedTask } from './load-task.ts'
import { readModule } from './module-source.ts'
import { ownProperties } from './own-properties.ts'
import type { TaskDefinition } from './protocol.ts'
import { shadowedGlobals } from './shadowed-globals.ts'
import { isModuleTask } from './task.ts'
import type { ModuleTask, Task, TaskFunction } from './task.ts'

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

/** A function that can be run in a worker. */
class CheckedFunction implements Checked {
  readonly name: string
  readonly source: string
  readonly #task: TaskFunction<never, unknown, never>
  readonly definitionWith: (context: unknown) => TaskDefinition
  #description: FunctionDescription | undefined

  constructor(task: TaskFunction<never, unknown, never>) {
    this.name = task.name === '' ? 'the task' : task.name
    this.source = Function.prototype.toString.call(task)
    this.#task = task
    const { source, name } = this
    this.definitionWith = definedBy((context) => ({ kind: 'source', source, name, context }))
    assertRunnable(task, source, name)
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
  return preparedBy(checked.name, checked, context, () =>
    Promise.resolve((item: I) => task(item, context)),
  )
}

/** What does not change from call to call, and is made when it is asked for. */
interface Checked {
  readonly source: string
  readonly description: FunctionDescription
  readonly definitionWith: (context: unknown) => TaskDefinition
}

function preparedBy<I, O>(
  name: string,
  checked: Checked,
  context: unknown,
  load: PreparedTask<I, O>['load'],
): PreparedTask<I, O> {
  return {
    name,
    source: checked.source,
    get signature() {
      return checked.description.signature
    },
    get complexity() {
      return checked.description.complexity
    },
    definition: checked.definitionWith(context),
    load,
  }
}

/**
 * What a worker is told. The same object as the last time where it says the same: the pool then
 * need not send it again. An object may have changed inside meanwhile, so it is sent anew.
 */
function definedBy(
  define: (context: unknown) => TaskDefinition,
): (context: unknown) => TaskDefinition {
  let last: TaskDefinition | undefined
  return (context) => {
    if (!isPrimitive(context)) return define(context)
    if (last && Object.is(last.context, context)) return last
    return (last = define(context))
  }
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' || value === null) && typeof value !== 'function'
}

/** No method called `class`, nor a name that begins with it. */
const CLASS = /^class(?![\p{ID_Continue}$]|\s*\()/u

function assertRunnable(task: object, source: string, name: string): void {
  if (/\{\s*\[native code\]\s*\}$/.test(source)) {
    throw new TaskLoadError(
      `The source of \`${name}\` is not available: it is a native or bound function.`,
      name,
      'Wrap it in a function of its own: (item) => …',
    )
  }
  if (CLASS.test(source)) {
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
  const own = ownProperties(task, source)
  if (own.length > 0) throw new FreeVariableError(name, own)
}

/** An export of a module, as the module's text now is. */
class CheckedExport implements Checked {
  readonly source: string
  readonly definitionWith: (context: unknown) => TaskDefinition
  readonly #url: string
  readonly #exportName: string
  #description: FunctionDescription | undefined
  #loading: Promise<LoadedTask> | undefined

  constructor(task: ModuleTask<never, unknown, never>, source: string) {
    const { url, exportName } = task
    assertLoadable(url)
    this.source = source
    this.definitionWith = definedBy((context) => ({ kind: 'module', url, exportName, context }))
    this.#url = url
    this.#exportName = exportName
  }

  /** Whether it still is what it was made of: a task that another copy of the package made may change. */
  isOf({ url, exportName }: ModuleTask<never, unknown, never>, source: string): boolean {
    return url === this.#url && exportName === this.#exportName && source === this.source
  }

  /** Made when it is asked for. */
  get description(): FunctionDescription {
    return (this.#description ??= describeFunction(`${this.#exportName}\n${this.source}`))
  }

  /** On this thread. To import what was imported before is not for nothing; where it fails, it is tried again. */
  load(): Promise<LoadedTask> {
    return (this.#loading ??= importExport(this.#url, this.#exportName).catch((error: unknown) => {
      this.#loading = undefined
      throw error
    }))
  }
}

/** To describe and import a module again takes longer than a decision from the cache. */
const checkedExports = new WeakMap<object, CheckedExport>()

function checkedExport(task: ModuleTask<never, unknown, never>): CheckedExport {
  const source = readModule(task.url)
  const last = checkedExports.get(task)
  if (last?.isOf(task, source)) return last
  const checked = new CheckedExport(task, source)
  checkedExports.set(task, checked)
  return checked
}

function prepareModule<I, O, C>(task: ModuleTask<I, O, C>, context: C): PreparedTask<I, O> {
  const checked = checkedExport(task)
  return preparedBy(task.exportName, checked, context, async (signal) => {
    const run = await abortable(checked.load(), signal, () => {})
    return (item: I) => run(item, context) as O | Promise<O>
  })
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

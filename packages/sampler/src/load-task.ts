/** From a task's definition to the function to call, on whichever thread that is. */
import { helpersOf } from './compiler-helpers.ts'
import { TaskLoadError } from './errors.ts'
import type { TaskDefinition } from './protocol.ts'

/** A task's function as it is called: with the item and the context. */
export type LoadedTask = (item: unknown, context: unknown) => unknown

/** The optimiser knows a function by its object: one that is made anew runs cold again. */
const evaluated = new Map<string, LoadedTask>()
const MOST_EVALUATED = 64

/**
 * The function that a definition describes.
 * @throws {@link TaskLoadError} where the module or the source does not give one.
 */
export function loadTask(definition: TaskDefinition): LoadedTask | Promise<LoadedTask> {
  if (definition.kind === 'module') return importExport(definition.url, definition.exportName)
  const { source, name } = definition
  const key = `${name}\n${source}`
  let task = evaluated.get(key)
  if (!task) {
    task = evaluateSource(source, name)
    if (evaluated.size === MOST_EVALUATED) evaluated.clear()
    evaluated.set(key, task)
  }
  return task
}

/**
 * The exported function of a module.
 * @throws {@link TaskLoadError} where importing throws or there is no such function.
 */
export async function importExport(url: string, exportName: string): Promise<LoadedTask> {
  const loaded = await importModule(url)
  const run = loaded[exportName]
  if (typeof run === 'function') return run as LoadedTask
  const names = Object.keys(loaded).join(', ') || 'nothing'
  throw new TaskLoadError(
    `The module ${url} has no exported function \`${exportName}\`; it exports ${names}.`,
    url,
    'Name one of its exported functions as the second argument of moduleTask.',
  )
}

async function importModule(url: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>
  } catch (cause) {
    throw new TaskLoadError(
      `The module ${url} could not be loaded: ${String(cause)}.`,
      url,
      'Import it on its own to see its error; a TypeScript module may have to be compiled first.',
      cause,
    )
  }
}

/** An expression (function, arrow) or a method or getter as it stands in an object. */
function evaluateSource(source: string, name: string): LoadedTask {
  const helpers = helpersOf(source)
  const parameters = helpers.map(([helper]) => helper).join(', ')
  const method = `Object.values(Object.getOwnPropertyDescriptors({ ${source}\n })).map((own) => own.value ?? own.get ?? own.set)[0]`
  let problem: unknown
  for (const expression of [`${source}\n`, method]) {
    // Modules are strict, and so is what they define; the rest of the world may need to be sloppy.
    for (const mode of ["'use strict'; ", '']) {
      try {
        const make = evaluate(`((${parameters}) => { ${mode}return (${expression}) })`, name)
        const value = make(...helpers.map(([, helper]) => helper))
        if (typeof value === 'function') return value as LoadedTask
      } catch (cause) {
        problem ??= cause
      }
    }
  }
  throw new TaskLoadError(
    `The source of \`${name}\` does not evaluate to a function by itself.`,
    source,
    'Write it as a function or an arrow function, or export it from a module and use moduleTask.',
    problem,
  )
}

/** `import()` in the source resolves from the working directory, as it would in a script. */
function evaluate(expression: string, name: string): (...args: unknown[]) => unknown {
  silenceLoaderWarning()
  const { constants, runInThisContext } = process.getBuiltinModule('node:vm')
  return runInThisContext(expression, {
    filename: `amorsize-task-${name}.js`,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (...args: unknown[]) => unknown
}

let isSilenced = false

/** Node calls the loader constant experimental once a thread: our affair, not the user's. */
function silenceLoaderWarning(): void {
  if (isSilenced) return
  isSilenced = true
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void
  process.emitWarning = (...args: unknown[]) => {
    if (!String(args[0]).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) emitWarning(...args)
  }
}

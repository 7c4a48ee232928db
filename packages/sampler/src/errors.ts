/** What can go wrong between a task, its items and the workers. */
import { AmorsizeError } from '@amorsize/features'

import { quote } from './quote.ts'

/**
 * Something else was given than a function or the result of `moduleTask()`.
 * @public
 */
export class InvalidTaskError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_INVALID_TASK'
  /** Name of the class. */
  override readonly name = 'InvalidTaskError'

  /** @param value - What was given as the task. */
  constructor(value: unknown) {
    const remedy = 'Pass a function, or moduleTask(new URL("./task.js", import.meta.url)).'
    super(`Expected the task to be a function or a module task, got ${quote(value)}. ${remedy}`, {
      value,
      remedy,
    })
  }
}

/**
 * The items cannot be iterated.
 * @public
 */
export class InvalidDataError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_INVALID_DATA'
  /** Name of the class. */
  override readonly name = 'InvalidDataError'

  /**
   * @param value - What was given as the items, or as a step of theirs.
   * @param what - Which of the two. @defaultValue `'items'`
   */
  constructor(value: unknown, what: 'items' | 'step' = 'items') {
    const kind = what === 'items' && typeof value === 'string' ? 'text' : what
    const remedy = DATA_REMEDIES[kind]
    const expected = what === 'step' ? 'step by objects' : 'be an iterable of items'
    super(`Expected the data to ${expected}, got ${quote(value)}. ${remedy}`, { value, remedy })
  }
}

/**
 * An array lost items while it was mapped.
 * @public
 */
export class ChangedDataError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_CHANGED_DATA'
  /** Name of the class. */
  override readonly name = 'ChangedDataError'

  /**
   * @param itemCount - Number of items when the map began.
   * @param length - Number of items now.
   */
  constructor(itemCount: number, length: number) {
    const remedy = 'Pass a copy, [...items], of an array that is emptied before its map is over.'
    super(
      `Expected the data to keep its ${itemCount} items until they are mapped, got ${length} left. ${remedy}`,
      { value: length, remedy },
    )
  }
}

/**
 * An option of the pool or of the dry run is of the wrong type or out of its range.
 * @public
 */
export class InvalidOptionError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_INVALID_OPTION'
  /** Name of the class. */
  override readonly name = 'InvalidOptionError'
  /** Name of the option. */
  readonly option: string

  /**
   * @param option - Name of the option.
   * @param expected - What its value has to be, to be read after "to be".
   * @param value - What was given.
   */
  constructor(option: string, expected: string, value: unknown) {
    const remedy = `Give ${expected}, or leave \`${option}\` out.`
    super(`Expected \`${option}\` to be ${expected}, got ${quote(value)}. ${remedy}`, {
      value,
      remedy,
    })
    this.option = option
  }
}

/**
 * A task could not be made runnable: its module is missing, fails to load or lacks the export, or
 * its source does not evaluate to a function.
 * @public
 */
export class TaskLoadError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_TASK_LOAD'
  /** Name of the class. */
  override readonly name = 'TaskLoadError'

  /**
   * @param problem - What failed, one sentence.
   * @param value - The module's URL, the function's name, or what of the context cannot be sent.
   * @param remedy - What to do, one sentence.
   * @param cause - The error that led to it, where there is one.
   */
  constructor(problem: string, value: unknown, remedy: string, cause?: unknown) {
    super(`${problem} ${remedy}`, { value, remedy, ...(cause !== undefined && { cause }) })
  }
}

/**
 * A function refers to something outside itself, which a worker does not have.
 * @public
 */
export class FreeVariableError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_FREE_VARIABLE'
  /** Name of the class. */
  override readonly name = 'FreeVariableError'
  /** What the function refers to; `this` among it where the function has none of its own. */
  readonly variables: readonly string[]

  /**
   * @param task - Name of the function.
   * @param variables - What it refers to outside itself.
   */
  constructor(task: string, variables: readonly string[]) {
    const names = variables.map((name) => `\`${name}\``).join(', ')
    const remedy = `Pass ${names} in \`context\`, import it inside the function, or export the function from a module and use moduleTask.`
    super(`Expected \`${task}\` to be self-contained, but it refers to ${names}. ${remedy}`, {
      value: variables,
      remedy,
    })
    this.variables = variables
  }
}

/**
 * The task threw on one item, or the item's value could not cross to or from a worker.
 * @public
 */
export class ItemError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_ITEM'
  /** Name of the class. */
  override readonly name = 'ItemError'
  /** Position of the item in the data, from 0. */
  readonly index: number

  /**
   * @param index - Position of the item in the data, from 0.
   * @param cause - What the task threw.
   */
  constructor(index: number, cause: unknown) {
    const remedy = remedyFor(cause)
    const problem = `Item ${index} failed: ${describeThrown(cause)}.`
    super(`${problem} ${remedy}`, { value: index, remedy, cause })
    this.index = index
  }
}

/**
 * How far a chunk was when its worker ended: no item had started; one may have been running; all had
 * been run, and their results were lost with the worker that another chunk ended.
 * @public
 */
export type ChunkProgress = 'none' | 'some' | 'all'

/**
 * A worker ended before it answered.
 * @public
 */
export class WorkerExitError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_WORKER_EXIT'
  /** Name of the class. */
  override readonly name = 'WorkerExitError'
  /** Position in the data of the item that was running, from 0; `undefined` where none was. */
  readonly index: number | undefined
  /** How far the chunk was. */
  readonly progress: ChunkProgress

  /**
   * @param how - How the worker ended, to be read after "A worker".
   * @param cause - The error that ended it, where there is one.
   * @param index - Position of the item that was running, from 0.
   * @param progress - How far the chunk was. Defaults to `'none'` without an `index`.
   */
  constructor(
    how: string,
    cause?: unknown,
    index?: number,
    progress: ChunkProgress = index === undefined ? 'none' : 'some',
  ) {
    const remedy =
      'The task must not end its worker: look for process.exit, an unhandled rejection or memory use.'
    const during = index === undefined ? 'before it answered' : `while it ran item ${index}`
    const reason = cause instanceof Error ? ` (${describeThrown(cause)})` : ''
    super(`A worker ${how} ${during}${reason}. ${remedy}`, {
      value: how,
      remedy,
      ...(cause !== undefined && { cause }),
    })
    this.index = index
    this.progress = progress
  }

  /**
   * The same end, laid at the door of an item.
   * @param index - Position of the item in the data, from 0.
   */
  at(index: number): WorkerExitError {
    return new WorkerExitError(String(this.value), this.cause, index)
  }
}

/**
 * One item took longer than `itemTimeoutMs`; the worker that ran it was ended.
 * @public
 */
export class ItemTimeoutError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_ITEM_TIMEOUT'
  /** Name of the class. */
  override readonly name = 'ItemTimeoutError'
  /** Position of the item in the data, from 0. */
  readonly index: number

  /**
   * @param index - Position of the item in the data, from 0.
   * @param itemTimeoutMs - Time the item had, milliseconds.
   */
  constructor(index: number, itemTimeoutMs: number) {
    const remedy = 'Give `itemTimeoutMs` more time, or look for an endless loop in the task.'
    super(
      `Expected every item to take at most ${itemTimeoutMs} ms, but item ${index} was still running. ${remedy}`,
      { value: index, remedy },
    )
    this.index = index
  }
}

/**
 * The pool was used after `close()`.
 * @public
 */
export class PoolClosedError extends AmorsizeError {
  /** Identifies the failure. */
  override readonly code = 'AMORSIZE_SAMPLER_POOL_CLOSED'
  /** Name of the class. */
  override readonly name = 'PoolClosedError'

  /** Says that the pool is closed; there is nothing to name. */
  constructor() {
    const remedy = 'Create a new TaskPool, or close it after the last run.'
    super(`Expected an open pool, got one that is closed. ${remedy}`, { remedy })
  }
}

/** What to do about data of which nothing can be read. */
const DATA_REMEDIES = {
  items: 'Pass an array, a typed array, a set, a generator or an async iterable.',
  text: 'Spread it to map over its characters: [...text].',
  step: 'Return { value, done } from `next()`, or a promise of it.',
}

/** The free variable in the engine's message about a name that is not in scope. */
const FREE_VARIABLE = /^(\S+) is not defined$/

function remedyFor(cause: unknown): string {
  const message = readable(() => (cause instanceof ReferenceError ? cause.message : '')) ?? ''
  const variable = FREE_VARIABLE.exec(message)?.[1]
  if (variable === undefined) return 'The original error is in `cause`.'
  return `A function runs in a worker without the scope it was written in: pass \`${variable}\` in \`context\`, import it inside the function, or use moduleTask.`
}

function describeThrown(thrown: unknown): string {
  const text = readable(() =>
    thrown instanceof Error
      ? `${thrown.name}: ${thrown.message}`.replace(/\.$/, '')
      : `it threw ${quote(thrown)}, which is not an Error`,
  )
  return text ?? 'what it threw cannot be read'
}

/** `undefined` where reading throws, as a getter or a proxy of the caller's may. */
function readable(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

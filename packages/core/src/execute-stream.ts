/** The same as a stream: items are read as they are wanted, results given as they are ready. */
import { assertData, prepareTask } from '@amorsize/sampler'
import type { Data, Task } from '@amorsize/sampler'

import { assertContext } from './context-check.ts'
import { tell } from './diagnostics.ts'
import { fulfilled, indexOf, rejected } from './item-failures.ts'
import type { ItemOutcome, OnError, ResultOrOutcome } from './item-failures.ts'
import { assertStreamOptions } from './options.ts'
import type { StreamOptions } from './options.ts'
import { mayUseWorkers } from './request.ts'

/**
 * Maps a task over items that come one by one, and gives the results one by one.
 *
 * @remarks
 * Nothing is read before the first result is asked for. The first items are sampled, and the others
 * run by the plan that fits, which changes when the items do. No more items are held than the window
 * allows: a slow consumer slows the source down. Ending the iteration early (`break`) ends the
 * source and the work; once the loop is left, no item starts any more, and workers run none.
 * @param task - A self-contained function, or a `moduleTask()`.
 * @param data - The items: any iterable or async iterable, also one that never ends.
 * @param options - See {@link StreamOptions}; a task that takes a context has to be given one.
 * @returns The results, to be iterated over once. With `onError: 'collect'` for each item what
 * `Promise.allSettled` would say of it. With `ordered: false` results come as they are ready.
 * @throws `InvalidTaskError` `AMORSIZE_SAMPLER_INVALID_TASK`, `TaskLoadError`
 * `AMORSIZE_SAMPLER_TASK_LOAD` (also for a context that cannot be sent to a worker),
 * `InvalidDataError` `AMORSIZE_SAMPLER_INVALID_DATA`,
 * `InvalidOptionError` `AMORSIZE_SAMPLER_INVALID_OPTION` and
 * `UnknownOptionError` `AMORSIZE_CORE_UNKNOWN_OPTION` at once.
 * @throws While it is iterated over: `ItemError` `AMORSIZE_SAMPLER_ITEM`, `ItemTimeoutError`
 * `AMORSIZE_SAMPLER_ITEM_TIMEOUT` and `WorkerExitError` `AMORSIZE_SAMPLER_WORKER_EXIT` with the
 * item's `index`; what the source throws, after the results of its items; the signal's reason.
 * @example
 * ```ts
 * import { executeStream } from '@amorsize/core'
 *
 * function* naturals() {
 *   for (let n = 1; ; n++) yield n
 * }
 * const squares: number[] = []
 * for await (const square of executeStream((n: number) => n * n, naturals())) {
 *   squares.push(square)
 *   if (squares.length === 3) break
 * }
 * squares // => [1, 4, 9]
 * ```
 * @public
 */
export function executeStream<I, O, E extends OnError = 'throw'>(
  task: Task<I, O>,
  data: Data<I>,
  options?: StreamOptions & { readonly onError?: E | undefined },
): AsyncGenerator<ResultOrOutcome<O, E>, void, undefined>
/** {@inheritDoc (executeStream:1)} @public */
export function executeStream<I, O, C, E extends OnError = 'throw'>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: StreamOptions<C> & { readonly onError?: E | undefined; readonly context: C },
): AsyncGenerator<ResultOrOutcome<O, E>, void, undefined>
export function executeStream<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: StreamOptions<C> = {},
): AsyncGenerator<O | ItemOutcome<O>, void, undefined> {
  assertStreamOptions(options)
  prepareTask(task, options.context as C)
  if (mayUseWorkers(options)) assertContext(options.context)
  assertData(data)
  return results(task, data, options)
}

async function* results<I, O, C>(
  task: Task<I, O, C>,
  data: Data<I>,
  options: StreamOptions<C>,
): AsyncGenerator<O | ItemOutcome<O>, void, undefined> {
  const isCollecting = options.onError === 'collect'
  options.signal?.throwIfAborted()
  const { StreamRun } = await import('./stream/stream-run.ts')
  const run = new StreamRun<I, O>(data, options)
  let failure: { readonly error: unknown } | undefined
  try {
    await run.open(task)
    for (;;) {
      const next = run.next()
      const ready = next instanceof Promise ? await next : next
      const outcome = ready ?? (await run.nextPhase())
      if (!outcome) return
      if ('value' in outcome) yield isCollecting ? fulfilled(outcome.value) : outcome.value
      else if (isCollecting) yield rejected(outcome.failure)
      else throw outcome.failure
    }
  } catch (error) {
    failure = { error }
  } finally {
    // As in a loop over the source: what its end throws is told only where nothing was thrown before.
    await run.end(failure !== undefined).catch((error: unknown) => (failure ??= { error }))
    if (failure) {
      const { error } = failure
      tell('error', () => ({ index: indexOf(error), error }))
      // oxlint-disable-next-line no-unsafe-finally
      throw error
    }
    run.tellEnd()
  }
}

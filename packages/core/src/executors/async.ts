/** Many items at once on the calling thread: for tasks that mostly wait. */
import { abortable, isThenable, ItemError, ItemTimeoutError, watchWaiting } from '@amorsize/sampler'
import type { PreparedTask } from '@amorsize/sampler'

import { LONGEST_HOLD_MS } from '../longest-hold.ts'
import { Dispatcher } from './dispatcher.ts'
import { throwItemError } from './executor.ts'
import type { Execution, ExecutionCosts, Executor } from './executor.ts'
import { ItemTimes } from './item-times.ts'
import { withinTime } from './time-limit.ts'
import { ArrayWork } from './work.ts'
import type { Chunk, Work } from './work.ts'

/** Keeps `nJobs` items in flight. */
export const asyncExecutor: Executor = {
  async run<I, O>(execution: Execution<I, O>): Promise<ExecutionCosts> {
    const { items, results, signal, onItemError = throwItemError } = execution
    signal?.throwIfAborted()
    const work = new ArrayWork(items, results, onItemError)
    const run = new ItemRun(await execution.task.load(signal), work, execution)
    await abortable(run.complete(), signal, () => run.stop())
    return run.costs
  },
}

/** Settings of a run on the calling thread. */
export type ItemRunSettings = Pick<
  Execution<never, never>,
  'plan' | 'onProgress' | 'itemTimeoutMs' | 'workerLimit' | 'signal'
>

/** A run on the calling thread. */
export class ItemRun<I, O> {
  readonly #times = new ItemTimes()
  readonly #call: Awaited<ReturnType<PreparedTask<I, O>['load']>>
  readonly #work: Work<I, O>
  readonly #settings: ItemRunSettings
  readonly #dispatcher: Dispatcher<I>
  readonly #waitShare = watchWaiting()
  readonly #startMs: number = performance.now()
  #heldSinceMs = 0

  constructor(
    call: Awaited<ReturnType<PreparedTask<I, O>['load']>>,
    work: Work<I, O>,
    settings: ItemRunSettings,
  ) {
    this.#call = call
    this.#work = work
    this.#settings = settings
    this.#dispatcher = new Dispatcher({
      work,
      slots: () => settings.plan.nJobs,
      size: () => 1,
      run: (chunk) => this.#run(chunk),
      signal: settings.signal,
    })
  }

  /** What the items took, from start to end. */
  get costs(): ExecutionCosts {
    const computingMs = (performance.now() - this.#startMs) * (1 - this.#waitShare())
    return { ...this.#times.toCosts(), computingMs }
  }

  /** Resolves when every item has been run; rejects as soon as one of them ends the run. */
  complete(): Promise<void> {
    this.#heldSinceMs = performance.now()
    return this.#dispatcher.complete()
  }

  /** No item starts any more. What one under way waits for cannot be ended from outside. */
  stop(): void {
    this.#dispatcher.stop()
  }

  async #run({ positions, items }: Chunk<I>): Promise<void> {
    // A chunk has at least one item; here it has no more.
    const position = positions[0]!
    const startMs = performance.now()
    let outcome: { readonly value: O } | undefined
    try {
      const returned = this.#call(items[0]!)
      const { itemTimeoutMs, plan } = this.#settings
      const value = isThenable(returned)
        ? await withinTime(returned, position, itemTimeoutMs, plan.nJobs > 1)
        : returned
      outcome = { value }
    } catch (error) {
      const isOurs = error instanceof ItemTimeoutError && error.index === position
      this.#work.fail(position, isOurs ? error : new ItemError(position, error))
    }
    // Not above: what it throws is no failure of the item.
    if (outcome) this.#work.succeed(position, outcome.value)
    const nowMs = performance.now()
    this.#times.add(1, nowMs - startMs)
    this.#settings.onProgress()
    if (nowMs - this.#heldSinceMs < LONGEST_HOLD_MS) return
    // Promises that are settled already give nobody else a turn.
    await new Promise(setImmediate)
    this.#heldSinceMs = performance.now()
  }
}

/**
 * The first items of data that cannot be indexed: they are sampled, and the others are not touched
 * until somebody asks for them. Such data may be endless, slow, or fail half way.
 */
import { abortable } from './abortable.ts'
import type { Clock } from './clock.ts'
import type { Data } from './data.ts'
import { isIndexable, toItems } from './data.ts'
import { iteratorOf } from './source-iterator.ts'
import { isThenable } from './thenable.ts'

const { setImmediate: turnOfTheEventLoop } = process.getBuiltinModule('node:timers/promises')

/** Items of data, of which more may follow. */
export interface Head<I> {
  readonly items: ArrayLike<I>
  /** Whether these are all. */
  readonly isWhole: boolean
  /**
   * Given items, then those that follow the head, to be read once. Throws what the data throws, and
   * ends the data where it is not read to its end.
   */
  readonly withFollowing: (first: Iterable<I>) => AsyncIterable<I>
  /** Ends data that nobody will read on. */
  readonly close: () => void
}

/** How long the head may be read. */
export interface HeadSettings {
  /** Time from which no further item is asked for, and the longest wait for one that is late. */
  readonly budgetMs: number
  readonly clock: Clock
  readonly signal?: AbortSignal
}

/** Enough to see a quick function warm. */
const MOST_ITEMS = 16_384

/** Items that are computed keep timers waiting, and with them an abort, for so long. */
const LONGEST_TURN_MS = 10

/** The largest delay of a timer. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

type SomeIterator<I> = Iterator<I> | AsyncIterator<I>
type Step<I> = IteratorResult<I> | PromiseLike<IteratorResult<I>>

/**
 * Reads data until there are enough items, it ends, or the time is over.
 *
 * @throws {@link InvalidDataError} for what cannot be iterated.
 * @throws `signal.reason` after an abort, which ends the data.
 */
export async function readHead<I>(data: Data<I>, settings: HeadSettings): Promise<Head<I>> {
  if (isIndexable(data)) return wholeOf(await toItems(data))
  const iterator = iteratorOf(data)
  return abortable(readFirst(iterator, settings), settings.signal, () => close(iterator))
}

/** Items of which no more follow. */
export function wholeOf<I>(items: ArrayLike<I>): Head<I> {
  return { items, isWhole: true, withFollowing: only, close: () => {} }
}

async function readFirst<I>(
  iterator: SomeIterator<I>,
  { budgetMs, clock, signal }: HeadSettings,
): Promise<Head<I>> {
  const items: I[] = []
  const endMs = clock.now() + budgetMs
  let turnEndMs = clock.now() + LONGEST_TURN_MS
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.min(budgetMs, LONGEST_TIMEOUT_MS))
  })
  try {
    while (items.length < MOST_ITEMS && (items.length === 0 || clock.now() < endMs)) {
      const pending = nextOf(iterator)
      // What it throws, it throws to the one who reads on.
      const step = isThenable(pending)
        ? await Promise.race([pending, late]).catch(() => undefined)
        : pending
      if (!step) return headOf(items, iterator, pending)
      if (step.done) return wholeOf(items)
      items.push(step.value)
      if (clock.now() < turnEndMs) continue
      await turnOfTheEventLoop()
      if (signal?.aborted) break
      turnEndMs = clock.now() + LONGEST_TURN_MS
    }
    return headOf(items, iterator)
  } finally {
    clearTimeout(timer)
  }
}

/** The next step; a throw is a rejection. */
function nextOf<I>(iterator: SomeIterator<I>): Step<I> {
  try {
    return iterator.next()
  } catch (error) {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    return Promise.reject(error)
  }
}

/** Items, and an iterator whose next step may have been asked for already. */
function headOf<I>(items: readonly I[], iterator: SomeIterator<I>, pending?: Step<I>): Head<I> {
  return {
    items,
    isWhole: false,
    withFollowing: (first) => follow(first, iterator, pending),
    close: () => close(iterator),
  }
}

/** Nobody waits for it: what holds the data may hold its end as well. */
function close(iterator: SomeIterator<unknown>): void {
  void (async () => iterator.return?.())().catch(() => {})
}

async function* only<I>(first: Iterable<I>): AsyncGenerator<I> {
  yield* first
}

/** Reads on, after a step that was asked for already. */
async function* follow<I>(
  first: Iterable<I>,
  iterator: SomeIterator<I>,
  pending?: Step<I>,
): AsyncGenerator<I> {
  let hasEnded = false
  try {
    yield* first
    let step = await (pending ?? iterator.next())
    for (; !step.done; step = await iterator.next()) yield step.value
    hasEnded = true
  } catch (error) {
    hasEnded = true
    throw error
  } finally {
    if (!hasEnded) await iterator.return?.()
  }
}

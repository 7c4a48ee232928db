/**
 * The first items of data that cannot be indexed: they are sampled, and the others are not touched
 * until somebody asks for them. Such data may be endless, slow, or fail half way.
 */
import type { Data } from './data.ts'
import { isIndexable, toItems } from './data.ts'

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
}

/** Enough to see a quick function warm. */
const MOST_ITEMS = 16_384

/**
 * Reads data until there are enough items, it ends, or the time is over.
 *
 * @param budgetMs - Longest wait for items that come late.
 * @throws {@link InvalidDataError} for what cannot be iterated.
 */
export async function readHead<I>(data: Data<I>, budgetMs: number): Promise<Head<I>> {
  if (isIndexable(data)) return wholeOf(await toItems(data))
  if (Symbol.asyncIterator in data) return readLate(data[Symbol.asyncIterator](), budgetMs)
  return readNow(data[Symbol.iterator](), budgetMs)
}

/** Items of which no more follow. */
export function wholeOf<I>(items: ArrayLike<I>): Head<I> {
  return { items, isWhole: true, withFollowing: only }
}

function readNow<I>(iterator: Iterator<I>, budgetMs: number): Head<I> {
  const items: I[] = []
  const endMs = performance.now() + budgetMs
  while (items.length < MOST_ITEMS && (items.length === 0 || performance.now() < endMs)) {
    let step: IteratorResult<I>
    try {
      step = iterator.next()
    } catch (error) {
      return { items, isWhole: false, withFollowing: (first) => fail(first, error) }
    }
    if (step.done) return wholeOf(items)
    items.push(step.value)
  }
  return { items, isWhole: false, withFollowing: (first) => follow(first, iterator) }
}

async function readLate<I>(iterator: AsyncIterator<I>, budgetMs: number): Promise<Head<I>> {
  const items: I[] = []
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), budgetMs)
  })
  try {
    while (items.length < MOST_ITEMS) {
      const pending = iterator.next()
      // What it throws, it throws to the one who reads on.
      const step = await Promise.race([pending, late]).catch(() => undefined)
      if (!step)
        return { items, isWhole: false, withFollowing: (first) => follow(first, iterator, pending) }
      if (step.done) return wholeOf(items)
      items.push(step.value)
    }
    return { items, isWhole: false, withFollowing: (first) => follow(first, iterator) }
  } finally {
    clearTimeout(timer)
  }
}

async function* only<I>(first: Iterable<I>): AsyncGenerator<I> {
  yield* first
}

async function* fail<I>(first: Iterable<I>, error: unknown): AsyncGenerator<I> {
  yield* first
  throw error
}

/** Reads on, after a step that was asked for already. */
async function* follow<I>(
  first: Iterable<I>,
  iterator: Iterator<I> | AsyncIterator<I>,
  pending?: Promise<IteratorResult<I>>,
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

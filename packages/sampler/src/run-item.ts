/** Items on the calling thread: called, their results kept, an error given its item's index. */
import { ItemError } from './errors.ts'
import type { PartialResults } from './partial-results.ts'
import { isThenable } from './thenable.ts'

/**
 * Runs the item at a position and keeps its result.
 *
 * @param run - The task's function, from {@link PreparedTask.load}.
 * @param items - All items.
 * @param results - Where the result goes.
 * @param index - Position of the item.
 * @returns A promise only where the task gave one, so that a loop over quick items need not wait.
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where the task throws or rejects.
 * @public
 */
export function runItem<I, O>(
  run: (item: I) => O | Promise<O>,
  items: ArrayLike<I>,
  results: PartialResults<O>,
  index: number,
): undefined | Promise<void> {
  let value: O | Promise<O>
  try {
    // The caller's positions are within the items.
    value = run(items[index]!)
  } catch (error) {
    throw new ItemError(index, error)
  }
  if (isThenable(value)) return keepSettled(value, results, index)
  results.set(index, value)
  return undefined
}

/**
 * Items in a row that nobody is asked about: to ask costs as much as some of the quickest. After 64 it
 * could not be told from never. Rows are a loop of their own, as a test beside each item costs items of
 * 20 ns a fifth (CPU time of 'mixing bits', apps/bench).
 */
const ITEMS_PER_QUESTION = 64

/**
 * Runs the items of a range that have no result yet, one after the other. The loop that a user would
 * write, as far as possible: over items of 20 ns a call of {@link runItem} each takes twice as long.
 *
 * @param run - The task's function, from {@link PreparedTask.load}.
 * @param items - All items.
 * @param results - Where the results go.
 * @param from - First position.
 * @param to - Position behind the last, at most the number of items.
 * @param isToStop - Asked after each item that was waited for, and else after some dozen of them.
 * @returns The position behind the last item that was run, `to` where it never was to stop; a promise
 * only where the task gave one.
 * @throws {@link ItemError} `AMORSIZE_SAMPLER_ITEM` where the task throws or rejects.
 * @public
 */
export function runItems<I, O>(
  run: (item: I) => O | Promise<O>,
  items: ArrayLike<I>,
  results: PartialResults<O>,
  from: number,
  to: number,
  isToStop: () => boolean,
): number | Promise<number> {
  const { values } = results
  let gap = results.nextGap(from, to)
  while (gap) {
    let index = gap.from
    try {
      while (index < gap.to) {
        const rowEnd = Math.min(gap.to, index + ITEMS_PER_QUESTION)
        for (; index < rowEnd; index++) {
          // Nothing outside the loop reads it, so that V8 need not make an object of a number.
          const value = run(items[index]!)
          if (isThenable(value)) {
            return runWaiting(run, items, results, { value, index, to, isToStop })
          }
          values[index] = value
        }
        if (isToStop()) return index
      }
    } catch (error) {
      throw new ItemError(index, error)
    } finally {
      results.markDone(gap.from, index)
    }
    gap = results.nextGap(gap.to, to)
  }
  return to
}

async function runWaiting<I, O>(
  run: (item: I) => O | Promise<O>,
  items: ArrayLike<I>,
  results: PartialResults<O>,
  first: {
    readonly value: O | PromiseLike<O>
    readonly index: number
    readonly to: number
    readonly isToStop: () => boolean
  },
): Promise<number> {
  const { to, isToStop } = first
  let { value, index } = first
  try {
    for (;;) {
      results.set(index, await value)
      index = results.nextMissing(index + 1, to)
      if (index === to || isToStop()) return index
      value = run(items[index]!)
    }
  } catch (error) {
    throw new ItemError(index, error)
  }
}

async function keepSettled<O>(
  pending: O | PromiseLike<O>,
  results: PartialResults<O>,
  index: number,
): Promise<void> {
  try {
    results.set(index, await pending)
  } catch (error) {
    throw new ItemError(index, error)
  }
}

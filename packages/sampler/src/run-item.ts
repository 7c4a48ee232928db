/** One item on the calling thread: called, its result kept, its error given the item's index. */
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

async function keepSettled<O>(
  pending: PromiseLike<O>,
  results: PartialResults<O>,
  index: number,
): Promise<void> {
  try {
    results.set(index, await pending)
  } catch (error) {
    throw new ItemError(index, error)
  }
}

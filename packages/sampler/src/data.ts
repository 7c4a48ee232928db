/** Items as the pool needs them: known in number and reachable by position. */
import { ChangedDataError, InvalidDataError } from './errors.ts'

/**
 * What can be mapped over. Not a text, whose characters are hardly ever meant.
 * @public
 */
export type Data<I> = (Iterable<I> & object) | AsyncIterable<I>

/**
 * The items by position: arrays and typed arrays as they are, anything else read to its end.
 *
 * @param data - An array, a typed array, or any other iterable that ends.
 * @returns The items, not copied where they can be indexed already.
 * @throws {@link InvalidDataError} `AMORSIZE_SAMPLER_INVALID_DATA` for what cannot be iterated, and
 * for a string, whose characters are hardly ever meant.
 * @public
 */
export function toItems<I>(data: Data<I>): ArrayLike<I> | Promise<ArrayLike<I>> {
  assertData(data)
  if (Array.isArray(data)) return data
  if (isTypedArray(data)) return data as unknown as ArrayLike<I>
  return Symbol.iterator in data ? [...data] : collect(data)
}

/**
 * Refuses an array that has lost items since its map began: the task would be given `undefined`.
 *
 * @param items - The items.
 * @param itemCount - How many there were.
 * @throws {@link ChangedDataError} `AMORSIZE_SAMPLER_CHANGED_DATA`
 * @public
 */
export function assertWhole(items: ArrayLike<unknown>, itemCount: number): void {
  if (items.length < itemCount) throw new ChangedDataError(itemCount, items.length)
}

/**
 * Whether all items are at hand: an array, a typed array, a set, a map.
 * @throws {@link InvalidDataError}
 */
export function isIndexable(data: unknown): boolean {
  assertData(data)
  return Array.isArray(data) || isTypedArray(data) || data instanceof Set || data instanceof Map
}

/**
 * Refuses what cannot be iterated, and strings, whose characters are hardly ever meant.
 *
 * @param data - What was given as the items.
 * @throws {@link InvalidDataError} `AMORSIZE_SAMPLER_INVALID_DATA`
 * @public
 */
export function assertData(data: unknown): asserts data is object {
  const isObject = typeof data === 'object' && data !== null
  const isIterable = isObject && (Symbol.iterator in data || Symbol.asyncIterator in data)
  if (!isIterable) throw new InvalidDataError(data)
}

function isTypedArray(data: object): boolean {
  return ArrayBuffer.isView(data) && !(data instanceof DataView)
}

async function collect<I>(data: AsyncIterable<I>): Promise<I[]> {
  const items: I[] = []
  for await (const item of data) items.push(item)
  return items
}

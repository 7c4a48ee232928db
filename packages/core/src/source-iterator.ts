/** Reading a source by hand, as `for await` would: what is no iterator is refused, and not read for ever. */
import { InvalidDataError } from '@amorsize/sampler'

type Source<I> = Iterable<I> | AsyncIterable<I>

/**
 * The iterator of a source, the asynchronous one where it has both.
 * @throws {@link InvalidDataError} where it has none; what the source throws.
 */
export function iteratorOf<I>(source: Source<I>): Iterator<I> | AsyncIterator<I> {
  const open: unknown =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator] : source[Symbol.iterator]
  if (typeof open !== 'function') throw new InvalidDataError(source)
  const iterator: unknown = Reflect.apply(open, source, [])
  const hasNext = isObject(iterator) && typeof Reflect.get(iterator, 'next') === 'function'
  if (!hasNext) throw new InvalidDataError(source)
  return iterator as Iterator<I>
}

/**
 * Refuses a step that says neither what comes next nor that nothing does.
 * @throws {@link InvalidDataError}
 */
export function assertStep(step: unknown): void {
  if (!isObject(step)) throw new InvalidDataError(step)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' ? value !== null : typeof value === 'function'
}

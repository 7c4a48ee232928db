/** Reading a source by hand, as `for await` would: what is no iterator is refused, and not read for ever. */
import { InvalidDataError } from './errors.ts'
import { isThenable } from './thenable.ts'

type SomeIterator<I> = Iterator<I> | AsyncIterator<I>

/**
 * The iterator of a source, the asynchronous one where it has both.
 *
 * @param source - Any iterable object; a string is refused.
 * @returns An iterator each step of which is an object, or a promise of one.
 * @throws {@link InvalidDataError} `AMORSIZE_SAMPLER_INVALID_DATA` where the source gives no iterator, and
 * from `next()` for a step that says neither what comes next nor that nothing does.
 * @throws What the source throws.
 * @public
 */
export function iteratorOf<I>(
  source: Iterable<I> | AsyncIterable<I>,
): Iterator<I> | AsyncIterator<I> {
  if (!isObject(source)) throw new InvalidDataError(source)
  const open: unknown =
    Reflect.get(source, Symbol.asyncIterator) ?? Reflect.get(source, Symbol.iterator)
  if (typeof open !== 'function') throw new InvalidDataError(source)
  const iterator: unknown = Reflect.apply(open, source, [])
  if (!isIterator<I>(iterator)) throw new InvalidDataError(source)
  const checked = {
    next: () => {
      const step: unknown = iterator.next()
      return isThenable(step) ? Promise.resolve(step).then(checkedStep) : checkedStep(step)
    },
    ...(typeof iterator.return === 'function' && { return: () => iterator.return!() }),
  }
  return checked as SomeIterator<I>
}

function isIterator<I>(value: unknown): value is SomeIterator<I> {
  return isObject(value) && typeof Reflect.get(value, 'next') === 'function'
}

function checkedStep(step: unknown): object {
  if (isObject(step)) return step
  throw new InvalidDataError(step, 'step')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' ? value !== null : typeof value === 'function'
}

/** A name for a function that tells it from others, and a measure of how much code it is. */
import { InvalidArgumentError } from '../errors.ts'
import { compiledBytes } from './compiled-code.ts'

const SIGNATURE_DIGITS = 16

/**
 * Descriptions that are remembered, by text: a function expression is another function each time it
 * is evaluated, and compiling it takes longer than a decision from past runs.
 */
const MOST_KNOWN = 100
const LONGEST_KNOWN_TEXT = 10_000
const known = new Map<string, FunctionDescription>()

/** What {@link describeFunction} tells of a function. @public */
export interface FunctionDescription {
  /** Sixteen hexadecimal digits over the name and the whole source. */
  readonly signature: string
  /** Size of V8's compiled code, bytes; 0 where there is no source that compiles. */
  readonly complexity: number
}

/** Any function or class, whatever its parameters. @public */
export type Callable =
  | ((...parameters: never[]) => unknown)
  | (abstract new (...parameters: never[]) => unknown)

/**
 * Describes a function, or the source of one, without running it.
 *
 * @remarks
 * The signature is over the text: it changes with a constant, a name or a blank, and does not see
 * what the function closes over. Costs a compilation, well under a millisecond for ordinary code, the
 * first time; the latest hundred texts are remembered.
 * @param fn - A function, class or method, or its source. Of a source, the name is part of the text.
 * @returns The signature and the complexity, which is 0 for a native or bound function and for a
 * source that does not parse.
 * @throws `InvalidArgumentError` with `AMORSIZE_FEATURES_INVALID_ARGUMENT` for anything else.
 * @public
 */
export function describeFunction(fn: Callable | string): FunctionDescription {
  if (typeof fn !== 'function' && typeof fn !== 'string') {
    throw new InvalidArgumentError(
      'fn',
      'a function or its source',
      fn,
      'Pass the function itself.',
    )
  }
  const source = typeof fn === 'string' ? fn : Function.prototype.toString.call(fn)
  const name = typeof fn === 'string' ? '' : ownName(fn)
  const text = `${name}\0${source}`
  return known.get(text) ?? remember(text, describe(text, source))
}

function describe(text: string, source: string): FunctionDescription {
  const { createHash } = process.getBuiltinModule('node:crypto')
  const digest = createHash('sha256').update(text).digest('hex')
  return Object.freeze({
    signature: digest.slice(0, SIGNATURE_DIGITS),
    complexity: compiledBytes(source),
  })
}

function remember(text: string, description: FunctionDescription): FunctionDescription {
  if (text.length > LONGEST_KNOWN_TEXT) return description
  const [oldest] = known.keys()
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest)
  known.set(text, description)
  return description
}

/** Reads no getter: a class may have a static one called `name`, which is not ours to run. */
function ownName(fn: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value
  return typeof name === 'string' ? name : ''
}

/**
 * How much code V8 makes of a source. Scripts are compiled and never run. V8 puts off compiling a
 * function until it is called, unless the text calls it at once: so every function of the source is
 * written behind it once more, called at once.
 */
import type { Script } from 'node:vm'

import { type FunctionParts, functionPartsOf } from './function-parts.ts'

/**
 * Where the text of a function, a method or a whole script stands by itself. A function right
 * behind a parenthesis would be compiled here already, and counted twice.
 */
const SETTINGS: readonly ((source: string) => string)[] = [
  (source) => `(0,${source}\n)`,
  (source) => `({${source}\n})`,
  (source) => source,
]

/** In a plain function these are names like any other, and mean something else. */
const PAUSING_WORD = /\b(?:await|yield)\b/

/** Ways to call a function at once; the second is for sources that use those words as names. */
const CALLS: readonly ((parts: FunctionParts) => string)[] = [
  (parts) => (PAUSING_WORD.test(parts.body) ? pausingCall(parts) : plainCall(parts)),
  plainCall,
]

/**
 * Bytes of V8's compiled code for a source, all functions in it included.
 *
 * @param source - Text of a function, class, method or script.
 * @returns A whole number, larger for more code; 0 for a source that does not parse, as that of
 * native and bound functions.
 */
export function compiledBytes(source: string): number {
  const text = SETTINGS.map((setting) => setting(source)).find((setting) => compile(setting))
  if (text === undefined) return 0
  const functions = functionPartsOf(source)
  for (const call of CALLS) {
    const script = compile([text, ...functions.map(call)].join('\n;'))
    if (script !== undefined) return script.createCachedData().length
  }
  return compile(text)?.createCachedData().length ?? 0
}

function plainCall({ parameters, body }: FunctionParts): string {
  return `(function${parameters}${body})()`
}

function pausingCall({ parameters, body }: FunctionParts): string {
  return `(async function*${parameters}${body})()`
}

function compile(text: string): Script | undefined {
  try {
    return new (process.getBuiltinModule('node:vm').Script)(text)
  } catch {
    return undefined
  }
}

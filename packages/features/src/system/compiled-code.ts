/**
 * Size of the code V8 makes of a source. A script is compiled and never run. V8 leaves a function
 * uncompiled until it is called, unless the text calls it at once: so the text does.
 */
import vm from 'node:vm'

/** Each form puts one kind of source where it is compiled at once; the first that parses is taken. */
const FORMS: readonly ((source: string) => string)[] = [
  // A function, an arrow function or a class.
  (source) => `(${source}\n)()`,
  // A method, getter or setter.
  (source) => `({${source}\n})`,
]

/**
 * Bytes of V8's compiled code for a source.
 *
 * @param source - Text of a function, class or method.
 * @returns A whole number, larger for more code; 0 for a source that does not parse, as that of
 * native and bound functions.
 */
export function compiledBytes(source: string): number {
  for (const form of FORMS) {
    const script = compile(form(source))
    if (script !== undefined) return script.createCachedData().length
  }
  return 0
}

function compile(text: string): vm.Script | undefined {
  try {
    return new vm.Script(text)
  } catch {
    return undefined
  }
}

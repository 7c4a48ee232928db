import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { InvalidArgumentError } from '../../src/errors.ts'
import { describeFunction } from '../../src/system/describe-function.ts'

function double(x: number): number {
  return x * 2
}

function twice(x: number): number {
  return x * 2
}

/** Statements that V8 cannot fold away. */
function work(count: number): string {
  return Array.from({ length: count }, (_, i) => `v = v * ${i + 2} + Math.sin(v)`).join('\n')
}

describe('the signature', () => {
  test('is sixteen hexadecimal digits, the same each time', () => {
    const { signature } = describeFunction((x: number) => x * 2)

    expect(signature).toMatch(/^[0-9a-f]{16}$/)
    expect(describeFunction('(x) => x * 2')).toEqual(describeFunction('(x) => x * 2'))
  })

  test('tells apart functions of the same shape with other constants, names or sources', () => {
    const functions = [
      (x: number): number => x * 2,
      (x: number): number => x * 3,
      (y: number): number => y * 2,
      (x: number): number => 2 * x,
      double,
      twice,
    ]

    const signatures = functions.map((fn) => describeFunction(fn).signature)

    expect(new Set(signatures).size).toBe(functions.length)
  })

  test('tells apart the same text under another name', () => {
    const named = { first: (x: number) => x, second: (x: number) => x }

    expect(String(named.first)).toBe(String(named.second))
    expect(describeFunction(named.first).signature).not.toBe(
      describeFunction(named.second).signature,
    )
  })

  test('tells apart any two sources', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(describeFunction(a).signature === describeFunction(b).signature).toBe(a === b)
      }),
    )
  })
})

describe('the complexity', () => {
  const FORMS: readonly [string, (body: string) => string][] = [
    ['a function', (body) => `function (v) { ${body}; return v }`],
    ['an arrow function', (body) => `(v) => { ${body}; return v }`],
    ['an arrow function of one expression', (body) => `v => (${body.replaceAll('\n', ', ')}, v)`],
    ['an async function', (body) => `async (v) => { await v; ${body}; return v }`],
    ['a generator', (body) => `function* (v) { yield v; ${body} }`],
    ['a method', (body) => `run(v) { ${body}; return v }`],
    ['an async method with a computed name', (body) => `async [Symbol.iterator](v) { ${body} }`],
    ['a getter', (body) => `get value() { let v = 1; ${body}; return v }`],
    ['a setter', (body) => `set value(v) { ${body} }`],
    ['a constructor', (body) => `class A extends B { constructor(v) { super(v); ${body} } }`],
    ['a method of a class', (body) => `class { #v = 1; run(v) { this.#v = v; ${body} } }`],
    ['a static method', (body) => `class { static run(v) { ${body} } }`],
    ['a callback', (body) => `(rows) => rows.map((v) => { ${body}; return v })`],
    ['a callback of a callback', (body) => `(a) => a.map((b) => b.map((v) => { ${body} }))`],
    ['an inner function', (body) => `function () { function f(v) { ${body} } return f }`],
    ['a method of a literal', (body) => `() => ({ run(v) { ${body} } })`],
    ['a function in a template', (body) => `(s) => \`a\${s.map((v) => { ${body} })}b\${s}\``],
    ['a script', (body) => `const f = (v) => { ${body} }; f(1)`],
  ]

  test.each(FORMS)('grows with the code of %s', (_, form) => {
    const complexities = [1, 4, 16, 64].map((count) => {
      return describeFunction(form(work(count))).complexity
    })

    for (const [i, complexity] of complexities.slice(1).entries()) {
      expect(complexity).toBeGreaterThan(complexities[i]!)
    }
  })

  test('is the same each time, and for a function and its text', () => {
    const { complexity } = describeFunction(double)

    expect(complexity).toBeGreaterThan(0)
    expect(describeFunction(double).complexity).toBe(complexity)
    expect(describeFunction(String(double)).complexity).toBe(complexity)
  })

  test('does not see blanks and comments', () => {
    const plain = describeFunction('(v) => {\n  return v + 1\n}')
    const commented = describeFunction('(v) => {\n  /* one more */ return v + 1 // here\n}')

    expect(Math.abs(plain.complexity - commented.complexity)).toBeLessThanOrEqual(16)
    expect(plain.signature).not.toBe(commented.signature)
  })

  test.each([
    ['a native function', Math.max],
    ['a bound function', double.bind(undefined)],
    ['a source that does not parse', 'x => {{{'],
    ['a module', 'export default 1'],
    ['no source', ''],
  ])('is 0 for %s', (_, fn) => {
    const { signature, complexity } = describeFunction(fn)

    if (fn !== '') expect(complexity).toBe(0)
    expect(signature).toMatch(/^[0-9a-f]{16}$/)
  })

  test('runs nothing of the source, nor a getter of the function', () => {
    const trap = 'globalThis.wasRun = true'
    const source = `((a = ${trap}) => { ${trap} })(); class A { static { ${trap} } static x = ${trap} }`
    const tricky = Object.defineProperty((): number => 1, 'name', {
      get: () => {
        throw new Error('a getter was run')
      },
    })

    describeFunction(source)
    describeFunction(tricky)

    expect('wasRun' in globalThis).toBe(false)
  })

  test('never throws, whatever the text', () => {
    const fragment = fc.oneof(
      fc.string(),
      fc.constantFrom(...'( ) { } [ ] => ` ${ / \' " ? : , ; # super yield \n'.split(' ')),
      fc.constantFrom('(x) => x', 'class A {', '/[/]/', 'function f(a) {', 'return', 'async'),
    )
    fc.assert(
      fc.property(fc.array(fragment), (fragments) => {
        expect(describeFunction(fragments.join(' ')).complexity).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 1000 },
    )
  })

  test('is measured of a source with a literal of many megabytes', () => {
    const text = 'a'.repeat(1e7)

    for (const literal of [`'${text}'`, `\`${text}\``, `/*${text}*/ 1`, `${' '.repeat(1e7)}1`]) {
      expect(describeFunction(`() => ${literal}`).complexity).toBeGreaterThan(0)
    }
  })

  test('agrees with V8 compiling everything at once, over the functions of Node itself', () => {
    const reference = fileURLToPath(new URL('../fixtures/eagerly-compiled.mjs', import.meta.url))
    const output = execFileSync(process.execPath, ['--no-lazy', reference], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    const compiled: { source: string; bytes: number }[] = JSON.parse(output)

    const ratios = compiled.map(({ source, bytes }) => describeFunction(source).complexity / bytes)

    expect(compiled.length).toBeGreaterThan(500)
    expect(Math.min(...ratios)).toBeGreaterThan(0.7)
    expect(Math.max(...ratios)).toBeLessThan(1.6)
  })
})

test('anything but a function or a text is refused', () => {
  for (const value of [undefined, null, 42, {}, Symbol('f')]) {
    // @ts-expect-error: what JavaScript callers may pass
    expect(() => describeFunction(value)).toThrow(InvalidArgumentError)
  }
})

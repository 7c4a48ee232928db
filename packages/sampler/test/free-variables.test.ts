import { transformSync } from 'esbuild'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { freeVariables } from '../src/free-variables.ts'
import { loadTask } from '../src/load-task.ts'
import { namesByWords } from '../src/names-by-words.ts'

describe('a function is self-contained', () => {
  it.each([
    '(item) => item * 2',
    'function double(n) { return n * 2 }',
    '(text) => { const [first, ...rest] = text; return `a "quoted" R-${first.id} ${rest}` }',
    '({ from, to: [x, y] }) => from + x + y',
    '(items) => { const [first, ...others] = items; return others.reduce((sum, { size }) => sum + size, first) }',
    "(text) => text.replace(/\\b['a-z]/g, (letter) => letter.toUpperCase()).split(/[\"/]/) // it's done",
    "(item) => ({ name: item.name, 'full name': \"it's\" })",
    'item => Math.sqrt(item)',
    'function total(items, { scale }) { let sum = 0; for (const item of items) sum += item * scale; return sum }',
    '(n) => { var k = 0; for (let i = 0; i < n; i++) k += i % 7; return `${k} of ${n}` }',
    'async ({ id, ...rest }, [first = id] = []) => ({ id, first, ...rest, [id]: 1, method() { return id } })',
    'function factorial(n) { return n < 2 ? 1 : n * factorial(n - 1) }',
    '(item) => { return later(item); function later(x) { return x } }',
    '(item) => { if (item) { function hoisted() {} } return typeof hoisted }',
    '(item) => { if (item) var hoisted = 1; return hoisted }',
    'async (item) => { const { readFileSync } = await import("node:fs"); return readFileSync(item, "utf8") }',
    '(item) => { class Point { #x = 1; y = this.#x; static z = 2; get sum() { return this.y + Point.z } } return new Point().sum + item }',
    '(item) => { try { return JSON.parse(item) } catch ({ message }) { return message } }',
    '(item) => { outer: for (;;) { break outer } return item }',
    '(item) => { switch (item) { case 1: { let one = 1; return one } default: return [..."ab"].map((letter) => letter) } }',
    '(item) => typeof somewhere === "undefined" ? item : 0',
    'method(item) { return item }',
    'async *method(item) { yield item }',
    'get size() { return 1 }',
    'function (item) { return arguments.length + item }',
    '(item) => [item].map(function () { return this }, item)',
    '(item) => item.name.first.constructor',
    '(item) => ({ outside: item }).outside',
    '(item) => /outside/.test(item) ? "outside" : `outside`',
    'function (item) { const inner = __name(() => item, "inner"); return inner() }',
    String.raw`(field) => /[",]/.test(field) ? '"' + field + '"' : field`,
    '(item) => (item.total / item.count) / 2 + item.sizes[0] / item.index++ / 3',
    'function task(item) { return __awaiter(this, void 0, void 0, function* () { return item }) }',
    'method(item) { return __async(this, null, function* () { return item }) }',
  ])('%s', (source) => {
    expect(freeVariables(source)).toEqual([])
  })
})

describe('a function takes from outside', () => {
  it.each([
    ['(item) => item * factor', ['factor']],
    ['(item) => helper(item) + helper(offset)', ['helper', 'offset']],
    ['(item) => ({ factor })', ['factor']],
    ['({ a = factor }) => a', ['factor']],
    ['({ [key]: a }) => a', ['key']],
    ['(item) => { count += item }', ['count']],
    ['(item) => { [first, second] = item }', ['first', 'second']],
    ['({ item = 0 }) => { { let inner = item } return inner }', ['inner']],
    ['([item = []]) => { for (const x of item); return x }', ['x']],
    ['(item) => (/["]/.test(item) ? outside : "a")', ['outside']],
    ["(item) => `it's ${outside} isn't`", ['outside']],
    ["(item) => { /* it's */ return outside + 'a' }", ['outside']],
    ['({ item }) => [item, factor ? 1 : 2]', ['factor']],
    ['(item) => [...outside, item]', ['outside']],
    ['(item) => `${item} of ${outside}`', ['outside']],
    ['(item) => `${`${outside}`}`', ['outside']],
    ['(item) => `\\${item}${outside}`', ['outside']],
    ["(item) => 'x=/' + outside + '/'", ['outside']],
    ['(item) => { if (item) /"/.test(item) ? outside : "a" }', ['outside']],
    ['(item) => item / outside / 2', ['outside']],
    [String.raw`(field) => /[",]/.test(field) ? '"' + outside(field) + '"' : field`, ['outside']],
    [String.raw`(url) => /:\/\//.test(url) ? url : outside + url`, ['outside']],
    [String.raw`(line) => /^\/\//.test(line) ? outside(line) : line`, ['outside']],
    [String.raw`(line) => { if (line) /a\//.test(line) ? outside(line) : line }`, ['outside']],
    ['(item) => { if (item) {} /["]/.test(item) ? outside : "a" }', ['outside']],
    ['(item) => // why\n /["]/.test(item) ? outside : "a"', ['outside']],
    ['(item) => item // of =\n / outside / 2', ['outside']],
    ['(item) => item++ / outside / 2', ['outside']],
    ...[
      'typeof',
      'void',
      'case item in',
      '!',
      '~',
      '-',
      '+',
      '1 +',
      '1 ^',
      '1 *',
      '1 %',
      '1 <',
    ].map((before): [string, string[]] => [
      `(item) => { switch (item) { ${before.startsWith('case') ? before : `case ${before}`} /["]/: return outside + "a" } }`,
      ['outside'],
    ]),
    [
      'function task(item) { return __awaiter(this, void 0, void 0, function* () { return this.x }) }',
      ['this'],
    ],
    ['(item) => later(this, function* () { return item })', ['later', 'this']],
    ['(item) => `a${outside}`', ['outside']],
    ['function double(item) { return triple(item) }', ['triple']],
    ['(item) => ({ scale: factor })', ['factor']],
    ['(item) => new Point(item)', ['Point']],
    ['(item) => { class A extends Base {} return new A(item) }', ['Base']],
    ['(item) => `${prefix}${item}`', ['prefix']],
    ['(item) => tag`text`', ['tag']],
    ['(item) => item?.[key]', ['key']],
    ['(item) => this.scale * item', ['this']],
    ['(item) => [item].map((x) => this.scale * x)', ['this']],
    ['method(item) { return this.scale * item }', ['this']],
    ['method(item) { return super.method(item) }', ['this']],
    ['(item) => arguments.length', ['arguments']],
    ['(item) => require("fs").readFileSync(item)', ['require']],
    ['(item) => import.meta.url + item', ['import.meta']],
    ['(ns) => ns.filter((n) => n > limit).map((limit) => limit)', ['limit']],
    ['(ns) => ns.map((limit) => limit).filter((n) => n > limit)', ['limit']],
    ['(ns) => { for (const n of ns) n.go(); return n }', ['n']],
    ['(ns) => { for (const n of ns) for (const m of n) { m.go() } return n + m }', ['n', 'm']],
    ['(ns) => {\n const f = n => n * 2\n return ns.map(f) + n\n}', ['n']],
    ['(ns) => (ns ? n => n * 2 : n)', ['n']],
    ['(item) => { const inner = (x = item) => x + outer; return inner }', ['outer']],
  ])('%s', (source, expected) => {
    expect(freeVariables(source)).toEqual(expected)
  })
})

/** Functions that declare few names in many places, so that the same name is often another one. */
const { arrow } = fc.letrec<{ name: string; expression: string; statement: string; arrow: string }>(
  (tie) => {
    const name = fc.constantFrom('a', 'b', 'c', 'Math')
    const text = (form: (...parts: string[]) => string, ...parts: fc.Arbitrary<string>[]) =>
      fc.tuple(...parts).map((made) => form(...made))
    const [expression, statement] = [tie('expression'), tie('statement')]
    const regularExpression = fc.constantFrom(
      '/["]/',
      "/'/",
      String.raw`/a\//`,
      String.raw`/\/\//`,
      '/[/`]/',
      '/[{]/',
    )
    const operator = fc.constantFrom('/', ' / ', ' /\n', '\n/ ', '++ / ', ' > ', ' + ', ' // "\n/ ')
    const separator = fc.constantFrom(';', '\n', '; ')
    const statements = fc
      .array(fc.tuple(statement, separator), { maxLength: 3 })
      .map((parts) => parts.flat().join(''))
    const block = text((body, last) => `{${body} return ${last}}`, statements, expression)
    const body = fc.oneof(expression, block)
    return {
      name,
      expression: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        name,
        text((x) => `\`of \${${x}}\``, name),
        text((x) => `Math.a(${x})`, expression),
        text((form, x) => `${form}.test(${x})`, regularExpression, expression),
        text((x, mark, y) => `${x}${mark}${y}`, name, operator, name),
        text((mark, form) => `1${mark}${form}`, operator, regularExpression),
        text((x, y) => `Math.max(${x}, ${y})`, expression, expression),
        text((x, y, z) => `${x}\n? ${y} : ${z}`, expression, expression, expression),
        text((x, y) => `({ a: ${x}, b: ${y} })`, expression, expression),
        text((x, y) => `[${x},\n${y}]`, expression, expression),
        tie('arrow').map((made) => `(${made})`),
        text((x, made) => `Math.f(${x}, ${made})`, expression, tie('arrow')),
      ),
      statement: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        text((x) => `${x}.go()`, expression),
        text((x, y) => `const ${x} = ${y}`, fc.constantFrom('a', 'b', 'c'), expression),
        text((x, made) => `let ${x} = ${made}`, fc.constantFrom('a', 'b', 'c'), tie('arrow')),
        text(
          (x, y, z) => `for (const ${x} of ${y}) ${z}`,
          fc.constantFrom('a', 'b'),
          expression,
          statement,
        ),
        text(
          (x, y, z) => `for (const ${x} of ${y}) {${z}}`,
          fc.constantFrom('a', 'b'),
          expression,
          statements,
        ),
        text((x, y) => `if (${x}) {${y}}`, expression, statements),
        text((x, y) => `if (${x}) ${y}`, expression, statement),
      ),
      arrow: fc.oneof(
        text((x, y) => `${x} => ${y}`, fc.constantFrom('a', 'b', 'c'), body),
        text(
          (x, y, z) => `(${x}, { ${y} }) => ${z}`,
          fc.constantFrom('a', 'b'),
          fc.constantFrom('c', 'd'),
          body,
        ),
      ),
    }
  },
)

it('what the words tell is what the parser tells', () => {
  fc.assert(
    fc.property(arrow, (source) => {
      const names = namesByWords(source)

      // In parentheses it is left to the parser.
      const parsed = freeVariables(`(${source})`, (doubtful) => new Set(doubtful))
      fc.pre(parsed !== undefined)
      if (names) expect([source, names]).toEqual([source, parsed])
    }),
    { numRuns: 300 },
  )
})

it('a source that is no function is left to the one who evaluates it', () => {
  expect(freeVariables('function (')).toBeUndefined()
})

/** The inner `helper` makes esbuild call `__name` from inside the function. */
const NAMED = 'const task = async (item) => { const twice = (x) => x * 2; return twice(item) }'
const CLASS =
  'const task = async (item) => { class Box { value = item; static kind = "box" } return new Box().value * 2 }'

describe('a function that a compiler has rewritten', () => {
  it.each([
    ['by esbuild with keepNames, as tsx does', NAMED, { keepNames: true, target: 'node20' }],
    ['by esbuild with keepNames and a class', CLASS, { keepNames: true, target: 'node20' }],
    ['for ES2016, with an async helper', NAMED, { target: 'es2016' }],
    ['for ES2016, with class fields', CLASS, { target: 'es2016' }],
  ])('%s is self-contained and runs', async (_, code, options) => {
    const compiled = transformSync(code, options).code
    const source = compiled.slice(compiled.indexOf('const task = ') + 13).replace(/;\s*$/, '')
    const bare = source.startsWith('/* @__PURE__ */ __name(')
      ? source.slice('/* @__PURE__ */ __name('.length, source.lastIndexOf(','))
      : source

    const run = await loadTask({ kind: 'source', source: bare, name: 'task', context: undefined })

    expect(freeVariables(bare)).toEqual([])
    expect(await run(21, undefined)).toBe(42)
  })
})

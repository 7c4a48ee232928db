import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { functionPartsOf } from '../../src/system/function-parts.ts'

/** The functions of a source, blanks squeezed. */
function partsOf(source: string): string[] {
  return functionPartsOf(source).map(({ parameters, body }) =>
    `${parameters} ${body}`.replaceAll(/\s+/g, ' '),
  )
}

test.each<[string, string, string[]]>([
  ['a function', 'function f(a, b = 1) { g() }', ['(a, b = 1) { g() }']],
  ['an arrow function', '(a) => { g() }', ['(a) { g() }']],
  ['an arrow without parentheses', 'async a => { g() }', ['(a) { g() }']],
  ['an expression', 'a => a + 1', ['(a) {return(a + 1 )}']],
  ['arrows in arrows', 'a => b => a + b', ['(b) {return(a + b )}', '(a) {return(b => a + b )}']],
  ['an argument', 'f(a => a, 1)', ['(a) {return(a )}']],
  ['a conditional in an arrow', 'f(a => a ? 1 : 2, 3)', ['(a) {return(a ? 1 : 2 )}']],
  ['an arrow in a conditional', 'x ? a => a : b', ['(a) {return(a )}']],
  ['optional chains and defaults', 'x ? a => a?.b ?? c : d', ['(a) {return(a?.b ?? c )}']],
  ['an arrow that ends with its line', 'f = a => a\ng(1)', ['(a) {return(a )}']],
  ['an arrow that goes on', 'f = a => a\n  in b', ['(a) {return(a in b )}']],
  ['an arrow that goes on by a mark', 'f = a => a\n  + b', ['(a) {return(a + b )}']],
  ['conditions', 'if (a) { } while (b) { } for (const c of d) { } catch (e) { }', []],
  ['a body behind a condition', 'if (a) { f(function (b) { c }) }', ['(b) { c }']],
  ['words of classes', 'class { #a; m() { super.m(this.#a) } }', ['() { this .m(this._a) }']],
  ['brackets in strings', `(a) => { '}' + "{" + \`)\` }`, [`(a) { '}' + "{" + \`)\` }`]],
  ['brackets in comments', '(a) => { /* } */ // }\n b }', ['(a) { /* } */ // } b }']],
  ['brackets in regular expressions', '(a) => { /[/}]/.test(a) }', ['(a) { /[/}]/.test(a) }']],
  ['a division', 'a / f((b) => { c }) / d', ['(b) { c }']],
  ['a division of a group', '(a) / f((b) => { c }) / d', ['(b) { c }']],
  ['a division of a property', 'a.in / f((b) => { c }) / d', ['(b) { c }']],
  [
    'a regular expression behind a condition',
    '(a) => { if (a) /}/.test(a) }',
    ['(a) { if (a) /}/.test(a) }'],
  ],
  ['templates in templates', '(a) => `}${`${a}}`}{`', ['(a) {return(`}${`${a}}`}{` )}']],
  ['nothing', '', []],
])('%s', (_, source, expected) => {
  expect(partsOf(source)).toEqual(expected)
})

/** Pieces of source, and what becomes of each. */
const PIECES = [
  ['super', 'this '],
  ['#a', '_a'],
  ['#long$name', '_long$name'],
  ["'super.#a'", "'super.#a'"],
  ['/* super.#a */', '/* super.#a */'],
  ...['this', '.', ',', ';', '+', '\n', '(', ')', '{', '}', '[', ']', '?', ':'].map(alone),
  ...['a => a', '(a) =>', 'function (a) {', 'm() {', 'if (a) {'].map(alone),
] as const

test('is found the same whether words of classes are replaced beforehand or not', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }), (pieces) => {
      const source = pieces.map(([before]) => before).join(' ')
      const replaced = pieces.map(([, after]) => after).join(' ')

      expect(functionPartsOf(source)).toEqual(functionPartsOf(replaced))
    }),
  )
})

test('a text with many private names has each replaced', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `name${i}`)
  const bodyWith = (mark: string): string => names.map((name) => `this.${mark}${name}()`).join(';')

  const [parts] = functionPartsOf(`class { #${names.join(';#')}; m() {${bodyWith('#')}} }`)

  expect(parts).toEqual({ parameters: '()', body: `{${bodyWith('_')}}` })
})

function alone(piece: string): readonly [string, string] {
  return [piece, piece]
}

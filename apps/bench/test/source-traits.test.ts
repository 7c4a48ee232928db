import { expect, test } from 'vitest'

import { sourceTraits } from '../src/observed/source-traits.ts'

const MODULE = new URL('./fixtures/traits.mjs', import.meta.url).href

test('a function that calls nothing has a depth of 1', () => {
  expect(sourceTraits(MODULE, 'alone')).toEqual({ callDepth: 1, importCount: 0 })
})

test('calls count through named helpers and callbacks', () => {
  // outer, its callback, helper, inner, alone
  expect(sourceTraits(MODULE, 'outer')).toEqual({ callDepth: 5, importCount: 0 })
})

test('imports count under their local names, and recursion adds no depth', () => {
  expect(sourceTraits(MODULE, 'reads')).toEqual({ callDepth: 2, importCount: 2 })
})

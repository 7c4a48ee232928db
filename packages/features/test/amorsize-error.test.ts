import vm from 'node:vm'

import { expect, test } from 'vitest'

import { AmorsizeError } from '../src/amorsize-error.ts'
import { InvalidArgumentError, InvalidFeatureError } from '../src/errors.ts'

const feature = new InvalidFeatureError('dataSize', 'a number', -1, 'Count the items.')
const argument = new InvalidArgumentError('q', 'a number', 'x'.repeat(500), 'Give one.')

test('an error has its code, name, value and remedy', () => {
  expect(feature).toMatchObject({
    code: 'AMORSIZE_FEATURES_INVALID_FEATURE',
    name: 'InvalidFeatureError',
    value: -1,
    remedy: 'Count the items.',
  })
  expect(String(feature)).toBe(
    'InvalidFeatureError: Expected `dataSize` to be a number, got `-1` (number). Count the items.',
  )
  expect('cause' in feature).toBe(false)
})

test('each class has a code of its own with the prefix of the package', () => {
  const codes = [feature.code, argument.code]

  expect(new Set(codes).size).toBe(codes.length)
  expect(codes.every((code) => code.startsWith('AMORSIZE_FEATURES_'))).toBe(true)
})

test('a cause is kept', () => {
  class WrappingError extends AmorsizeError {
    readonly code = 'AMORSIZE_TEST_WRAPPING'
    override readonly name = 'WrappingError'
  }
  const cause = new Error('the disk is full')

  const error = new WrappingError('Expected room', { remedy: 'Make some.', cause })

  expect(error.cause).toBe(cause)
  expect(error.value).toBe(undefined)
})

test('the base recognises errors of any package by their code, whatever made them', () => {
  const ofAnotherPackage = Object.assign(new Error('no'), { code: 'AMORSIZE_KNN_NO' })
  const ofAnotherRealm: unknown = vm.runInNewContext(
    'Object.assign(new RangeError("no"), { code: "AMORSIZE_CACHE_NO" })',
  )

  const withTag = Object.assign(new Error('no'), {
    code: 'AMORSIZE_KNN_NO',
    [Symbol.toStringTag]: 'Tagged',
  })

  for (const error of [feature, argument, ofAnotherPackage, ofAnotherRealm, withTag]) {
    expect(error instanceof AmorsizeError).toBe(true)
  }
})

test('the base recognises nothing else', () => {
  const withCode = { code: 'AMORSIZE_KNN_NO', message: 'an object, not an error' }
  const ofNode = Object.assign(new Error('no'), { code: 'ENOENT' })
  const numbered = Object.assign(new Error('no'), { code: 5 })

  for (const value of [withCode, ofNode, numbered, new Error('x'), null, undefined, 'AMORSIZE_']) {
    expect(value instanceof AmorsizeError).toBe(false)
  }
})

test('a subclass recognises only its own', () => {
  const lookalike = Object.assign(new Error('no'), { code: feature.code })

  expect(feature instanceof InvalidFeatureError).toBe(true)
  expect(argument instanceof InvalidFeatureError).toBe(false)
  expect(lookalike instanceof InvalidFeatureError).toBe(false)
})

test('a message shows any kind of value, and only the head of a long one', () => {
  expect(shown(undefined)).toBe('`undefined`. z')
  expect(shown(null)).toBe('`null`. z')
  expect(shown([])).toBe('an object (Array). z')
  expect(shown(Object.create(null))).toBe('an object (no prototype). z')
  expect(shown(() => 1)).toBe('a function. z')
  expect(shown(Symbol('s'))).toBe('`Symbol(s)` (symbol). z')
  expect(shown(12n)).toBe('`12` (bigint). z')
  expect(argument.message.length).toBeLessThan(200)
  expect(argument.value).toHaveLength(500)
})

function shown(value: unknown): string {
  return new InvalidArgumentError('x', 'y', value, 'z').message.split('got ')[1]!
}

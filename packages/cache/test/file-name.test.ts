import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  decisionFileName,
  isDecisionFile,
  isSampleFile,
  isTemporaryFile,
  keyOfFileName,
  sampleFileName,
  temporaryFileName,
} from '../src/file-name.ts'

const SAFE_NAME = /^[a-z0-9_.-]{1,120}$/

test('any key makes a safe name that is no longer than file systems take', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (key) => {
      const name = decisionFileName(key)

      expect(name).toMatch(SAFE_NAME)
      expect(isDecisionFile(name)).toBe(true)
    }),
  )
})

test('different keys have different names, also where case does not count', () => {
  const hash = decisionFileName('A').slice('opt_'.length, -'.json'.length)
  const keys = ['A', 'a', 'a ', 'a.', hash, '\ud800', '\ud801', '\ufffd', 'sha256-', 'a_', 'a-b']

  const names = new Set(keys.map((key) => decisionFileName(key).toLowerCase()))

  expect(names.size).toBe(keys.length)
})

test('a plain key can be told from its name, a hashed one cannot', () => {
  expect(keyOfFileName(decisionFileName('plain-key_1'))).toBe('plain-key_1')
  expect(keyOfFileName(decisionFileName('Not plain'))).toBeUndefined()
})

test('two samples of the same function and time have names of their own', () => {
  const names = Array.from({ length: 100 }, () => sampleFileName('c69a21cfc7c62124', 1.5))

  expect(new Set(names).size).toBe(100)
  expect(names.every((name) => SAFE_NAME.test(name) && isSampleFile(name))).toBe(true)
})

test('temporary files are none of the files that other implementations load', () => {
  const name = temporaryFileName()

  expect(isTemporaryFile(name)).toBe(true)
  expect(isDecisionFile(name) || isSampleFile(name) || name.endsWith('.json')).toBe(false)
})

test.each(['opt_/etc/passwd.json', 'opt_..\\x.json', 'xopt_a.json', 'opt_.json', 'opt_a.json.bak'])(
  '%s is no name of a decision',
  (name) => {
    expect(isDecisionFile(name)).toBe(false)
  },
)

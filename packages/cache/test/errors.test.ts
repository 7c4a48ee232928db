import { expect, test } from 'vitest'

import * as cache from '../src/index.ts'
import {
  CacheError,
  ExportError,
  ImportError,
  InvalidKeyError,
  InvalidRecordError,
  InvalidStoreOptionError,
  ReadOnlyStoreError,
  StoreClosedError,
} from '../src/index.ts'

const cause = new Error('disk')
const ERRORS = [
  new ExportError('out', cause),
  new ImportError('in', 'it is empty', { cause }),
  new InvalidKeyError(7),
  new InvalidRecordError('decision', '/n_jobs must be >= 1', { nJobs: 0 }),
  new InvalidStoreOptionError('ttlMs', 'above 0', -1, 'Leave it out.'),
  new ReadOnlyStoreError('clear'),
  new StoreClosedError('flush'),
]

test('every error class has a code of its own, its name and a remedy', () => {
  expect(ERRORS.length).toBe(
    Object.keys(cache).filter((name) => name.endsWith('Error') && name !== 'CacheError').length,
  )
  expect(new Set(ERRORS.map(({ code }) => code)).size).toBe(ERRORS.length)
  for (const error of ERRORS) {
    expect(error).toBeInstanceOf(CacheError)
    expect(error.code).toMatch(/^AMORSIZE_CACHE_[A-Z_]+$/)
    expect(error.name).toBe(error.constructor.name)
    expect(error.message.endsWith(error.remedy)).toBe(true)
  }
})

test('a message says what was expected, what came and what to do', () => {
  expect(new InvalidKeyError('').message).toBe(
    'Expected the key to be a text of 1 to 4096 characters, got `""` (string). Hash a longer key first.',
  )
})

test('a failed export says whether its file or the folder of the store was refused', () => {
  const { message, value } = new ExportError('out', cause, '/store')

  expect(ERRORS[0]).toMatchObject({
    value: 'out',
    message: expect.stringContaining('may be written'),
  })
  expect(value).toBe('/store')
  expect(message).toBe(
    'Expected to list `"/store"` (string) for an export to `"out"` (string), but the file system ' +
      'refused. Try again once the folder of the store can be read.',
  )
})

test('the cause and the offending value are kept, and long values are cut in the message', () => {
  const [exportError, importError] = ERRORS
  const { message, value } = new InvalidKeyError('k'.repeat(5000))

  expect(exportError?.cause).toBe(cause)
  expect(importError?.cause).toBe(cause)
  expect(value).toBe('k'.repeat(5000))
  expect(message.length).toBeLessThan(250)
})

import { expect, test } from 'vitest'

import { MAX_RECORD_BYTES, parseRecord, serializeRecord } from '../src/record-text.ts'

test.each([
  ['empty', '', 'empty'],
  ['NULs', '\0'.repeat(512), 'not JSON'],
  ['cut short', '{"features":{"data_si', 'not JSON'],
  ['a list', '[1]', 'not a JSON object'],
  ['null', 'null', 'not a JSON object'],
  ['a word', '"text"', 'not a JSON object'],
  ['a prototype', '{"__proto__":{"n_jobs":4}}', 'bearing a key `__proto__`'],
  ['a prototype inside', '{"a":[{"\\u005f_proto__":1}]}', 'bearing a key `__proto__`'],
  ['nested', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'nested too deep'],
  ['nested deeper than a stack', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'nested'],
  ['another number', '{"a":NaN}', 'not JSON'],
])('text that is %s is refused', (_what, text, reason) => {
  expect(parseRecord(Buffer.from(text))).toMatchObject({
    ok: false,
    reason: expect.stringContaining(reason),
  })
})

test('a text beyond the limit is refused before it is parsed', () => {
  expect(parseRecord(Buffer.alloc(MAX_RECORD_BYTES + 1, '[')).ok).toBe(false)
})

test('what is written can be read: the limits of both are the same', () => {
  const room = MAX_RECORD_BYTES - '{"a":""}'.length
  const fitting = serializeRecord({ a: 'x'.repeat(room) })

  expect(fitting.ok && parseRecord(Buffer.from(fitting.value)).ok).toBe(true)
  expect(serializeRecord({ a: 'x'.repeat(room + 1) }).ok).toBe(false)
})

import { expect, test } from 'vitest'

import { createMemoryStore } from '../src/index.ts'
import { MemoryStore } from '../src/memory-store.ts'
import { resolveRetention } from '../src/store-options.ts'
import { decisionOf } from './example-records.ts'
import { runStoreSuite } from './store.conformance.ts'

runStoreSuite({
  open: async (options = {}, clock) =>
    clock ? new MemoryStore(resolveRetention(options), clock) : createMemoryStore(options),
})

test('a receipt of the store in memory says that nothing is durable', async () => {
  const store = createMemoryStore()

  expect(await store.putDecision('key', decisionOf())).toMatchObject({ durable: false })
})

import type { WorkloadFeatures } from '@amorsize/features'
import { createMemoryStore, openStore } from '@amorsize/cache'
import type { DecisionEntry, DecisionLookup, Store, TrainingSample } from '@amorsize/cache'
import { expectTypeOf, test } from 'vitest'

test('both stores are a Store', () => {
  expectTypeOf(openStore).returns.resolves.toEqualTypeOf<Store>()
  expectTypeOf(createMemoryStore).returns.toEqualTypeOf<Store>()
})

test('a lookup narrows by `hit`', async () => {
  const lookup: DecisionLookup = await createMemoryStore().getDecision('key')
  if (lookup.hit) expectTypeOf(lookup.entry).toEqualTypeOf<DecisionEntry>()
  else
    expectTypeOf(lookup.reason).toEqualTypeOf<
      'absent' | 'expired' | 'damaged' | 'future-version' | 'unreadable'
    >()
})

test('records bear the features of the features package and unknown fields', () => {
  expectTypeOf<TrainingSample['features']>().toEqualTypeOf<WorkloadFeatures>()
  expectTypeOf<DecisionEntry['features']>().toEqualTypeOf<WorkloadFeatures>()
  expectTypeOf<TrainingSample['anything']>().toEqualTypeOf<unknown>()
})

test('options are checked by type', () => {
  // @ts-expect-error -- the option is called `directory`
  void openStore({ folder: '/tmp' })
  // @ts-expect-error -- milliseconds are a number
  void openStore({ ttlMs: '7 days' })
})

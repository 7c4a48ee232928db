/**
 * The two ways to a store. Their implementations are loaded when a store is made: the umbrella
 * package re-exports both, and a program that keeps nothing should not pay for loading them.
 */
import { DeferredStore } from './deferred-store.ts'
import type { Store } from './store.ts'
import { assertStoreOptions, resolveRetention } from './store-options.ts'
import type { RetentionOptions, StoreOptions } from './store-options.ts'

/**
 * Opens the JSON store. Nothing is read or written yet; the folder is made when the first entry is.
 *
 * @param options - Where the store is, how long and how much it keeps.
 * @returns The store. Several processes may have the same folder open.
 * @throws InvalidStoreOptionError - code `AMORSIZE_CACHE_INVALID_OPTION`.
 * @public
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  assertStoreOptions(options)
  resolveRetention(options)
  const { openJsonStore } = await import('./open-json-store.ts')
  return openJsonStore(options)
}

/**
 * Makes a store in memory: for tests, and for programs that must not touch the disk.
 *
 * @param options - How long and how much is kept.
 * @returns An empty store. Its receipts say that nothing in it is durable.
 * @throws InvalidStoreOptionError - code `AMORSIZE_CACHE_INVALID_OPTION`.
 * @public
 */
export function createMemoryStore(options: RetentionOptions = {}): Store {
  const retention = resolveRetention(options)
  return new DeferredStore(async () => {
    const { MemoryStore } = await import('./memory-store.ts')
    return new MemoryStore(retention)
  })
}

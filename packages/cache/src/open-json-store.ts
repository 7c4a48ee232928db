/** Puts the JSON store together. */
import { resolve } from 'node:path'

import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { warnOfDegradation } from './degradation.ts'
import { defaultDirectory } from './directory.ts'
import { nodeFileSystem } from './file-system.ts'
import type { FileSystem } from './file-system.ts'
import { Folder } from './folder.ts'
import { JsonStore } from './json-store.ts'
import type { Store } from './store.ts'
import { assertStoreOptions, resolveRetention } from './store-options.ts'
import type { StoreOptions } from './store-options.ts'

/** What a test may replace. */
export interface StoreSeams {
  readonly fileSystem?: FileSystem
  readonly clock?: Clock
}

/** Opens the JSON store with the file system and the clock as parameters. */
export async function openJsonStore(
  options: StoreOptions,
  { fileSystem = nodeFileSystem, clock = systemClock }: StoreSeams = {},
): Promise<Store> {
  assertStoreOptions(options)
  const retention = resolveRetention(options)
  const path = options.directory ?? defaultDirectory()
  if (path !== undefined) {
    const folder = new Folder(resolve(path), fileSystem)
    return new JsonStore(folder, clock, retention, options)
  }
  warnOfDegradation(options, 'there is no home folder', undefined)
  const { MemoryStore } = await import('./memory-store.ts')
  return new MemoryStore(retention, clock)
}

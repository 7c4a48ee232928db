/** What every call shares unless told otherwise: the JSON store and one warm pool a runtime. */
import { openStore } from '@amorsize/cache'
import type { Store } from '@amorsize/cache'
import { TaskPool } from '@amorsize/sampler'
import type { Runtime } from '@amorsize/sampler'

const { availableParallelism } = process.getBuiltinModule('node:os')

/** Share of the available memory that workers on all cores may hold before they are replaced. */
const SHARE_OF_MEMORY = 0.5

/** A worker whose task only makes garbage was seen to hold 150 MB of it. */
const LEAST_WORKER_BYTES = 256e6

const pools = new Map<Runtime, TaskPool>()
const stores = new Map<string, Promise<Store>>()

/** The pool of this process; a new one where the last was closed. */
export function sharedPool(runtime: Runtime): TaskPool {
  const pool = pools.get(runtime)
  if (pool && !pool.isClosed) return pool
  // What `detectSystem()` knows takes 10 ms to find out, more than many a first map.
  const maxWorkerMemoryBytes = mostWorkerBytes(process.availableMemory(), availableParallelism())
  const fresh = new TaskPool({ runtime, maxWorkerMemoryBytes })
  pools.set(runtime, fresh)
  return fresh
}

/**
 * Memory from which a worker is replaced between two chunks: what its task leaks goes with it.
 *
 * @param availableBytes - What the machine or the control group had left.
 */
export function mostWorkerBytes(availableBytes: number, cores: number): number {
  return Math.max(LEAST_WORKER_BYTES, (SHARE_OF_MEMORY * availableBytes) / cores)
}

/** The store in the default folder, opened once for each folder that the environment named. */
export function sharedStore(): Promise<Store> {
  const directory = namedDirectory()
  let store = stores.get(directory)
  if (!store) stores.set(directory, (store = openStore()))
  return store
}

/** Whether {@link sharedStore} was asked for before. */
export function isSharedStoreOpen(): boolean {
  return stores.has(namedDirectory())
}

function namedDirectory(): string {
  return process.env['AMORSIZE_CACHE_DIR'] ?? ''
}

/**
 * Ends the workers that calls without a pool of their own share. The next such call starts new
 * ones; a process that has finished ends without this.
 *
 * @returns Resolves when the workers are gone, within a few seconds.
 * @public
 */
export async function close(): Promise<void> {
  await Promise.all([...pools.values()].map((pool) => pool.close()))
}

/** What the calling thread spends on starting workers, which no wall clock on a shared machine tells. */
import { readFileSync } from 'node:fs'

import type { TaskDefinition } from '@amorsize/sampler'
import { TaskPool } from '@amorsize/sampler'

const WORKERS = 4
const NANOSECONDS_PER_MS = 1e6

/** Time on a core of this thread for one of a few workers that start, milliseconds; of Linux only. */
export async function measureCallerStartUp(
  definition: TaskDefinition,
  runtime: 'worker_threads' | 'child_process',
): Promise<number | undefined> {
  const startMs = coreTimeMs()
  if (startMs === undefined) return undefined
  await using pool = new TaskPool({ runtime })
  const starts = Array.from({ length: WORKERS }, () =>
    pool.runChunk(definition, [], { maxWorkers: WORKERS }),
  )
  await Promise.all(starts)
  return (coreTimeMs()! - startMs) / WORKERS
}

/** Time that the current thread has been on a core. */
function coreTimeMs(): number | undefined {
  if (process.platform !== 'linux') return undefined
  const [onCore] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')
  return Number(onCore) / NANOSECONDS_PER_MS
}

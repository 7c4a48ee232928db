/** The executors by name. */
import type { ExecutorKind } from '@amorsize/cache'

import { asyncExecutor } from './async.ts'
import type { Executor } from './executor.ts'
import { poolExecutor } from './pool.ts'
import { serialExecutor } from './serial.ts'

/** Which executor carries out which kind of plan. */
export const EXECUTORS: Readonly<Record<ExecutorKind, Executor>> = {
  serial: serialExecutor,
  async: asyncExecutor,
  worker_threads: poolExecutor,
  child_process: poolExecutor,
}

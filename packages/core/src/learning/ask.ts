/** The question that a call asks of past runs. */
import type { StartMethod } from '@amorsize/features'
import type { PreparedTask } from '@amorsize/sampler'

import { middleItemSize } from '../cache-key.ts'
import { mayUseMainThread } from '../request.ts'
import type { Request } from '../request.ts'
import type { Query } from './query.ts'

/** What is asked for a call that is about to be decided. */
export function askFor<I, O>(request: Request<I, O>): Query {
  const { task, items, system, runtime, pool } = request
  const startMethod: StartMethod = runtime
  return {
    signature: task.signature,
    features: {
      dataSize: items.length,
      physicalCores: system.physicalCores,
      availableMemoryBytes: system.availableMemoryBytes,
      startMethod,
      functionComplexity: task.complexity,
    },
    itemSize: middleItemSize(items),
    mayWait: mayWait(task),
    machine: system.fingerprint,
    usableCores: system.usableCores,
    warmWorkers: pool.warmWorkers,
    allowMainThread: mayUseMainThread(request, 0),
  }
}

/** What in a function's source can wait. */
const WAITING = /\basync\b|\bawait\b|\bPromise\b|\.then\b|\bAtomics\b|\w+Sync\b/

/** Whether a function could wait for something; `undefined` for a module, whose code is elsewhere. */
export function mayWait<I, O>({ definition }: PreparedTask<I, O>): boolean | undefined {
  return definition.kind === 'source' ? WAITING.test(definition.source) : undefined
}

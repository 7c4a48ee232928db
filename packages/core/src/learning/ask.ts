/** The question that a call asks of past runs. */
import type { StartMethod } from '@amorsize/features'
import type { SystemProfile } from '@amorsize/features/system'
import type { PreparedTask } from '@amorsize/sampler'

import { contextNumber } from '../context-digest.ts'
import { wholeCountOf, mayUseMainThread } from '../request.ts'
import type { Request } from '../request.ts'
import type { Query } from './query.ts'

/** What is asked for a call that is about to be decided. */
export function askFor<I, O>(request: Request<I, O>): Query {
  return ask(request, contextNumber(request.contextDigest))
}

/** The question but for the context, which can take long to serialise. */
export function askWithoutContext<I, O>(request: Request<I, O>): Omit<Query, 'contextDigest'> {
  return ask(request, undefined)
}

function ask<I, O>(request: Request<I, O>, contextDigest: number | undefined): Query {
  const { task, system, runtime, pool } = request
  const startMethod: StartMethod = runtime
  return {
    signature: task.signature,
    features: {
      dataSize: wholeCountOf(request),
      physicalCores: system.physicalCores,
      availableMemoryBytes: system.availableMemoryBytes,
      startMethod,
      functionComplexity: task.complexity,
    },
    itemSize: request.itemSize,
    mayWait: mayWait(task),
    machine: system.fingerprint,
    runtimeMajor: majorOf(system),
    contextDigest,
    usableCores: system.usableCores,
    warmWorkers: pool.readyWorkers,
    allowMainThread: mayUseMainThread(request, 0),
  }
}

/** Major version of the runtime: another has another compiler. */
export function majorOf({ runtime }: SystemProfile): number {
  return Number.parseInt(runtime.version, 10)
}

/** What in a function's source can wait. */
const WAITING = /\basync\b|\bawait\b|\bPromise\b|\.then\b|\bAtomics\b|\w+Sync\b/

/** What of Node itself gives no promise. */
const IMPORT_OF_NODE = /\bimport\b[^;\n]*\bfrom\s*['"]node:\w+['"]/g

/** What brings in code from elsewhere. */
const FROM_ELSEWHERE = /\bimport\b|\brequire\b|\bexport\b[^;\n]*\bfrom\b/

/** Whether a function could wait for something; `undefined` where its text does not tell. */
export function mayWait<I, O>({
  definition,
  source,
}: Pick<PreparedTask<I, O>, 'definition' | 'source'>): boolean | undefined {
  if (definition.kind === 'source') return WAITING.test(source)
  const { exportName } = definition
  // What else the module has to wait for may not be this function's.
  if (isAsync(exportName, source)) return true
  const text = source.replaceAll(IMPORT_OF_NODE, '')
  return WAITING.test(text) || FROM_ELSEWHERE.test(text) ? undefined : false
}

function isAsync(exportName: string, source: string): boolean {
  const name = exportName.replaceAll(/[^\w]/g, String.raw`\$&`)
  const declared =
    exportName === 'default'
      ? String.raw`\bexport\s+default\s+async\b`
      : String.raw`\basync\s+function\s+${name}(?![\w$])|(?<![\w$])${name}\s*=\s*async\b`
  return new RegExp(declared).test(source)
}

/** What a map takes of memory, and what is to be said of it. */
import type { WorkloadFeatures } from '@amorsize/features'
import type { PartialResults } from '@amorsize/sampler'

import { countOf, formatBytes } from './format.ts'
import type { Costs, MemoryCosts } from './cost-model.ts'
import { fitsMemory } from './fits-memory.ts'
import type { Request } from './request.ts'
import { roughBytes } from './rough-size.ts'

/** What a map takes that no worker was tried for: its results, each as large as the first. */
export function memoryOfResults<O>(
  results: PartialResults<O>,
  availableBytes: number,
): MemoryCosts | undefined {
  for (let index = 0; index < results.itemCount; index++) {
    if (!results.has(index)) continue
    const resultBytes = roughBytes(results.values[index])
    return { availableBytes, workerBytes: 0, inputBytes: 0, resultBytes }
  }
  return undefined
}

/** What a worker that has not loaded much holds: a thread its heap and buffers, a process its resident set; bytes. */
const USUAL_WORKER_BYTES = { worker_threads: 14_000_000, child_process: 55_000_000 } as const

/** What a map takes of which only past runs tell, and they of no item's size. */
export function usualMemory({
  availableMemoryBytes,
  serializedBytes = 0,
  startMethod,
}: Pick<
  WorkloadFeatures,
  'availableMemoryBytes' | 'serializedBytes' | 'startMethod'
>): MemoryCosts {
  const runtime = startMethod === 'child_process' ? startMethod : 'worker_threads'
  return {
    availableBytes: availableMemoryBytes,
    workerBytes: USUAL_WORKER_BYTES[runtime],
    inputBytes: 0,
    resultBytes: serializedBytes,
  }
}

/** Warns of what memory keeps from running, or will not hold. */
export function memoryWarnings(
  costs: Costs,
  { maxWorkers, streamLength }: Pick<Request<unknown, unknown>, 'maxWorkers' | 'streamLength'>,
): string[] {
  const { memory, dispatch } = costs
  if (!memory) return []
  const warnings: string[] = []
  const available = formatBytes(memory.availableBytes)
  if (dispatch && maxWorkers > 1 && !fitsMemory(costs, maxWorkers, 1)) {
    const needed = formatBytes(memory.workerBytes)
    warnings.push(
      `Memory limits the workers: ${countOf(maxWorkers, 'worker')} of ${needed} each do not fit into the ${available} that are available.`,
    )
  }
  // A stream holds no more of them than its window.
  const tooMuch = streamLength === undefined ? resultsWarning(costs) : undefined
  return tooMuch === undefined ? warnings : [...warnings, tooMuch]
}

/** What is to be said of results that will not fit into memory. */
function resultsWarning({ memory, itemCount }: Costs): string | undefined {
  if (!memory) return undefined
  const { availableBytes, resultBytes } = memory
  const resultsBytes = itemCount * resultBytes
  if (resultsBytes <= availableBytes) return undefined
  return `The results take about ${formatBytes(resultsBytes)}, and ${formatBytes(availableBytes)} of memory are available: return less from the task, or take the results one by one with executeStream().`
}

/** Signatures of the tasks that the process was warned of. */
const warnedOf = new Set<string>()

/** Warns the process, once for each task, of results that will not fit: it may end before the run does. */
export function warnOfResults(costs: Costs | undefined, signature: string): void {
  const message = costs && resultsWarning(costs)
  if (message === undefined || warnedOf.has(signature)) return
  warnedOf.add(signature)
  process.emitWarning(message, { type: 'AmorsizeWarning', code: 'AMORSIZE_CORE_MEMORY' })
}

/** How many workers fit into memory, and whether the results will. */
import type { PartialResults } from '@amorsize/sampler'

import { countOf, formatBytes } from './format.ts'
import type { Costs, MemoryCosts } from './cost-model.ts'
import { roughBytes } from './rough-size.ts'
import { CHUNKS_IN_FLIGHT_PER_WORKER } from './worker-pace.ts'

/** Share of the available memory that workers may take: others use the machine too. */
const USABLE_SHARE = 0.8

/** Whether the workers of a plan, and the chunks on their way, fit into memory. Warm workers do already. */
export function fitsMemory(
  { memory, dispatch }: Costs,
  workers: number,
  chunkSize: number,
): boolean {
  if (!memory || !dispatch) return true
  const coldWorkers = Math.max(0, workers - dispatch.warmWorkers)
  const chunkBytes = chunkSize * (memory.inputBytes + memory.resultBytes)
  const inFlightBytes = workers * CHUNKS_IN_FLIGHT_PER_WORKER * chunkBytes
  const neededBytes = coldWorkers * memory.workerBytes + inFlightBytes
  return neededBytes <= USABLE_SHARE * memory.availableBytes
}

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

/** Warns of what memory keeps from running, or will not hold. */
export function memoryWarnings(costs: Costs, maxWorkers: number): string[] {
  const { memory, dispatch, itemCount } = costs
  if (!memory) return []
  const warnings: string[] = []
  const available = formatBytes(memory.availableBytes)
  if (dispatch && maxWorkers > 1 && !fitsMemory(costs, maxWorkers, 1)) {
    const needed = formatBytes(memory.workerBytes)
    warnings.push(
      `Memory limits the workers: ${countOf(maxWorkers, 'worker')} of ${needed} each do not fit into the ${available} that are available.`,
    )
  }
  const resultsBytes = itemCount * memory.resultBytes
  if (resultsBytes > memory.availableBytes) {
    warnings.push(
      `The results take about ${formatBytes(resultsBytes)}, and ${available} of memory are available: return less from the task, or take the results one by one with executeStream().`,
    )
  }
  return warnings
}

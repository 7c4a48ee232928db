/** Which plans fit into memory. */
import type { Costs } from './cost-model.ts'
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

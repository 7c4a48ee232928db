/** Which chunk sizes are worth pricing: a rule's, some around it, and none that is too much to send. */
import type { Costs } from './cost-model.ts'

/**
 * Work in one chunk at which dispatching it is forgotten, milliseconds. 5 ms is within 1.3 % of the
 * best fixed size on average in a simulation of 648 workloads (docs/decision-model.md).
 */
const CHUNK_WORK_MS = 5

/** Chunks a worker should at least get, so that an uneven or disturbed one can be made up for. */
const CHUNKS_PER_WORKER = 8

/** Multiples of the rule's number of chunks that the model may prefer. */
const CHUNK_COUNT_FACTORS = [1, 0.5, 2, 0.25, 4]

/** Few, large chunks for each worker, for items that cost little and chunks that cost much. */
const FEW_ROUNDS = [1, 2, 4, 8, 32]

/**
 * What crosses in one message lives until its last item is done, and a young generation that is full of
 * it is copied again and again: texts took a fifth longer in chunks of 5.1 MB than in chunks of 2.6 MB,
 * and now and then twice as long (`pnpm bench regret --only "sha256 of 16 KB"`).
 */
const MOST_CHUNK_BYTES = 3_000_000

/**
 * Bytes a millisecond, more than memory gives a thread: what is larger for the time that it takes to
 * cross does not cross with each item, such as shared memory, or what all items of a chunk refer to; nor
 * is memory that is handed over part of any young generation.
 */
const QUICKEST_COPY = 20_000_000

/** The rule's chunk size first, so that it wins a tie; all of them give each worker as many chunks. */
export function chunkSizes(costs: Costs, workers: number): number[] {
  const { itemCount, workerItemTimeMs } = costs
  const byTime = CHUNK_WORK_MS / Math.max(workerItemTimeMs, Number.EPSILON)
  const byCount = itemCount / (CHUNKS_PER_WORKER * workers)
  const rounds = itemCount / (workers * Math.max(1, Math.min(byTime, byCount)))
  const fewestRounds = Math.ceil(itemCount / (workers * largestChunk(costs)))
  const sizes: number[] = []
  const add = (roundCount: number): void => {
    const size = chunkSizeOf(itemCount, workers, Math.max(roundCount, fewestRounds))
    if (!sizes.includes(size)) sizes.push(size)
  }
  for (const factor of CHUNK_COUNT_FACTORS) add(Math.max(1, Math.round(rounds * factor)))
  for (const few of FEW_ROUNDS) add(few)
  return sizes
}

/** Items of the largest chunk that is worth sending, an integer from 1. */
function largestChunk({ itemCount, memory, dispatch }: Costs): number {
  if (!memory || !dispatch) return Math.max(1, itemCount)
  const itemBytes = memory.inputBytes + memory.resultBytes
  const { cloneMs, workerCloneMs = cloneMs } = dispatch
  const isCrossing = itemBytes <= Math.min(cloneMs, workerCloneMs) * QUICKEST_COPY
  const fitting = isCrossing ? MOST_CHUNK_BYTES / itemBytes : Infinity
  return Math.max(1, Math.floor(Math.min(itemCount, fitting)))
}

/** So large that each worker gets as many chunks as there are rounds. */
export function chunkSizeOf(itemCount: number, workers: number, rounds: number): number {
  return Math.max(1, Math.ceil(itemCount / (workers * rounds)))
}

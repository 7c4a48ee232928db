/**
 * The second part of a dry run: what only a worker can tell. Its start-up, the cost of talking to
 * it, what the items cost over there, and what it costs to send them and to take results back.
 */
import { median } from '@amorsize/features'

import type { Clock } from './clock.ts'
import { ItemError } from './errors.ts'
import type { PayloadCost } from './payload.ts'
import { measurePayload } from './payload.ts'
import type { Sample } from './sample.ts'
import type { WorkerCosts } from './sampling-result.ts'
import { SteadyState } from './steady-state.ts'
import type { PreparedTask } from './task.ts'
import type { ChunkResult, TaskPool } from './task-pool.ts'

/** Empty round trips, the quickest of which is the dispatch overhead: the first ones run cold. */
const EMPTY_CHUNKS = 8

/** Pairs of item and result whose clones are timed. */
const PAYLOAD_PAIRS = 8

/** The caller's thread works about as long on a reply as on a request. */
const MAIN_SHARES_PER_ROUND_TRIP = 2

/**
 * Of a map that is not long, sampling may take this share. Its results are kept, so what is lost is
 * only that one worker does it and not all.
 */
const SHARE_OF_TOTAL = 0.05

/** Even of a short map: less would see little but cold code. By bench/estimate-error.mjs. */
const LEAST_SAMPLING_MS = 25

/** What a worker told. */
export interface WorkerSampleResult {
  readonly steadyState: SteadyState
  readonly waitShare: number
  readonly costs: WorkerCosts
}

/**
 * Runs items of the sample in batches of doubling size on the pool's first worker, until the item
 * time is known or the budget ends; at least one item in any case.
 * @throws {@link ItemError} where an item fails there.
 */
export async function sampleOnWorker<I, O>(
  task: PreparedTask<I, O>,
  sample: Sample<I, O>,
  settings: { pool: TaskPool; budgetMs: number; clock: Clock; signal?: AbortSignal },
): Promise<WorkerSampleResult> {
  const { pool, budgetMs, clock, signal } = settings
  const wasWarm = pool.warmWorkers > 0
  const send = (items: readonly unknown[]): Promise<ChunkResult> =>
    pool.runChunk(task.definition, items, { maxWorkers: 1, isTimed: true })

  const startUpMs = (await timed(clock, () => send([]))).durationMs
  const empty = await timeEmptyChunks(clock, () => send([]))

  const steadyState = new SteadyState()
  const pairs: [I, O][] = []
  const waits: number[] = []
  const startMs = clock.now()
  for (let batchSize = 1; ; batchSize *= 2) {
    signal?.throwIfAborted()
    const leftMs = Math.min(
      budgetMs - (clock.now() - startMs),
      longestSampling(steadyState, sample) - steadyState.busyMs,
    )
    if (batchSize > 1 && (steadyState.isSettled || leftMs <= 0)) break
    const positions = sample.take(Math.min(batchSize, countFitting(leftMs, steadyState)))
    if (positions.length === 0) break
    // The positions are within the items.
    const items = positions.map((index) => sample.items[index]!)
    const { values, failure, itemTimesMs, waitShare } = await send(items)
    for (const [offset, value] of values.entries()) {
      sample.results.set(positions[offset]!, value as O)
      if (pairs.length < PAYLOAD_PAIRS) pairs.push([items[offset]!, value as O])
    }
    if (failure) throw new ItemError(positions[failure.offset]!, failure.error)
    sample.note(positions, itemTimesMs)
    steadyState.addBatch(itemTimesMs)
    waits.push(waitShare)
  }

  const payload: PayloadCost = measurePayload(pairs, clock)
  return {
    steadyState,
    waitShare: waits.length === 0 ? 0 : median(waits),
    costs: { startUpMs: wasWarm ? 0 : startUpMs, wasWarm, ...empty, ...payload },
  }
}

/** Time in the task that is in proportion to the map; unknown before the first item. */
function longestSampling<I, O>({ itemTimeMs }: SteadyState, { results }: Sample<I, O>): number {
  const shareMs = SHARE_OF_TOTAL * results.restCount * itemTimeMs
  return Number.isNaN(shareMs) ? Infinity : Math.max(shareMs, LEAST_SAMPLING_MS)
}

/** Number of items that the time left is enough for, at least one. */
function countFitting(leftMs: number, { itemTimeMs }: SteadyState): number {
  return itemTimeMs > 0 ? Math.max(1, Math.ceil(leftMs / itemTimeMs)) : 1
}

async function timeEmptyChunks(
  clock: Clock,
  sendEmpty: () => Promise<ChunkResult>,
): Promise<{ dispatchMs: number; mainDispatchMs: number }> {
  const trips: { durationMs: number; value: ChunkResult }[] = []
  for (let trip = 0; trip < EMPTY_CHUNKS; trip++) trips.push(await timed(clock, sendEmpty))
  return {
    dispatchMs: Math.min(...trips.map(({ durationMs }) => durationMs)),
    mainDispatchMs:
      Math.min(...trips.map(({ value }) => value.sendMs)) * MAIN_SHARES_PER_ROUND_TRIP,
  }
}

async function timed<T>(
  clock: Clock,
  run: () => Promise<T>,
): Promise<{ durationMs: number; value: T }> {
  const startMs = clock.now()
  const value = await run()
  return { durationMs: clock.now() - startMs, value }
}

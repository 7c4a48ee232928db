/** What is lost because work comes in whole chunks, is uneven, and other things happen meanwhile. */
import type { Costs } from './cost-model.ts'
import { CHUNKS_IN_FLIGHT_PER_WORKER } from './worker-pace.ts'
import type { ChunkShape, WorkerPace } from './worker-pace.ts'

/**
 * Share of a planned chunk's time by which the last worker is late because something else disturbed
 * it: next to nothing on a quiet machine, a quarter of a chunk and more on a busy one, where a run sees
 * its chunks differ and cuts the last ones smaller (docs/decision-model.md).
 */
const DISTURBED_CHUNK_SHARE = 0.05

/** A linear trend rises above its mean by this times its coefficient of variation. */
const TREND_HEIGHT = Math.sqrt(3)

/**
 * When the last worker has done its chunks, milliseconds.
 *
 * @param disturbedShare - Share of a chunk lost to what disturbs a worker; 0 for a simulated machine,
 * which nothing disturbs.
 */
export function lastWorkerMs(
  costs: Costs,
  shape: ChunkShape,
  pace: WorkerPace,
  disturbedShare: number = DISTURBED_CHUNK_SHARE,
): number {
  const { chunkCount, workers, chunkSize } = shape
  const { chunkMs, evenMs } = pace
  const wholeMs = wholeChunksMs(shape, pace)
  if (workers === 1) return wholeMs

  // With nothing left to balance, workers drift apart by what all their items differ ...
  const unevenMs = unevennessMs(costs, shape, pace)
  const driftMs = unevenMs * Math.sqrt(costs.itemCount / workers / chunkSize)
  // ... but with chunks left by no more than where in its last chunk each of them is.
  const lastChunkMs = (chunkMs / 2) * ((workers - 1) / (workers + 1)) + unevenMs
  const isDealtOut = chunkCount <= CHUNKS_IN_FLIGHT_PER_WORKER * workers
  const driftedMs = evenMs + (isDealtOut ? driftMs : Math.min(driftMs, lastChunkMs))

  // Workers that have drifted apart by a chunk do not end in rounds any more.
  const drifted = Math.min(1, driftMs / chunkMs)
  const mixedMs = driftedMs > wholeMs ? driftedMs : drifted * driftedMs + (1 - drifted) * wholeMs
  const disturbedMs = wholeMs + disturbedShare * (1 - drifted) * chunkMs
  const levelMs = Math.max(mixedMs, disturbedMs)
  const { trend = 0 } = costs
  return trend < 0 && shape.chunkCount > workers
    ? Math.max(levelMs, firstWorkerMs(costs, shape, pace))
    : levelMs + lastRoundMs(costs, shape, pace)
}

/**
 * By how much the largest of as many chunks as there are workers is above the mean, milliseconds.
 *
 * @see Kruskal and Weiss, "Allocating independent subtasks on parallel processors", IEEE Trans.
 * Softw. Eng. SE-11(10), 1985: `s sqrt(2 k ln P)` for item times of standard deviation s.
 */
export function unevennessMs(
  { coefficientOfVariation, trend = 0 }: Costs,
  { workers, chunkSize }: ChunkShape,
  { itemMs }: WorkerPace,
): number {
  // What the position explains is no chance.
  const deviationMs = coefficientOfVariation * itemMs * Math.sqrt(1 - trend * trend)
  return deviationMs * Math.sqrt(2 * chunkSize * Math.log(workers))
}

/** When the busiest worker has done its chunks, all of them taking the same time. */
function wholeChunksMs(
  { chunkCount, workers }: ChunkShape,
  { chunkMs, lastChunkMs, coldWorkers, startMs, lastStartMs }: WorkerPace,
): number {
  const warmWorkers = workers - coldWorkers
  // A cold worker is given its first chunks at the beginning, and they wait for it.
  const givenChunks = chunkCount > workers + warmWorkers ? CHUNKS_IN_FLIGHT_PER_WORKER : 1
  if (warmWorkers === 0 || coldWorkers === 0) {
    const rounds = Math.ceil(chunkCount / workers)
    const isLastAlone = (chunkCount - 1) % workers === 0
    const roundsMs = startMs + (rounds - 1) * chunkMs + (isLastAlone ? lastChunkMs : chunkMs)
    const mostGiven = Math.min(rounds, CHUNKS_IN_FLIGHT_PER_WORKER)
    return Math.max(roundsMs, lastStartMs + (mostGiven - 1) * chunkMs + lastChunkMs)
  }

  // Chunks that take next to nothing would otherwise be counted without end.
  const evenRounds = Math.min(
    chunkCount,
    Math.floor((chunkCount + (coldWorkers * startMs) / chunkMs) / workers),
  )
  let bestMs = Infinity
  for (const mostRounds of [evenRounds, evenRounds + 1]) {
    const leftForCold = chunkCount - warmWorkers * mostRounds
    const coldRounds = Math.max(givenChunks, Math.ceil(leftForCold / coldWorkers))
    const leftForWarm = Math.max(0, chunkCount - coldRounds * coldWorkers)
    const warmRounds = Math.min(mostRounds, Math.ceil(leftForWarm / warmWorkers))
    bestMs = Math.min(bestMs, Math.max(warmRounds * chunkMs, startMs + coldRounds * chunkMs))
  }
  return Math.max(bestMs, lastStartMs + givenChunks * chunkMs)
}

/**
 * When the worker that begins has done what it is given at the beginning, milliseconds. Where items
 * shrink these are the longest chunks of two rounds, and the later rounds make up for no more.
 */
function firstWorkerMs(
  costs: Costs,
  { chunkCount, chunkSize, lastChunkSize, workers }: ChunkShape,
  { chunkMs, lastChunkMs, coldWorkers, startMs }: WorkerPace,
): number {
  const height = trendHeight(costs)
  const aboveMean = (from: number, size: number): number =>
    1 + height * (1 - (2 * from + size) / costs.itemCount)
  const firstMs = chunkMs * aboveMean(0, chunkSize)
  const isNextLast = chunkCount === workers + 1
  const nextMs = isNextLast
    ? lastChunkMs * aboveMean(workers * chunkSize, lastChunkSize)
    : chunkMs * aboveMean(workers * chunkSize, chunkSize)
  return (coldWorkers === workers ? startMs : 0) + firstMs + nextMs
}

/** What the last worker of a round has more than the mean of the round where data are sorted, milliseconds. */
function lastRoundMs(costs: Costs, { workers }: ChunkShape, { chunkMs }: WorkerPace): number {
  return (trendHeight(costs) * chunkMs * (workers - 1)) / workers
}

/** By what share of the mean the items at the end of sorted data are above it. */
function trendHeight({ coefficientOfVariation, trend = 0 }: Costs): number {
  return TREND_HEIGHT * coefficientOfVariation * Math.abs(trend)
}

/**
 * What it costs that now the workers and now the calling thread is behind, milliseconds: the mean of
 * the larger of two is larger than either mean. The workers' work varies by as much as the data's
 * trend does, and by chance, which the items in flight even out; taken as uniformly distributed.
 */
export function unsteadyMs(
  { coefficientOfVariation, trend = 0 }: Costs,
  { workers, chunkSize }: ChunkShape,
  { evenMs }: WorkerPace,
  callerBusyMs: number,
): number {
  const itemsInFlight = CHUNKS_IN_FLIGHT_PER_WORKER * workers * chunkSize
  const share = Math.sqrt(trend * trend + (1 - trend * trend) / itemsInFlight)
  const amplitudeMs = evenMs * Math.min(1, TREND_HEIGHT * coefficientOfVariation * share)
  // -1 where the calling thread is never behind, 1 where it always is.
  const balance = (callerBusyMs - evenMs) / amplitudeMs
  if (!(Math.abs(balance) < 1)) return 0
  const meanOfLargerMs =
    (callerBusyMs * (1 + balance) + evenMs * (1 - balance)) / 2 +
    (amplitudeMs * (1 - balance * balance)) / 4
  return meanOfLargerMs - Math.max(callerBusyMs, evenMs)
}

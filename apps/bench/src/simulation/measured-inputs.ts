/** What a simulation has to be told of a workload, measured on the workers of this process. */
import { median } from '@amorsize/features'
import type { TaskDefinition, TaskPool } from '@amorsize/sampler'

import { runForReal } from './real-run.ts'
import type { SimulatedRun } from './simulate-pool.ts'

/** What is measured of one workload; the plan and the machine are added for each case. */
export type MeasuredInputs = Pick<SimulatedRun, 'itemTimesMs' | 'contention' | 'waitShare'> & {
  readonly cloneMs: number
}

/** One worker is the measure of items, two show how they get in each other's way. */
const ALONE = { maxWorkers: 1 }
const BESIDE_ANOTHER = 2
const CHUNKS_BESIDE_ANOTHER = 16

/** Measures once; medians of several are for the caller, who interleaves them with what they predict. */
export async function measureInputs(
  pool: TaskPool,
  definition: TaskDefinition,
  items: readonly unknown[],
  dispatchMs: number,
): Promise<MeasuredInputs> {
  const timed = await pool.runChunk(definition, items, { ...ALONE, isTimed: true })
  const whole = await runForReal(pool, definition, items, { workers: 1, chunkSize: items.length })
  const beside = await runForReal(pool, definition, items, {
    workers: BESIDE_ANOTHER,
    chunkSize: Math.ceil(items.length / CHUNKS_BESIDE_ANOTHER),
  })
  // What the worker does around each item counts too; timing the items leaves it out.
  const timedMs = timed.itemTimesMs.reduce((sum, timeMs) => sum + timeMs, 0)
  const share = timedMs > 0 ? whole.busyMs / timedMs : 0
  return {
    itemTimesMs: timed.itemTimesMs.map((timeMs) => timeMs * share),
    // Both threads serialise one side and deserialise the other; what storing results costs is in it.
    cloneMs: Math.max(0, whole.makespanMs - whole.busyMs - dispatchMs) / 2 / items.length,
    contention: Math.max(0, beside.busyMs / whole.busyMs - 1),
    waitShare: timed.waitShare,
  }
}

/** Round trip of an empty chunk, and the part of it that the caller's thread spends. */
export async function measureDispatch(
  pool: TaskPool,
  definition: TaskDefinition,
): Promise<{ dispatchMs: number; mainDispatchMs: number }> {
  const trips: number[] = []
  const sends: number[] = []
  for (let trip = 0; trip < EMPTY_CHUNKS; trip++) {
    const startMs = performance.now()
    const { sendMs } = await pool.runChunk(definition, [], ALONE)
    trips.push(performance.now() - startMs)
    sends.push(sendMs)
  }
  return { dispatchMs: median(trips), mainDispatchMs: 2 * median(sends) }
}

const EMPTY_CHUNKS = 200

/** Item by item the median of several measurements. */
export function medianInputs(measured: readonly MeasuredInputs[]): MeasuredInputs {
  const medianOf = (read: (inputs: MeasuredInputs) => number): number => median(measured.map(read))
  return {
    itemTimesMs: Float64Array.from(measured[0]!.itemTimesMs, (_, index) =>
      medianOf(({ itemTimesMs }) => itemTimesMs[index]!),
    ),
    cloneMs: medianOf(({ cloneMs }) => cloneMs),
    contention: medianOf(({ contention }) => contention ?? 0),
    waitShare: medianOf(({ waitShare }) => waitShare ?? 0),
  }
}

/** One workload by every library, in a warm process of its own. */
import { setTimeout as wait } from 'node:timers/promises'

import { detectSystem, execute, TaskPool } from '@amorsize/core'

import { collectYoungGarbage } from '../harness/collect-garbage.ts'
import { createRandom, shuffled } from '../harness/random.ts'
import { assertSameResults } from '../harness/same-results.ts'
import { timed } from '../harness/timed.ts'
import type { Measurement } from '../harness/timed.ts'
import { workloadNamed } from '../workloads/index.ts'
import { startPeers } from './contenders.ts'
import type { Contender } from './contenders.ts'

/** What to measure. */
export interface PeersOrder {
  readonly name: string
  readonly seed: number
  readonly rounds: number
}

/** Everything that was seen of one workload. */
export interface PeersMeasurement {
  readonly name: string
  readonly itemCount: number
  readonly workers: number
  /** Items a chunk of the best of the chunk sizes that were tried. */
  readonly tunedChunkSize: number
  /** By contender; the slow ones have fewer rounds. The same index is the same round. */
  readonly runs: Readonly<Record<string, readonly Measurement[]>>
}

/** Our own name in `runs`. */
export const EXECUTE = 'execute'
export const TUNED = 'piscina, tuned chunks'

/** One task an item takes a second for so many tiny ones. */
const MOST_ITEMS = 20_000
/** Chunks a worker, of which the best is taken. */
const CHUNKS_PER_WORKER = [1, 2, 4, 8, 16, 32]
/** A library this much slower than ours is known well enough after two rounds. */
const SLOW = 4
const ROUNDS_OF_SLOW = 2

/**
 * One run in ten some library never tells that its workers have ended. The process is left anyway.
 */
const LONGEST_CLOSE_MS = 3000

/**
 * Called in a child process. Each library is run once right before it is timed, as in `regret`: three of
 * the contenders share the workers of piscina, so that one of them has always just been run.
 */
export async function measurePeers({ name, seed, rounds }: PeersOrder): Promise<PeersMeasurement> {
  const workload = workloadNamed(name)
  const items = workload.makeData(seed).slice(0, MOST_ITEMS)
  const workers = Math.ceil(detectSystem().usableCores)
  const expected: unknown[] = []
  for (const item of items) expected.push(await workload.run(item))
  const run = async ({ name: contender, run: work }: Contender): Promise<Measurement> => {
    collectYoungGarbage()
    const { value, ...measurement } = await timed(work)
    assertSameResults(contender, value, expected)
    return measurement
  }

  await using pool = new TaskPool()
  await pool.warm(workers)
  const ours: Contender = { name: EXECUTE, run: () => execute(workload.task, items, { pool }) }
  const peers = startPeers(workload.module, items, workers)
  const tuningStartMs = performance.now()
  const tunedChunkSize = await tuneChunks()
  const tuningMs = performance.now() - tuningStartMs
  const tuned: Contender = { name: TUNED, run: () => peers.runChunks(tunedChunkSize) }
  const contenders = [ours, tuned, ...peers.contenders]

  const warmMs: Record<string, number> = { [TUNED]: (await run(tuned)).timeMs }
  for (const contender of [ours, ...peers.contenders]) {
    warmMs[contender.name] = await warmUp(contender, tuningMs)
  }
  const isSlow = (contender: Contender): boolean =>
    warmMs[contender.name]! > SLOW * warmMs[EXECUTE]!
  const random = createRandom(seed)
  const runs: Record<string, Measurement[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const contender of shuffled(contenders, random)) {
      if (round >= ROUNDS_OF_SLOW && isSlow(contender)) continue
      const observations = (runs[contender.name] ??= [])
      await contender.run()
      observations.push(await run(contender))
    }
  }
  await Promise.race([peers.close(), wait(LONGEST_CLOSE_MS)])
  return { name, itemCount: items.length, workers, tunedChunkSize, runs }

  /** Workers grow quicker for ten runs and more: all are to have as many as the tuned ones. */
  async function warmUp(contender: Contender, durationMs: number): Promise<number> {
    const endMs = performance.now() + durationMs
    let last: Measurement
    do last = await run(contender)
    while (performance.now() < endMs)
    return last.timeMs
  }

  async function tuneChunks(): Promise<number> {
    const timesMs = new Map<number, number>()
    for (const pass of [0, 1, 2]) {
      for (const chunks of CHUNKS_PER_WORKER) {
        const size = Math.ceil(items.length / (chunks * workers))
        const { timeMs } = await run({ name: TUNED, run: () => peers.runChunks(size) })
        if (pass > 0) timesMs.set(size, Math.min(timeMs, timesMs.get(size) ?? Infinity))
      }
    }
    const [best] = [...timesMs].toSorted((a, b) => a[1] - b[1])
    return best![0]
  }
}

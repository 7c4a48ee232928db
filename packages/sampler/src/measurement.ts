/**
 * Measures what parallel work costs on this machine whatever the task. Of repeated trips the quickest
 * counts: what disturbs one only ever makes it slower.
 */
import { cpuSnapshot, detectSystem, foreignCpuShare } from '@amorsize/features/system'

import type { Clock } from './clock.ts'
import type { CloneCosts, MachineProfile } from './machine-profile.ts'
import { isTaintedBy } from './taint.ts'
import { prepareTask } from './prepared-task.ts'
import type { TaskPool } from './task-pool.ts'

/** More workers would take longer to start than the measurement may take. */
const MOST_WORKERS = 16

/** Each figure is the quickest of so many trips, or of those that fit into a time. */
const ROUND_TRIPS = 20
const HEAVY_ROUND_TRIPS = 4
const LONGEST_SERIES_MS = 100

/** Values in a chunk whose clone is measured. */
const VALUES = 1000

/** Work of each worker where their speedup is measured. */
const SPIN_MS = 10
const FIRST_SPIN_STEPS = 1_000_000

const ONE = { maxWorkers: 1 }

/** The trips to a pool that nobody else uses. */
export class Measurement {
  readonly #pool: TaskPool
  readonly #clock: Clock
  readonly #echo = prepareTask((item: unknown) => item, undefined).definition
  readonly #spin = prepareTask(addRoots, undefined).definition

  constructor(pool: TaskPool, clock: Clock) {
    this.#pool = pool
    this.#clock = clock
  }

  async run(): Promise<MachineProfile> {
    const { fingerprint, usableCores } = detectSystem()
    const cpuBefore = cpuSnapshot()
    const startUpMs = await this.#timed(() => this.#echoItems([]))
    const empty = await this.#timeEmptyChunks()
    const cloneMs = await this.#timeClones(empty.dispatchMs)
    const parallel = await this.#timeSpins(usableCores)
    return {
      machine: fingerprint,
      nodeVersion: process.version,
      runtime: this.#pool.runtime,
      usableCores,
      startUpMs,
      ...empty,
      cloneMs,
      ...parallel,
      isTainted: isTaintedBy(foreignCpuShare(cpuBefore, cpuSnapshot()) ?? 0),
      measuredAtMs: Date.now(),
    }
  }

  async #timeEmptyChunks(): Promise<Pick<MachineProfile, 'dispatchMs' | 'sendMs'>> {
    let sendMs = Infinity
    const dispatchMs = await this.#quickest(ROUND_TRIPS, async () => {
      sendMs = Math.min(sendMs, (await this.#echoItems([])).sendMs)
    })
    return { dispatchMs, sendMs }
  }

  async #timeClones(dispatchMs: number): Promise<CloneCosts> {
    const costOf = async (items: readonly unknown[]): Promise<number> => {
      const tripMs = await this.#quickest(HEAVY_ROUND_TRIPS, () => this.#echoItems(items))
      return Math.max(0, tripMs - dispatchMs) / items.length
    }
    return {
      number: await costOf(values((n) => n + 0.5)),
      text: await costOf(values((n) => String(n).padEnd(100, 'x'))),
      object: await costOf(values((n) => ({ id: n, name: `n${n}`, share: n / VALUES }))),
      megabyte: await costOf([new Uint8Array(1_000_000)]),
    }
  }

  /** How much more work all workers do than one, in the same time. */
  async #timeSpins(
    usableCores: number,
  ): Promise<Pick<MachineProfile, 'usableParallelism' | 'contention'>> {
    const workers = Math.min(MOST_WORKERS, Math.max(1, Math.ceil(usableCores)))
    const { itemTimesMs } = await this.#pool.runChunk(
      this.#spin,
      [FIRST_SPIN_STEPS, FIRST_SPIN_STEPS],
      { ...ONE, isTimed: true },
    )
    const steps = Math.round((FIRST_SPIN_STEPS * SPIN_MS) / (itemTimesMs[1] || SPIN_MS))
    if (workers === 1) return { usableParallelism: 1, contention: 0 }
    const spinOn = (count: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, () =>
          this.#pool.runChunk(this.#spin, [steps], { maxWorkers: count }),
        ),
      )
    await spinOn(workers)
    let oneMs = Infinity
    // In turns, so that what disturbs the machine disturbs both.
    const allMs = await this.#quickest(
      HEAVY_ROUND_TRIPS,
      () => spinOn(workers),
      async () => {
        oneMs = Math.min(oneMs, await this.#timed(() => spinOn(1)))
      },
    )
    const contention = Math.max(0, allMs / oneMs - 1) / (workers - 1)
    return { usableParallelism: (workers * oneMs) / allMs, contention }
  }

  #echoItems(items: readonly unknown[]): Promise<{ readonly sendMs: number }> {
    return this.#pool.runChunk(this.#echo, items, ONE)
  }

  /** Time of the quickest trip, milliseconds; `between` runs before each. */
  async #quickest(
    trips: number,
    run: () => Promise<unknown>,
    between?: () => Promise<void>,
  ): Promise<number> {
    const startMs = this.#clock.now()
    let quickestMs = Infinity
    for (let trip = 0; trip < trips; trip++) {
      if (trip > 1 && this.#clock.now() - startMs > LONGEST_SERIES_MS) break
      await between?.()
      quickestMs = Math.min(quickestMs, await this.#timed(run))
    }
    return quickestMs
  }

  async #timed(run: () => Promise<unknown>): Promise<number> {
    const startMs = this.#clock.now()
    await run()
    return this.#clock.now() - startMs
  }
}

function addRoots(steps: number): number {
  let sum = 0
  for (let step = 0; step < steps; step++) sum += Math.sqrt(step)
  return sum
}

function values<T>(make: (n: number) => T): T[] {
  return Array.from({ length: VALUES }, (_, n) => make(n))
}

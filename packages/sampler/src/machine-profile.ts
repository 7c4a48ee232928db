/**
 * What parallel work costs on this machine whatever the task: measured once, and kept where the
 * caller says, until the machine or the version of Node is another.
 */
import { cpuSnapshot, detectSystem, foreignCpuShare } from '@amorsize/features/system'

import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { InvalidOptionError } from './errors.ts'
import type { Runtime } from './pool-worker.ts'
import { TAINTED_SHARE } from './taint.ts'
import { prepareTask } from './task.ts'
import { TaskPool } from './task-pool.ts'

/**
 * Costs of parallel work on a machine. Times are milliseconds.
 * @public
 */
export interface MachineProfile {
  /** Fingerprint of the machine. */
  readonly machine: string
  /** Version of Node, such as `v20.19.0`. */
  readonly nodeVersion: string
  /** How the workers ran. */
  readonly runtime: Runtime
  /** Time from asking for a worker to its first answer. */
  readonly startUpMs: number
  /** Round trip of an empty chunk. */
  readonly dispatchMs: number
  /** The part of it that the caller's thread spends on sending. */
  readonly sendMs: number
  /** Time for one value there and back. */
  readonly cloneMs: CloneCosts
  /** Speedup of as many workers as there are usable cores (at most 16 are tried). */
  readonly usableParallelism: number
  /** Whether other processes used so much of the machine that the figures say little. */
  readonly isTainted: boolean
  /** When it was measured, milliseconds since 1970. */
  readonly measuredAtMs: number
}

/**
 * Time for one value to a worker and back, by its kind, milliseconds.
 * @public
 */
export interface CloneCosts {
  /** A number. */
  readonly number: number
  /** A text of 100 characters. */
  readonly text: number
  /** An object of three fields. */
  readonly object: number
  /** A typed array of a million bytes. */
  readonly megabyte: number
}

/**
 * Where profiles are kept, such as a `Map` or a folder.
 * @public
 */
export interface ProfileStore {
  /** The value kept under a key, or `undefined`. What is no profile is measured anew. */
  get(key: string): unknown
  /** Keeps a profile. */
  set(key: string, profile: MachineProfile): unknown
}

/**
 * Settings of {@link measureMachine}.
 * @public
 */
export interface MeasureMachineOptions {
  /** How workers run. @defaultValue `'worker_threads'` */
  readonly runtime?: Runtime
  /** Where an earlier profile of this machine may be, and where this one is kept. */
  readonly store?: ProfileStore
  /** Where durations come from. @defaultValue {@link systemClock} */
  readonly clock?: Clock
}

/** More workers would take longer to start than the measurement may take. */
const MOST_WORKERS = 16

/** Of repeated round trips the quickest counts: what disturbs one only ever makes it slower. */
const ROUND_TRIPS = 20
const HEAVY_ROUND_TRIPS = 4

/** Values in a chunk whose clone is measured. */
const VALUES = 1000

/** Work of each worker where their speedup is measured. */
const SPIN_MS = 15
const FIRST_SPIN_STEPS = 1_000_000

/**
 * The profile of this machine: from the store where it has one, else measured in about half a second.
 *
 * @param options - Runtime, store and clock.
 * @returns The profile. A tainted one is not kept.
 * @throws {@link InvalidOptionError} `AMORSIZE_SAMPLER_INVALID_OPTION`
 * @throws What the store throws.
 * @public
 */
export async function measureMachine(options: MeasureMachineOptions = {}): Promise<MachineProfile> {
  const { runtime = 'worker_threads', store, clock = systemClock } = options
  assertStore(store)
  const system = detectSystem()
  const key = `${system.fingerprint}-${process.version}-${runtime}`
  const known: unknown = await store?.get(key)
  if (isProfile(known)) return known

  const cpuBefore = cpuSnapshot()
  const pool = new TaskPool({ runtime, clock })
  try {
    const startUpMs = (await timed(clock, () => pool.runChunk(echo(), [], ONE))).durationMs
    const empty = await timeEmptyChunks(pool, clock)
    const profile: MachineProfile = {
      machine: system.fingerprint,
      nodeVersion: process.version,
      runtime,
      startUpMs,
      ...empty,
      cloneMs: await measureClones(pool, clock, empty.dispatchMs),
      usableParallelism: await measureParallelism(pool, clock, system.usableCores),
      isTainted: (foreignCpuShare(cpuBefore, cpuSnapshot()) ?? 0) > TAINTED_SHARE,
      measuredAtMs: Date.now(),
    }
    if (!profile.isTainted) await store?.set(key, profile)
    return profile
  } finally {
    await pool.close()
  }
}

const ONE = { maxWorkers: 1 }

const echo = once(() => prepareTask((item: unknown) => item, undefined).definition)

const spin = once(() => prepareTask(addRoots, undefined).definition)

function addRoots(steps: number): number {
  let sum = 0
  for (let step = 0; step < steps; step++) sum += Math.sqrt(step)
  return sum
}

/** Made when first needed: describing a function is no part of loading the package. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

async function timeEmptyChunks(
  pool: TaskPool,
  clock: Clock,
): Promise<{ dispatchMs: number; sendMs: number }> {
  let dispatchMs = Infinity
  let sendMs = Infinity
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    const { durationMs, value } = await timed(clock, () => pool.runChunk(echo(), [], ONE))
    dispatchMs = Math.min(dispatchMs, durationMs)
    sendMs = Math.min(sendMs, value.sendMs)
  }
  return { dispatchMs, sendMs }
}

async function measureClones(
  pool: TaskPool,
  clock: Clock,
  dispatchMs: number,
): Promise<CloneCosts> {
  const costOf = async (items: readonly unknown[]): Promise<number> => {
    let quickestMs = Infinity
    for (let trip = 0; trip < HEAVY_ROUND_TRIPS; trip++) {
      const { durationMs } = await timed(clock, () => pool.runChunk(echo(), items, ONE))
      quickestMs = Math.min(quickestMs, durationMs)
    }
    return Math.max(0, quickestMs - dispatchMs) / items.length
  }
  return {
    number: await costOf(values((n) => n + 0.5)),
    text: await costOf(values((n) => String(n).padEnd(100, 'x'))),
    object: await costOf(values((n) => ({ id: n, name: `n${n}`, share: n / VALUES }))),
    megabyte: await costOf([new Uint8Array(1_000_000)]),
  }
}

function values<T>(make: (n: number) => T): T[] {
  return Array.from({ length: VALUES }, (_, n) => make(n))
}

/** How much more work all workers do than one, in the same time. */
async function measureParallelism(
  pool: TaskPool,
  clock: Clock,
  usableCores: number,
): Promise<number> {
  const workers = Math.min(MOST_WORKERS, Math.max(1, Math.ceil(usableCores)))
  const first = await pool.runChunk(spin(), [FIRST_SPIN_STEPS, FIRST_SPIN_STEPS], {
    maxWorkers: 1,
    isTimed: true,
  })
  const steps = Math.round((FIRST_SPIN_STEPS * SPIN_MS) / (first.itemTimesMs[1] || SPIN_MS))
  const spinOn = (count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, () => pool.runChunk(spin(), [steps], { maxWorkers: count })),
    )
  await spinOn(workers)
  let oneMs = Infinity
  let allMs = Infinity
  for (let trip = 0; trip < HEAVY_ROUND_TRIPS; trip++) {
    oneMs = Math.min(oneMs, (await timed(clock, () => spinOn(1))).durationMs)
    allMs = Math.min(allMs, (await timed(clock, () => spinOn(workers))).durationMs)
  }
  return (workers * oneMs) / allMs
}

async function timed<T>(
  clock: Clock,
  run: () => Promise<T>,
): Promise<{ durationMs: number; value: T }> {
  const startMs = clock.now()
  const value = await run()
  return { durationMs: clock.now() - startMs, value }
}

function assertStore(store: unknown): void {
  const isStore =
    typeof store === 'object' &&
    store !== null &&
    ['get', 'set'].every((method) => typeof Reflect.get(store, method) === 'function')
  if (store === undefined || isStore) return
  throw new InvalidOptionError('store', 'an object with the methods get and set', store)
}

/** What a store gives may be damaged, or of an older version. */
function isProfile(value: unknown): value is MachineProfile {
  if (typeof value !== 'object' || value === null) return false
  const { startUpMs, dispatchMs, sendMs, usableParallelism, cloneMs, machine, runtime } =
    value as Partial<MachineProfile>
  const clones = Object.values(cloneMs ?? {}) as unknown[]
  const figures = [startUpMs, dispatchMs, sendMs, usableParallelism, ...clones]
  return (
    clones.length === 4 &&
    figures.every((figure) => typeof figure === 'number' && figure >= 0) &&
    typeof machine === 'string' &&
    typeof runtime === 'string'
  )
}

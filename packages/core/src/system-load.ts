/**
 * How many workers the machine has room for: what other processes leave of its cores, less where
 * memory runs short or a quota holds this process back.
 */
import { cpuSnapshot, detectSystem, foreignCpuShare, throttledMs } from '@amorsize/features/system'
import type { CpuSnapshot, SystemProfile } from '@amorsize/features/system'

/** What is read of the machine; a test replaces it. */
export interface LoadSensors {
  /** Monotonic time, milliseconds. */
  readonly now: () => number
  readonly cpu: () => CpuSnapshot
  readonly throttledMs: () => number | undefined
  readonly availableMemoryBytes: () => number
}

/** Counters of CPU time step by 10 ms: over this interval a core is known to a twentieth. */
const INTERVAL_MS = 200

/** A reading older than this tells of another time. */
const STALE_MS = 10_000

/** Share of the interval and its cores for which a quota may hold threads back unheeded. */
const TOLERATED_THROTTLING = 0.1

/** With less of the memory left, the machine begins to swap or to end processes. */
const LEAST_MEMORY_SHARE = 0.05

const systemSensors: LoadSensors = {
  now: () => performance.now(),
  cpu: () => cpuSnapshot(),
  throttledMs: () => throttledMs(),
  availableMemoryBytes: () => detectSystem({ maxAgeMs: INTERVAL_MS }).availableMemoryBytes,
}

interface Reading {
  readonly atMs: number
  readonly cpu: CpuSnapshot
  readonly throttledMs: number | undefined
}

/** The last reading of this process, so that a call knows the load it begins under. */
let lastReading: Reading | undefined

/** Room for workers, followed from now on. */
export class WorkerRoom {
  readonly #system: SystemProfile
  readonly #sensors: LoadSensors
  readonly #childWorkers: () => number
  #reading: Reading
  #limit: number

  /**
   * @param childWorkers - How many of this process's own children compute: they are not foreign.
   * @param earlier - A reading from before, if there is one.
   */
  constructor(
    system: SystemProfile,
    childWorkers: () => number,
    sensors: LoadSensors = systemSensors,
    earlier?: Reading,
  ) {
    this.#system = system
    this.#sensors = sensors
    this.#childWorkers = childWorkers
    this.#limit = wholeWorkers(system.usableCores)
    this.#reading = this.#read()
    const isTelling = earlier && isBetween(this.#reading.atMs - earlier.atMs)
    this.#limit = isTelling ? this.#roomSince(earlier) : this.#roomByLoadAverage()
  }

  /** The latest reading. */
  get reading(): Reading {
    return this.#reading
  }

  /** Workers there was room for when the last reading was taken, an integer from 1. */
  get atStart(): number {
    return this.#limit
  }

  /** Workers there is room for now; it falls at once and rises by one a reading. */
  now(): number {
    if (this.#sensors.now() - this.#reading.atMs < INTERVAL_MS) return this.#limit
    const before = this.#reading
    this.#reading = this.#read()
    this.#limit = Math.min(this.#limit + 1, this.#roomSince(before))
    return this.#limit
  }

  #read(): Reading {
    const { now, cpu, throttledMs: throttled } = this.#sensors
    return { atMs: now(), cpu: cpu(), throttledMs: throttled() }
  }

  #roomSince(before: Reading): number {
    const { atMs, cpu, throttledMs: throttled } = this.#reading
    const elapsedMs = atMs - before.atMs
    const childrenCpuMs = this.#childWorkers() * elapsedMs
    const share = foreignCpuShare(before.cpu, cpu, { childrenCpuMs }) ?? 0
    const foreignCores = (share * (cpu.capacityMs - before.cpu.capacityMs)) / elapsedMs
    // Of a large machine a process may use few cores: what others use may be the others.
    const leftCores = this.#system.logicalCores - foreignCores
    const room = wholeWorkers(Math.min(this.#system.usableCores, leftCores))
    const heldBackMs = (throttled ?? 0) - (before.throttledMs ?? 0)
    const isHeldBack = heldBackMs > TOLERATED_THROTTLING * elapsedMs * this.#system.usableCores
    const quotaRoom = isHeldBack ? Math.max(1, this.#limit - 1) : room
    return Math.min(room, quotaRoom, this.#roomInMemory(room))
  }

  /** All that tells of a time before the first reading; this process is a part of it. */
  #roomByLoadAverage(): number {
    const { usableCores, logicalCores, loadAverage } = this.#system
    const leftCores = logicalCores - Math.max(0, loadAverage - 1)
    const room = wholeWorkers(Math.min(usableCores, leftCores))
    return Math.min(room, this.#roomInMemory(room))
  }

  #roomInMemory(room: number): number {
    const { totalMemoryBytes, memoryLimitBytes = totalMemoryBytes } = this.#system
    const isShort = this.#sensors.availableMemoryBytes() < LEAST_MEMORY_SHARE * memoryLimitBytes
    return isShort ? Math.max(1, Math.floor(room / 2)) : room
  }
}

/** Follows the load of this machine. */
export function followLoad(system: SystemProfile, childWorkers: () => number): WorkerRoom {
  const room = new WorkerRoom(system, childWorkers, systemSensors, lastReading)
  lastReading = room.reading
  return room
}

function isBetween(elapsedMs: number): boolean {
  return elapsedMs >= INTERVAL_MS && elapsedMs <= STALE_MS
}

/** A part of a core is a worker where it is the larger part. */
function wholeWorkers(cores: number): number {
  return Math.max(1, Math.round(cores))
}

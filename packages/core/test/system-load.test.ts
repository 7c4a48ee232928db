import type { CpuSnapshot, SystemProfile } from '@amorsize/features/system'
import { detectSystem } from '@amorsize/features/system'
import { TaskPool } from '@amorsize/sampler'
import { afterAll, describe, expect, it } from 'vitest'

import { execute } from '../src/execute.ts'
import { WorkerRoom } from '../src/system-load.ts'

const CORES = 8
const GIB = 1024 ** 3

/** A machine of 8 cores whose load a test sets. */
class Machine {
  foreignCores = 0
  childCores = 0
  throttledCores = 0
  availableMemoryBytes = 8 * GIB
  #nowMs = 0
  #cpu: CpuSnapshot = { capacityMs: 0, busyMs: 0, ownMs: 0, stepMs: 10 * CORES }
  #throttledMs = 0

  readonly sensors = {
    now: () => this.#nowMs,
    cpu: () => this.#cpu,
    throttledMs: () => this.#throttledMs,
    availableMemoryBytes: () => this.availableMemoryBytes,
  }

  pass(elapsedMs: number): void {
    const { capacityMs, busyMs, ownMs, stepMs } = this.#cpu
    this.#nowMs += elapsedMs
    this.#throttledMs += elapsedMs * this.throttledCores
    this.#cpu = {
      capacityMs: capacityMs + elapsedMs * CORES,
      busyMs: busyMs + elapsedMs * (1 + this.foreignCores + this.childCores),
      ownMs: ownMs + elapsedMs,
      stepMs,
    }
  }

  room(childWorkers: () => number = () => 0, loadAverage = 0, usableCores = CORES): WorkerRoom {
    const system: SystemProfile = {
      ...detectSystem(),
      usableCores,
      logicalCores: CORES,
      totalMemoryBytes: 16 * GIB,
      memoryLimitBytes: undefined,
      loadAverage,
    }
    return new WorkerRoom(system, childWorkers, this.sensors)
  }
}

describe('the room for workers', () => {
  it('is every core of an idle machine', () => {
    expect(new Machine().room().now()).toBe(CORES)
  })

  it('is what other processes leave: it falls at once and comes back one by one', () => {
    const machine = new Machine()
    const room = machine.room()

    machine.foreignCores = 5
    machine.pass(500)
    expect(room.now()).toBe(3)
    machine.foreignCores = 0
    machine.pass(500)
    expect(room.now()).toBe(4)
    machine.pass(500)
    expect(room.now()).toBe(5)
  })

  it('is not less for what others do on cores that the process may not use anyway', () => {
    const machine = new Machine()
    const room = machine.room(() => 0, 5, 2)

    expect(room.atStart).toBe(2)
    machine.foreignCores = 5
    machine.pass(500)
    expect(room.now()).toBe(2)
    machine.foreignCores = 7
    machine.pass(500)
    expect(room.now()).toBe(1)
  })

  it('is read again only after a while', () => {
    const machine = new Machine()
    const room = machine.room()
    machine.foreignCores = 5
    machine.pass(50)

    expect(room.now()).toBe(CORES)
  })

  it('does not count the children of this process as foreign', () => {
    const machine = new Machine()
    const room = machine.room(() => 4)
    machine.childCores = 4
    machine.pass(500)

    expect(room.now()).toBe(CORES)
  })

  it('shrinks while a quota holds the process back, and where memory runs short', () => {
    const throttled = new Machine()
    const behindQuota = throttled.room()
    throttled.throttledCores = 2
    throttled.pass(500)
    expect(behindQuota.now()).toBe(CORES - 1)
    throttled.pass(500)
    expect(behindQuota.now()).toBe(CORES - 2)

    const short = new Machine()
    short.availableMemoryBytes = GIB / 4
    expect(short.room().atStart).toBe(CORES / 2)
  })

  it('begins with what the load average leaves, and is never none', () => {
    expect(new Machine().room(undefined, 4).atStart).toBe(5)
    expect(new Machine().room(undefined, 100).atStart).toBe(1)
  })
})

describe('adjustForSystemLoad', () => {
  const pool = new TaskPool()
  afterAll(() => pool.close())

  it('never uses more workers than were allowed, and loses no item', async () => {
    const items = Array.from({ length: 500 }, (_, index) => index)

    const { results, optimization } = await execute((item: number) => item + 1, items, {
      pool,
      useCache: false,
      allowMainThread: false,
      adjustForSystemLoad: true,
      maxWorkers: 2,
      returnOptimizationResult: true,
    })

    expect(results).toEqual(items.map((item) => item + 1))
    expect(optimization.nJobs).toBeLessThanOrEqual(2)
  })
})

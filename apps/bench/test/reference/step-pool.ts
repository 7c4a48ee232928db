/**
 * The same pool by tiny steps of time: slow and obviously right. In each step every thread does its
 * share of work; nothing is computed ahead.
 */
import type { SimulatedRun } from '../../src/simulation/simulate-pool.ts'

interface Job {
  readonly kind: 'start' | 'send' | 'receive'
  readonly worker: number
  readonly items: number
  readonly itemsMs: number
  leftMs: number
}

interface Worker {
  startLeftMs: number
  isStarting: boolean
  /** Chunks that are to be sent when it has started. */
  assigned: Job[]
  /** Chunks in it, the first one running; `leftMs` is what is left of it. */
  inside: Job[]
}

/** Makespan in milliseconds, right to a few steps. */
export function stepPool(run: SimulatedRun, stepMs: number): number {
  const { itemTimesMs, chunkSize, cores, waitShare = 0, contention = 0, dispatch } = run
  const half = (items: number): number => (dispatch.mainDispatchMs + items * dispatch.cloneMs) / 2
  let cursor = 0
  const takeChunk = (worker: number): Job | undefined => {
    const left = itemTimesMs.length - cursor
    if (left === 0) return undefined
    const items = Math.min(left, typeof chunkSize === 'number' ? chunkSize : chunkSize(left))
    let itemsMs = 0
    for (const end = cursor + items; cursor < end; cursor++) itemsMs += itemTimesMs[cursor]!
    return { kind: 'send', worker, items, itemsMs, leftMs: half(items) }
  }
  const workers: Worker[] = Array.from({ length: run.workers }, () => ({
    startLeftMs: 0,
    isStarting: false,
    assigned: [],
    inside: [],
  }))
  const caller: Job[] = []
  for (let round = 0; round < 2; round++) {
    for (const [index, worker] of workers.entries()) {
      const chunk = takeChunk(index)
      if (chunk) worker.assigned.push(chunk)
      if (chunk && index >= dispatch.warmWorkers) worker.startLeftMs = dispatch.startUpMs
    }
  }
  const release = (worker: Worker): void => {
    if (worker.startLeftMs > 0) return
    caller.push(...worker.assigned)
    worker.assigned = []
  }
  // In the order of the rounds, as the pool hands out.
  for (let round = 0; round < 2; round++) {
    for (const worker of workers) {
      if (worker.startLeftMs === 0 && worker.assigned[0]) caller.push(worker.assigned.shift()!)
    }
  }

  for (const [worker, { startLeftMs }] of workers.entries()) {
    const leftMs = dispatch.mainStartUpMs ?? 0
    if (startLeftMs > 0) caller.push({ kind: 'start', worker, items: 0, itemsMs: 0, leftMs })
  }

  const isBusy = (): boolean =>
    caller.length > 0 || workers.some((w) => w.assigned.length > 0 || w.inside.length > 0)
  let nowMs = 0
  for (; isBusy(); nowMs += stepMs) {
    const starting = workers.filter((worker) => worker.isStarting && worker.startLeftMs > 0)
    const running = workers.filter((worker) => worker.inside.length > 0)
    const speed = speedByTrial(
      starting.length + Math.min(1, caller.length),
      running.length,
      waitShare,
      cores,
    )
    const itemSpeed =
      1 / (waitShare + (1 - waitShare) / speed) / (1 + contention * (running.length - 1))

    for (const worker of running) worker.inside[0]!.leftMs -= itemSpeed * stepMs
    if (caller[0]) caller[0].leftMs -= speed * stepMs
    for (const worker of starting) worker.startLeftMs -= speed * stepMs

    for (const worker of running) {
      const chunk = worker.inside[0]!
      if (chunk.leftMs > 0) continue
      worker.inside.shift()
      caller.push({ ...chunk, kind: 'receive', leftMs: half(chunk.items) })
    }
    const job = caller[0]
    if (job && job.leftMs <= 0) {
      caller.shift()
      if (job.kind === 'start') workers[job.worker]!.isStarting = true
      else if (job.kind === 'receive') {
        const next = takeChunk(job.worker)
        if (next) caller.unshift(next)
      } else {
        const workMs =
          job.itemsMs + job.items * dispatch.cloneMs + dispatch.dispatchMs - dispatch.mainDispatchMs
        workers[job.worker]!.inside.push({ ...job, leftMs: workMs })
      }
    }
    for (const worker of starting) {
      if (worker.startLeftMs <= 0) {
        worker.startLeftMs = 0
        release(worker)
      }
    }
  }
  return nowMs
}

/** The largest speed at which nobody uses more cores than there are, by halving. */
function speedByTrial(steady: number, items: number, waitShare: number, cores: number): number {
  const used = (speed: number): number =>
    steady * speed + items * ((1 - waitShare) / (waitShare + (1 - waitShare) / speed))
  if (used(1) <= cores) return 1
  let low = 0
  let high = 1
  for (let trial = 0; trial < 50; trial++) {
    const middle = (low + high) / 2
    if (used(middle) <= cores) low = middle
    else high = middle
  }
  return low
}

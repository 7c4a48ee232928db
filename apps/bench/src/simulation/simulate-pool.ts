/**
 * A discrete-event simulation of a map on a pool: what a plan would take on a machine that is not
 * here. It follows what the pool does, event by event, where the cost model of `@amorsize/core` has
 * formulas; the model is held against it, and it against real runs (`pnpm bench simulation`).
 *
 * The caller's thread serves one message at a time: it serialises a chunk, deserialises a reply and
 * sends the next chunk of that worker. A worker has at most two chunks: the one it is at, and one
 * that waits in it. Workers that are not warm start first, which takes a core like any other work.
 * All threads that compute share the cores equally.
 */
import type { DispatchCosts } from '@amorsize/core'

import { CompletionHeap } from './completion-heap.ts'
import { computingSpeed, itemSpeed } from './core-sharing.ts'

/** A map on a machine. Times are milliseconds. */
export interface SimulatedRun {
  /** Time of each item, alone in a worker. */
  readonly itemTimesMs: ArrayLike<number>
  /** Workers, an integer from 1. */
  readonly workers: number
  /** Items per chunk, or a rule that gives it for the items not yet sent, such as a tapering one. */
  readonly chunkSize: number | ((itemsLeft: number) => number)
  /** What talking to workers costs. */
  readonly dispatch: DispatchCosts
  /** Cores that the process may use, above 0; fractional under a CPU quota. */
  readonly cores: number
  /** Share by which an item's time grows for each further worker busy beside it. @defaultValue 0 */
  readonly contention?: number
  /** Share of the item time in which the thread is idle, 0..1. @defaultValue 0 */
  readonly waitShare?: number
}

/** What came of it. */
export interface SimulatedOutcome {
  /** From the first chunk's serialisation to the last reply's deserialisation, milliseconds. */
  readonly makespanMs: number
  /** Time in which the caller's thread was busy, milliseconds. */
  readonly callerBusyMs: number
  /** Time in which workers were busy with chunks, added up, milliseconds. */
  readonly workersBusyMs: number
  readonly chunkCount: number
  /** Workers that got at least one chunk. */
  readonly busyWorkers: number
}

/** One runs while the other waits in the worker; as the pool of `@amorsize/sampler` does. */
const CHUNKS_IN_FLIGHT_PER_WORKER = 2

/** What the simulated pool makes of a run. The same run gives the same outcome. */
export function simulatePool(run: SimulatedRun): SimulatedOutcome {
  assertRun(run)
  return new Simulation(run).complete()
}

interface Chunk {
  readonly worker: number
  readonly itemCount: number
  /** Time of its items, milliseconds. */
  readonly itemsMs: number
  state: 'unsent' | 'sent'
}

/** A worker that is to be started, with the chunks that wait for it. */
interface Start {
  readonly chunks: Chunk[]
  readonly state: 'start'
  /** When, in the work that a computing thread does. */
  endsAt: number
}

class Simulation {
  readonly #run: SimulatedRun
  readonly #waitShare: number
  readonly #contention: number
  #itemsSent = 0
  #chunksOpen = 0

  /** Time so far, and work done in it by a thread that computes and by one that runs items. */
  #nowMs = 0
  #steadyMs = 0
  #itemsMs = 0

  /** Workers to start, chunks to send and replies to take by the caller's thread, from `#head` on. */
  readonly #inbox: (Chunk | Start)[] = []
  #head = 0
  /** What the caller's thread is at, and when in `#steadyMs` it ends. */
  #atCaller: Chunk | Start | undefined
  #callerEndsAt = Infinity

  /** Workers that start, from `#started` on: all take the same time, so they end in this order. */
  readonly #starts: Start[] = []
  #started = 0
  /** For each worker the chunk it is at, and the one that waits in it. */
  readonly #running: (Chunk | undefined)[] = []
  readonly #waiting: (Chunk | undefined)[] = []
  readonly #completions: CompletionHeap

  #callerBusyMs = 0
  #workersBusyMs = 0
  #chunkCount = 0
  #busyWorkers = 0

  constructor(run: SimulatedRun) {
    this.#run = run
    this.#waitShare = run.waitShare ?? 0
    this.#contention = run.contention ?? 0
    this.#completions = new CompletionHeap(run.workers)
  }

  complete(): SimulatedOutcome {
    this.#assignFirstChunks()
    this.#serveNext()
    while (this.#chunksOpen > 0) this.#toNextEvent()
    return {
      makespanMs: this.#nowMs,
      callerBusyMs: this.#callerBusyMs,
      workersBusyMs: this.#workersBusyMs,
      chunkCount: this.#chunkCount,
      busyWorkers: this.#busyWorkers,
    }
  }

  /** Every worker gets its first chunks at once; those of a cold one wait until it has started. */
  #assignFirstChunks(): void {
    const { workers, dispatch } = this.#run
    const starts: Start[] = []
    for (let round = 0; round < CHUNKS_IN_FLIGHT_PER_WORKER; round++) {
      for (let worker = 0; worker < workers; worker++) {
        const chunk = this.#nextChunk(worker)
        if (!chunk) break
        if (round === 0) this.#busyWorkers++
        const cold = worker - dispatch.warmWorkers
        if (cold < 0) this.#inbox.push(chunk)
        else (starts[cold] ??= { chunks: [], state: 'start', endsAt: Infinity }).chunks.push(chunk)
      }
    }
    this.#inbox.push(...starts)
  }

  #nextChunk(worker: number): Chunk | undefined {
    const { itemTimesMs, chunkSize } = this.#run
    const itemsLeft = itemTimesMs.length - this.#itemsSent
    if (itemsLeft === 0) return undefined
    const size = typeof chunkSize === 'number' ? chunkSize : Math.floor(chunkSize(itemsLeft))
    const itemCount = Math.min(itemsLeft, Math.max(1, size))
    let itemsMs = 0
    for (let index = 0; index < itemCount; index++) itemsMs += itemTimesMs[this.#itemsSent + index]!
    this.#itemsSent += itemCount
    this.#chunkCount++
    this.#chunksOpen++
    return { worker, itemCount, itemsMs, state: 'unsent' }
  }

  #toNextEvent(): void {
    const itemThreads = this.#completions.size
    const isCallerBusy = this.#atCaller !== undefined
    const speed = computingSpeed({
      cores: this.#run.cores,
      steadyThreads: this.#starts.length - this.#started + (isCallerBusy ? 1 : 0),
      itemThreads,
      waitShare: this.#waitShare,
    })
    const slowdown = 1 + this.#contention * Math.max(0, itemThreads - 1)
    const speedOfItems = itemSpeed(speed, this.#waitShare) / slowdown

    const startEndsAt = this.#starts[this.#started]?.endsAt ?? Infinity
    const steadyEndsAt = Math.min(this.#callerEndsAt, startEndsAt)
    const steadyLeftMs = (steadyEndsAt - this.#steadyMs) / speed
    const itemsLeftMs = (this.#completions.nextEndsAt - this.#itemsMs) / speedOfItems
    const passedMs = Math.max(0, Math.min(steadyLeftMs, itemsLeftMs))

    this.#nowMs += passedMs
    this.#steadyMs += passedMs * speed
    this.#itemsMs += passedMs * speedOfItems
    if (isCallerBusy) this.#callerBusyMs += passedMs
    this.#workersBusyMs += passedMs * itemThreads

    if (itemsLeftMs < steadyLeftMs) this.#endChunk()
    else if (this.#callerEndsAt <= startEndsAt) this.#endServing()
    else this.#endStart()
  }

  #endStart(): void {
    const start = this.#starts[this.#started++]!
    this.#steadyMs = start.endsAt
    this.#inbox.push(...start.chunks)
    if (!this.#atCaller) this.#serveNext()
  }

  #endChunk(): void {
    this.#itemsMs = this.#completions.nextEndsAt
    const worker = this.#completions.pop()
    this.#inbox.push(this.#running[worker]!)
    this.#running[worker] = this.#waiting[worker]
    this.#waiting[worker] = undefined
    if (this.#running[worker]) this.#begin(this.#running[worker])
    if (!this.#atCaller) this.#serveNext()
  }

  /** What came next for the caller's thread, if anything. */
  #serveNext(): void {
    const next = this.#inbox[this.#head]
    if (next) this.#head++
    this.#serve(next)
  }

  #serve(next: Chunk | Start | undefined): void {
    const { mainDispatchMs, mainStartUpMs = 0, cloneMs } = this.#run.dispatch
    this.#atCaller = next
    if (!next) this.#callerEndsAt = Infinity
    else if (next.state === 'start') this.#callerEndsAt = this.#steadyMs + mainStartUpMs
    else this.#callerEndsAt = this.#steadyMs + (mainDispatchMs + next.itemCount * cloneMs) / 2
  }

  #endServing(): void {
    this.#steadyMs = this.#callerEndsAt
    const done = this.#atCaller!
    if (done.state === 'start') {
      done.endsAt = this.#steadyMs + this.#run.dispatch.startUpMs
      this.#starts.push(done)
      return this.#serveNext()
    }
    if (done.state === 'unsent') {
      done.state = 'sent'
      this.#arrive(done)
      return this.#serveNext()
    }
    this.#chunksOpen--
    // The reply's continuation sends the next chunk before any other message is looked at.
    const next = this.#nextChunk(done.worker)
    if (next) this.#serve(next)
    else this.#serveNext()
  }

  #arrive(chunk: Chunk): void {
    if (this.#running[chunk.worker]) this.#waiting[chunk.worker] = chunk
    else this.#begin((this.#running[chunk.worker] = chunk))
  }

  #begin({ worker, itemCount, itemsMs }: Chunk): void {
    const { dispatchMs, mainDispatchMs, cloneMs } = this.#run.dispatch
    const workMs = itemsMs + itemCount * cloneMs + Math.max(0, dispatchMs - mainDispatchMs)
    this.#completions.push(this.#itemsMs + workMs, worker)
  }
}

function assertRun({
  workers,
  chunkSize,
  cores,
  waitShare = 0,
  contention = 0,
}: SimulatedRun): void {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new RangeError(`Expected workers to be an integer from 1, got ${workers}.`)
  }
  if (typeof chunkSize === 'number' && !(Number.isInteger(chunkSize) && chunkSize >= 1)) {
    throw new RangeError(`Expected chunkSize to be an integer from 1, got ${chunkSize}.`)
  }
  if (!(cores > 0)) throw new RangeError(`Expected cores to be above 0, got ${cores}.`)
  if (!(waitShare >= 0 && waitShare <= 1)) {
    throw new RangeError(`Expected waitShare to be from 0 to 1, got ${waitShare}.`)
  }
  if (!(contention >= 0)) throw new RangeError(`Expected contention from 0, got ${contention}.`)
}

/** One place of a pool: its worker, from its start to its end, and what is known of it. */
import type { Clock } from './clock.ts'
import type { PoolWorker, WorkerSettings } from './pool-worker.ts'
import type { startPoolWorker } from './tinypool-worker.ts'
import { tellWorker } from './worker-events.ts'

/** Stands for the place of a worker that was started for one chunk. */
export const ISOLATED: number = -1

/** A worker that has been at the same chunk for longer may be for ever, milliseconds. */
const LONG_MS = 100

/** A worker that holds so many times what it began with is taken to leak. */
const LEAK = 2

/** A worker that is starting, running or ended. */
export class WorkerSlot {
  readonly index: number
  /** The worker, once it can take chunks. */
  readonly worker: Promise<PoolWorker>
  /** Tasks that the worker holds, least recently used first. */
  readonly knownTasks: Set<number> = new Set()
  readonly #clock: Clock
  #inFlight = 0
  #isReady = false
  /** When the chunk that is under way can have begun at the earliest. */
  #atSinceMs = 0
  /** Takes no more chunks, and is ended after its last. */
  isRetired = false
  /** Ends the worker, one that has yet to start included. */
  readonly #ending = new AbortController()
  /** What the worker held after its first items. */
  #firstMemoryBytes: number | undefined

  /** @param onLost - Called when the worker takes no more chunks. */
  constructor(
    index: number,
    settings: WorkerSettings,
    clock: Clock,
    onLost: (worker: PoolWorker) => void,
  ) {
    const { runtime } = settings
    const startMs = clock.now()
    this.index = index
    this.#clock = clock
    const tellEnd = (worker: PoolWorker): void => {
      onLost(worker)
      tellWorker(() => ({ event: 'end', runtime, worker: index }))
    }
    this.worker = startWorker(settings, tellEnd, this.#ending.signal)
    const tellStart = (): void => {
      this.#isReady = true
      const startUpMs = clock.now() - startMs
      tellWorker(() => ({ event: 'start', runtime, worker: index, startUpMs }))
    }
    this.worker.then(tellStart, () => {})
  }

  /** Whether it has started. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Chunks under way. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Whether the chunk that is under way may have been so for long. */
  get isAtLongChunk(): boolean {
    return this.#inFlight > 0 && this.#clock.now() - this.#atSinceMs > LONG_MS
  }

  /** Notes that a chunk is under way. */
  begin(): void {
    if (this.#inFlight === 0) this.#atSinceMs = this.#clock.now()
    this.#inFlight++
  }

  /** Notes that one is not any more. */
  settle(): void {
    this.#inFlight--
    this.#atSinceMs = this.#clock.now()
  }

  /**
   * Whether the worker leaks; one whose task needs as much from the beginning does not, and would only
   * load it again in the next.
   *
   * @param memoryBytes - What it holds after a chunk of items.
   * @param mostBytes - What it may hold.
   */
  holdsTooMuch(memoryBytes: number, mostBytes: number): boolean {
    this.#firstMemoryBytes ??= memoryBytes
    return memoryBytes > Math.max(mostBytes, LEAK * this.#firstMemoryBytes)
  }

  /** Ends the worker whatever it is doing; resolves when it is gone or after a bounded time. */
  async end(): Promise<void> {
    this.#ending.abort()
    const worker = await this.worker.catch(() => undefined)
    await worker?.terminate()
  }
}

/** Of maps that end in their loop, no process needs the code that talks to workers. */
async function startWorker(
  ...how: Parameters<typeof startPoolWorker>
): ReturnType<typeof startPoolWorker> {
  const tinypoolWorker = await import('./tinypool-worker.ts')
  return tinypoolWorker.startPoolWorker(...how)
}

/** Starts and ends of workers, for whoever traces them. Without subscribers nothing is made. */
import type { Runtime } from './pool-worker.ts'

const { channel } = process.getBuiltinModule('node:diagnostics_channel')

/**
 * A message of the diagnostics channel `amorsize:worker`.
 * @public
 */
export interface WorkerEvent {
  /** `start` when the worker takes its first chunk, `end` when it takes no more. */
  readonly event: 'start' | 'end'
  /** How the worker runs. */
  readonly runtime: Runtime
  /** Which of the pool's workers it is, from 0; -1 for one that was started for a single chunk. */
  readonly worker: number
  /** Of a start: time from asking for the worker until it could take chunks, milliseconds. */
  readonly startUpMs?: number
}

const workerChannel = channel('amorsize:worker')

/** Tells subscribers. */
export function tellWorker(makeEvent: () => WorkerEvent): void {
  if (workerChannel.hasSubscribers) workerChannel.publish(makeEvent())
}

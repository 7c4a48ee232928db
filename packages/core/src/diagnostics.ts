/**
 * What happens, on channels of `node:diagnostics_channel`: tracing needs no dependency of ours.
 * Without subscribers nothing is made and nothing is told.
 */
import type { Channel } from 'node:diagnostics_channel'

import type { Decision } from './decide/source.ts'
import type { ExecutionReport } from './result.ts'
import type { Plan } from './search.ts'

const { channel } = process.getBuiltinModule('node:diagnostics_channel')

/**
 * The messages of `amorsize:decision`, `amorsize:chunk`, `amorsize:error` and `amorsize:end`.
 * `amorsize:worker` is told by the pool, as a `WorkerEvent`.
 * @public
 */
export interface DiagnosticMessages {
  /** A plan was made for what is left to run, or another one in the middle of a run. */
  readonly decision: Pick<Decision<unknown>, 'plan' | 'source' | 'reason' | 'warnings'> & {
    /** Expected time of what is left, milliseconds; of a first plan. */
    readonly estimatedTimeMs: number | undefined
    /** Signature of the function. */
    readonly signature: string
    /** Whether it takes the place of an earlier plan of the same run. */
    readonly isReplan: boolean
  }
  /** A chunk of the run came back from a worker; what is sampled to decide is none. */
  readonly chunk: {
    /** Items that were run. */
    readonly itemCount: number
    /** Position in the data of the first of them. */
    readonly firstIndex: number
    /** Time the worker spent on them, milliseconds. */
    readonly busyMs: number
    /** Time from sending to the reply, milliseconds. */
    readonly roundTripMs: number
  }
  /** An item failed, or the whole run did. */
  readonly error: {
    /** Position of the item; `undefined` where it is not one item's. */
    readonly index: number | undefined
    readonly error: unknown
  }
  /**
   * A run ended well, a stream also where its consumer left it. A stream waits for its consumer, and
   * so tells no speedup.
   */
  readonly end: Omit<ExecutionReport, 'speedup'> & {
    readonly speedup?: number
    /** Signature of the function. */
    readonly signature: string
    /** The plan it ended with. */
    readonly plan: Plan
  }
}

const CHANNELS: { readonly [K in keyof DiagnosticMessages]: Channel } = {
  decision: channel('amorsize:decision'),
  chunk: channel('amorsize:chunk'),
  error: channel('amorsize:error'),
  end: channel('amorsize:end'),
}

/** Whether anyone listens. */
export function hasListeners(): boolean {
  return Object.values(CHANNELS).some(({ hasSubscribers }) => hasSubscribers)
}

/** Tells subscribers; the message is only made where there is one. */
export function tell<K extends keyof DiagnosticMessages>(
  name: K,
  makeMessage: () => DiagnosticMessages[K],
): void {
  if (CHANNELS[name].hasSubscribers) CHANNELS[name].publish(makeMessage())
}

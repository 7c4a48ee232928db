/**
 * Messages to and from a worker, in the form in which they cross. From what size memory is handed over
 * was measured by bench/round-trips.mjs for items and by bench/large-results.mjs for results.
 */
import { assertArrive } from './cloneable.ts'
import { copyForHandover, withoutHiddenMemory } from './handover.ts'
import { encodeMessage } from './message-codec.ts'
import { movable } from './movable.ts'
import type { ChunkRequest, Greeting, Reply } from './protocol.ts'

/** Smaller items are cloned as quickly: the caller's thread has to copy them for that. */
export const LEAST_ITEM_BYTES = 500_000

/** Results are copied by the worker, and it takes the caller's thread time to free what it got. */
const LEAST_RESULT_BYTES = 100_000

/** Packed numbers need no copy, as they were packed for this message. */
const LEAST_PACKED_BYTES = 16_000

/** What is sent, and the memory that goes with it instead of being copied. */
export interface Carried {
  readonly message: unknown
  readonly buffers: ArrayBuffer[]
}

/**
 * To a child process: bytes, made for the message.
 * @throws Error where a part of it cannot be carried to another process.
 */
export function carryToProcess(message: Greeting | ChunkRequest): Carried {
  const bytes = encodeMessage(shown(message))
  // Of what is sent without a word, and would arrive as something else.
  if ('items' in message) assertArrive(partsOf(message))
  return { message: bytes, buffers: [bytes.buffer as ArrayBuffer] }
}

function shown(message: Greeting | ChunkRequest): Greeting | ChunkRequest {
  if (!('items' in message) || message.items instanceof Float64Array) return message
  return { ...message, items: withoutHiddenMemory(message.items) }
}

function partsOf({ items, definition }: ChunkRequest): readonly unknown[] {
  const context = definition?.context
  return items instanceof Float64Array ? [context] : [...items, context]
}

/** To a thread: a clone, but for packed numbers and copies of large typed arrays. */
export function carryToThread(message: Greeting | ChunkRequest): Carried {
  if (!('items' in message)) return { message, buffers: [] }
  const { items } = message
  if (items instanceof Float64Array) return { message, buffers: [items.buffer] }
  const handover = copyForHandover(items, LEAST_ITEM_BYTES)
  if (!handover) return { message, buffers: [] }
  return { message: { ...message, items: handover.values }, buffers: handover.buffers }
}

/**
 * From a child process.
 * @throws Error where a part of it cannot be carried to another process.
 */
export function carryFromProcess(reply: Reply): Uint8Array {
  if (reply?.kind !== 'run' || reply.failure || reply.values instanceof Float64Array) {
    return encodeMessage(reply)
  }
  return encodeMessage({ ...reply, values: withoutHiddenMemory(reply.values) })
}

/** From a thread: likewise. */
export function carryFromThread(reply: Reply): Reply {
  // The error of a failed item may share objects with the results.
  if (reply?.kind !== 'run' || reply.failure) return reply
  const { values } = reply
  if (values instanceof Float64Array) {
    return values.byteLength < LEAST_PACKED_BYTES ? reply : movable(reply, [values.buffer])
  }
  const handover = copyForHandover(values, LEAST_RESULT_BYTES)
  return handover ? movable({ ...reply, values: handover.values }, handover.buffers) : reply
}

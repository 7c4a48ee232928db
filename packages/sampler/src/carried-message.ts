/** Messages to a worker, in the form in which they cross. */
import { copyForHandover } from './handover.ts'
import { encodeMessage } from './message-codec.ts'
import type { ChunkRequest, Greeting } from './protocol.ts'

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
  const bytes = encodeMessage(message)
  return { message: bytes, buffers: [bytes.buffer as ArrayBuffer] }
}

/** To a thread: a clone, but for packed numbers and copies of large typed arrays. */
export function carryToThread(message: Greeting | ChunkRequest): Carried {
  if (!('items' in message)) return { message, buffers: [] }
  const { items } = message
  // Packed for this message.
  if (items instanceof Float64Array) return { message, buffers: [items.buffer] }
  const handover = copyForHandover(items)
  if (!handover) return { message, buffers: [] }
  return { message: { ...message, items: handover.values }, buffers: handover.buffers }
}

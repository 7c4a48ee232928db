/**
 * Text of a record, both ways. What is read is refused, with a reason, before it can do harm: too
 * large to parse, not JSON, nested too deep to walk, or bearing a key that would change a prototype.
 */
import { isRecord } from './disk-format.ts'
import type { DiskRecord } from './disk-format.ts'

/** Largest file of one record, bytes: a thousand times an ordinary one. */
export const MAX_RECORD_BYTES = 262_144

/** Deepest nesting of a record; the format itself needs 2. */
export const MAX_DEPTH = 32

/** A value, or why there is none. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string }

/** The record that `bytes` hold. */
export function parseRecord(bytes: Buffer): Outcome<DiskRecord> {
  if (bytes.length === 0) return refuse('empty')
  if (bytes.length > MAX_RECORD_BYTES) return refuse(`larger than ${MAX_RECORD_BYTES} bytes`)
  return parseRecordText(bytes.toString('utf8'))
}

/**
 * The record that `text` holds.
 *
 * @param maxDepth - Deepest nesting that is let through.
 */
export function parseRecordText(text: string, maxDepth: number = MAX_DEPTH): Outcome<DiskRecord> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return refuse(error instanceof RangeError ? 'nested too deep' : 'not JSON')
  }
  if (!isRecord(value)) return refuse('not a JSON object')
  const hazard = findHazard(value, maxDepth)
  return hazard === undefined ? { ok: true, value } : refuse(hazard)
}

/** The text of a record, such that {@link parseRecord} gives the record back. */
export function serializeRecord(record: DiskRecord): Outcome<string> {
  let text: string
  try {
    text = JSON.stringify(record)
  } catch (error) {
    return refuse(`it cannot be written as JSON: ${String(error)}`)
  }
  if (Buffer.byteLength(text) > MAX_RECORD_BYTES)
    return refuse(`it is larger than ${MAX_RECORD_BYTES} bytes`)
  const read = parseRecordText(text)
  return read.ok ? { ok: true, value: text } : refuse(`it is ${read.reason}`)
}

/** What in `value` must not go further, or `undefined`. */
function findHazard(value: unknown, levels: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (levels < 0) return 'nested too deep'
  for (const [name, part] of Object.entries(value)) {
    if (name === '__proto__') return 'bearing a key `__proto__`'
    const hazard = findHazard(part, levels - 1)
    if (hazard !== undefined) return hazard
  }
  return undefined
}

function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}

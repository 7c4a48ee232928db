/** About how many bytes a value takes: exact for buffers and texts, by a few of its parts for the rest. */

/** What a number, a reference or the name of a field takes. */
const WORD_BYTES = 8

/** Parts that stand for all, and levels that are looked at. */
const MOST_PARTS = 16
const MOST_LEVELS = 6

/** Bytes, in a time that does not grow with the value. */
export function roughBytes(value: unknown, levels: number = MOST_LEVELS): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return WORD_BYTES
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return value.byteLength
  if (levels === 0) return WORD_BYTES
  if (Array.isArray(value)) return bytesOfSome(value, value.length, levels)
  if (value instanceof Map || value instanceof Set) return bytesOfSome(value, value.size, levels)
  const names = Object.keys(value)
  const fields = names.slice(0, MOST_PARTS).map((name): unknown => Reflect.get(value, name))
  return bytesOfSome(fields, names.length, levels) + names.length * WORD_BYTES
}

/** The first parts, for all of them. */
function bytesOfSome(parts: Iterable<unknown>, count: number, levels: number): number {
  let looked = 0
  let bytes = 0
  for (const part of parts) {
    bytes += roughBytes(part, levels - 1)
    if (++looked === MOST_PARTS) break
  }
  return looked === 0 ? WORD_BYTES : WORD_BYTES + (bytes / looked) * count
}

/**
 * Chunks of plain numbers as one buffer. Structured clone writes and reads an array value by value;
 * a buffer is copied as a whole, or handed over. What is packed is always a copy: a buffer of the
 * caller's is never handed over. Measured by bench/round-trips.mjs.
 */

/** Below this the array is no slower. */
const FEWEST_NUMBERS = 16

/** The numbers in a buffer of their own, -0 and NaN kept; `undefined` where not all are numbers. */
export function packNumbers(values: readonly unknown[]): Float64Array<ArrayBuffer> | undefined {
  if (values.length < FEWEST_NUMBERS) return undefined
  const packed = new Float64Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value !== 'number') return undefined
    packed[index] = value
  }
  return packed
}

/** The values that were packed, or those that could not be. */
export function unpackNumbers(values: readonly unknown[] | Float64Array): readonly unknown[] {
  return values instanceof Float64Array ? Array.from(values) : values
}

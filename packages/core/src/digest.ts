/** Short names for values that are compared and not kept. */

const HEX_DIGITS = 32

/** 128 bits, in hex digits. */
export function digestOf(bytes: string | Uint8Array): string {
  const { createHash } = process.getBuiltinModule('node:crypto')
  return createHash('sha256').update(bytes).digest('hex').slice(0, HEX_DIGITS)
}

/** As many as a number holds exactly: samples are loaded quickest where they are numbers. */
const NUMBER_DIGITS = 12

/** The first 48 bits. */
export function digestNumber(digest: string): number {
  return Number.parseInt(digest.slice(0, NUMBER_DIGITS), 16)
}

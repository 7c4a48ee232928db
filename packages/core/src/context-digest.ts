/** What tells one context from another, without keeping it. */

/** Of a call without a context. */
const NONE = 'none'

/** Of a context that cannot be serialised: it may hold anything, so no two are known to be alike. */
export const UNKNOWN_CONTEXT = 'unknown'

const HEX_DIGITS = 32

/** A digest of a context, 32 hex digits or a word. */
export function digestContext(context: unknown): string {
  if (context === undefined) return NONE
  const { createHash } = process.getBuiltinModule('node:crypto')
  const { serialize } = process.getBuiltinModule('node:v8')
  try {
    return createHash('sha256').update(serialize(context)).digest('hex').slice(0, HEX_DIGITS)
  } catch {
    return UNKNOWN_CONTEXT
  }
}

/** What a sample keeps for a context that is like no other, not even itself. */
export const UNLIKE_ANY_CONTEXT = -1

/** As many as a number holds exactly: samples are loaded quickest where they are numbers. */
const NUMBER_DIGITS = 12

/** The digest as a sample keeps it: 0 for no context. */
export function contextNumber(digest: string): number {
  if (digest === NONE) return 0
  if (digest === UNKNOWN_CONTEXT) return UNLIKE_ANY_CONTEXT
  return Number.parseInt(digest.slice(0, NUMBER_DIGITS), 16)
}

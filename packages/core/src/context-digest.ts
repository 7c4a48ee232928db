/** What tells one context from another, without keeping it. */
import { digestNumber, digestOf } from './digest.ts'

/** Of a call without a context. */
const NONE = 'none'

/** Of a context that cannot be serialised: it may hold anything, so no two are known to be alike. */
export const UNKNOWN_CONTEXT = 'unknown'

/** A digest of a context, 32 hex digits or a word. */
export function digestContext(context: unknown): string {
  if (context === undefined) return NONE
  const { serialize } = process.getBuiltinModule('node:v8')
  try {
    return digestOf(serialize(context))
  } catch {
    return UNKNOWN_CONTEXT
  }
}

/** What a sample keeps for a context that is like no other, not even itself. */
export const UNLIKE_ANY_CONTEXT = -1

/** The digest as a sample keeps it: 0 for no context. */
export function contextNumber(digest: string): number {
  if (digest === NONE) return 0
  return digest === UNKNOWN_CONTEXT ? UNLIKE_ANY_CONTEXT : digestNumber(digest)
}

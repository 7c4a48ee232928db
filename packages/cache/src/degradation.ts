/** Tells the caller, once, that the disk fails the store. */
import type { StoreOptions } from './store-options.ts'

/** Says what happened, what the store does about it and what to do. */
export function warnOfDegradation(
  { onWarning }: StoreOptions,
  problem: string,
  cause: unknown,
): void {
  const code = 'AMORSIZE_CACHE_DEGRADED'
  const message =
    `Expected to keep decisions and samples on disk, but ${problem}. ` +
    'They stay in the memory of this process; set AMORSIZE_CACHE_DIR to a folder that can be written.'
  if (onWarning) onWarning({ code, message, cause })
  else process.emitWarning(message, { type: 'AmorsizeWarning', code })
}

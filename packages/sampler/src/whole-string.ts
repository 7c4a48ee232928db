/**
 * A string that was put together from parts is a tree of them until someone reads it, and each scavenge
 * of the collector walks that tree: a chunk of such results took longer than its items ('base64 of 3 KB',
 * `pnpm bench peers`). To send the string joins its parts anyhow.
 */

/** Keeps the read below from being optimised away. */
let letters = 0

/** Joins the parts of a string; other values stay as they are. */
export function joinParts(value: unknown): void {
  if (typeof value === 'string') letters ^= value.charCodeAt(0)
}

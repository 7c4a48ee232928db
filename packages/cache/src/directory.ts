/** Where the store's folder is when the caller does not say. */
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** What the choice depends on. */
export interface DirectoryEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** The home folder; may throw for a user without one. */
  readonly home: () => string
}

/**
 * The default folder: `AMORSIZE_CACHE_DIR`, else `amorsize` in the platform's folder for caches.
 *
 * @returns An absolute path, or `undefined` where there is no home to put it in.
 */
export function defaultDirectory(
  { env, platform, home }: DirectoryEnvironment = {
    env: process.env,
    platform: process.platform,
    home: homedir,
  },
): string | undefined {
  const chosen = env['AMORSIZE_CACHE_DIR']
  if (chosen) return resolve(chosen)
  if (platform === 'win32') return inFolder(env['LOCALAPPDATA'], home, ['AppData', 'Local'])
  if (platform === 'darwin') return inFolder(undefined, home, ['Library', 'Caches'])
  return inFolder(env['XDG_CACHE_HOME'], home, ['.cache'])
}

/** The XDG specification has relative paths ignored. */
function inFolder(
  base: string | undefined,
  home: () => string,
  below: readonly string[],
): string | undefined {
  if (base && isAbsolute(base)) return join(base, 'amorsize')
  try {
    const folder = home()
    return isAbsolute(folder) ? join(folder, ...below, 'amorsize') : undefined
  } catch {
    return undefined
  }
}

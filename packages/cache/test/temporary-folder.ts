/** Folders that are gone when the test is over. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

/** A new empty folder, removed with all in it once the current test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'amorsize-cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

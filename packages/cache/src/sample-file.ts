/** Reads the file of one sample. */
import type { Folder } from './folder.ts'
import { readSample } from './record-reader.ts'
import type { CheckedSample } from './record-reader.ts'
import { MAX_RECORD_BYTES, parseRecord } from './record-text.ts'
import { codeOf, refusalOf } from './system-error.ts'

/** What reading a sample's file gave; a file that was not read need not be damaged. */
export type SampleRead =
  | ({ readonly found: true } & CheckedSample)
  | { readonly found: false; readonly isDamaged: boolean; readonly reason: string }

/** Reads one sample's file; it may be gone since it was listed. */
export function readSampleFile(folder: Folder, name: string): SampleRead | 'gone' {
  try {
    const content = folder.read(name, MAX_RECORD_BYTES)
    if (!content.found) return damaged(content.refused)
    const parsed = parseRecord(content.bytes)
    if (!parsed.ok) return damaged(parsed.reason)
    const read = readSample(parsed.value)
    return read.ok ? { found: true, ...read.value } : damaged(read.reason)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone'
    return { found: false, isDamaged: false, reason: refusalOf(error) }
  }
}

function damaged(reason: string): SampleRead {
  return { found: false, isDamaged: true, reason }
}

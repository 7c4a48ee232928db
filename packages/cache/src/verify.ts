/**
 * Reads every file, names what is damaged and, asked to repair, moves it to quarantine and removes
 * what a crash left.
 */
import { randomBytes } from 'node:crypto'

import type { Decisions } from './decisions.ts'
import type { Documents } from './documents.ts'
import {
  isDecisionFile,
  isDocumentFile,
  isSampleFile,
  QUARANTINE_FOLDER,
  SNAPSHOT_FILE,
} from './file-name.ts'
import type { Folder } from './folder.ts'
import { removeAbandoned } from './retention.ts'
import { readSampleFile } from './sample-file.ts'
import { decodeSnapshot, MAX_SNAPSHOT_BYTES } from './snapshot.ts'
import type { SkippedFile, VerifyReport } from './store.ts'
import type { StoreParts } from './store-parts.ts'
import { refusalOf } from './system-error.ts'
import { inTurns } from './turns.ts'

/** Tells apart two damaged files of the same name. */
const SUFFIX_BYTES = 4

type Verdict =
  | { readonly verdict: 'good' | 'gone' | 'future'; readonly reason?: undefined }
  | { readonly verdict: 'damaged' | 'unreadable'; readonly reason: string }

/** What there is to check. */
type FolderParts = Pick<StoreParts, 'folder' | 'decisions' | 'documents' | 'clock'>

/** Checks every file of a folder. A good entry is never touched, nor one that may be good. */
export async function verifyFolder(parts: FolderParts, repair: boolean): Promise<VerifyReport> {
  let checked = 0
  let good = 0
  const damaged: SkippedFile[] = []
  const unreadable: SkippedFile[] = []
  const future: string[] = []
  const names = (await parts.folder.list()).toSorted()
  for await (const name of inTurns(names)) {
    const verdict = examine(parts, name)
    if (verdict === undefined || verdict.verdict === 'gone') continue
    checked++
    if (verdict.reason !== undefined) {
      const list = verdict.verdict === 'damaged' ? damaged : unreadable
      list.push({ file: name, reason: verdict.reason })
    } else if (verdict.verdict === 'good') good++
    else future.push(name)
  }
  const quarantined = repair ? await quarantine(parts, damaged) : 0
  if (repair) await removeAbandoned(parts, names)
  return { checked, good, damaged, unreadable, future, quarantined }
}

function examine({ folder, decisions, documents }: FolderParts, name: string): Verdict | undefined {
  if (isDecisionFile(name)) return examineDecision(decisions, name)
  if (isDocumentFile(name)) return examineDocument(documents, name)
  if (isSampleFile(name)) return examineSample(folder, name)
  if (name === SNAPSHOT_FILE) return examineSnapshot(folder)
  return undefined
}

function examineDecision(decisions: Decisions, name: string): Verdict {
  const read = decisions.read(name)
  if (read.ok) return { verdict: 'good' }
  if (read.miss === 'absent') return { verdict: 'gone' }
  if (read.miss === 'future-version') return { verdict: 'future' }
  const verdict = read.miss === 'unreadable' ? 'unreadable' : 'damaged'
  return { verdict, reason: read.reason }
}

function examineDocument(documents: Documents, name: string): Verdict {
  const read = documents.read(name)
  if (read.ok) return { verdict: 'good' }
  return read.how === 'gone' ? { verdict: 'gone' } : { verdict: read.how, reason: read.reason }
}

function examineSample(folder: Folder, name: string): Verdict {
  const read = readSampleFile(folder, name)
  if (read === 'gone') return { verdict: 'gone' }
  if (read.found) return { verdict: 'good' }
  return { verdict: read.isDamaged ? 'damaged' : 'unreadable', reason: read.reason }
}

function examineSnapshot(folder: Folder): Verdict {
  try {
    const content = folder.read(SNAPSHOT_FILE, MAX_SNAPSHOT_BYTES)
    const isWhole = content.found && decodeSnapshot(content.bytes) !== undefined
    return isWhole ? { verdict: 'good' } : { verdict: 'damaged', reason: 'not a whole snapshot' }
  } catch (error) {
    return { verdict: 'unreadable', reason: refusalOf(error) }
  }
}

/** Each is looked at once more: another process may have put a good entry in its place. */
async function quarantine(parts: FolderParts, damaged: readonly SkippedFile[]): Promise<number> {
  let moved = 0
  for (const { file } of damaged) {
    if (examine(parts, file)?.verdict !== 'damaged') continue
    const suffix = randomBytes(SUFFIX_BYTES).toString('hex')
    if (await parts.folder.moveInto(QUARANTINE_FOLDER, file, `${file}.${suffix}`)) moved++
  }
  return moved
}

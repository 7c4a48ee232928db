/**
 * The samples of a folder: those of the snapshot whose files are still there, and the files that the
 * snapshot does not have, read one by one.
 */
import { isSampleFile, isTemporaryFile, SNAPSHOT_FILE } from './file-name.ts'
import type { Folder } from './folder.ts'
import { FolderSamples } from './folder-samples.ts'
import type { NamedSample } from './folder-samples.ts'
import { readSampleFile } from './sample-file.ts'
import { decodeSnapshot, EMPTY_SNAPSHOT, MAX_SNAPSHOT_BYTES } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'
import { encodeSnapshot } from './snapshot-writer.ts'
import type { SnapshotRow } from './snapshot-writer.ts'
import type { SkippedFile } from './store.ts'
import { refusalOf } from './system-error.ts'
import { Turn } from './turns.ts'

/**
 * Reading a file takes as long as reading 6 rows (bench/store.mjs), so making all samples stays within an
 * eighth of its best while at most this part of the samples is not in the snapshot.
 */
const TOLERATED_PART = 0.02

/** Below this, reading the files takes a few milliseconds and a snapshot gains nothing. */
const TOLERATED_FILES = 64

/** What is in a folder. */
export interface FolderHistory {
  /** Every readable sample, expired ones included. */
  readonly found: FolderSamples
  /** Files that hold no sample, or were not read. */
  readonly skipped: SkippedFile[]
  /** Names of those among `skipped` that the file system refused to read: they may be good. */
  readonly unread: readonly string[]
  /** Why the folder could not be listed, so that nothing is known of it; `undefined` where it was. */
  readonly refusal: unknown
  /** Names of temporary files, of writers that live or of such that died. */
  readonly temporary: readonly string[]
  /** Where loading would be noticeably faster with a new snapshot: what to put in it. */
  readonly compaction: (() => SnapshotRow[]) | undefined
}

/**
 * Reads the samples of a folder.
 *
 * @param except - Names to leave out.
 */
export async function readHistory(
  folder: Folder,
  except: ReadonlySet<string>,
): Promise<FolderHistory> {
  const listing = listFolder(folder, except)
  // The thread pool lists while this thread decodes.
  const snapshot = readSnapshot(folder)
  const listed = await listing
  if (!listed.ok) return historyUnlisted(listed.refusal)
  const { present, missing } = compare(listed.samples, snapshot)
  const { rows, skipped, unread } = await readFiles(folder, missing)

  const found = new FolderSamples(snapshot, present, rows)
  const dead = snapshot.names.length - present.length
  const isDue = isMuch(rows.length, found.length) || isMuch(dead, found.length)
  const compaction = (): SnapshotRow[] => [
    ...Array.from(present, (row) => ({
      name: snapshot.names[row]!,
      record: snapshot.recordAt(row),
    })),
    ...rows,
  ]
  return {
    ...historyOf(found),
    skipped,
    unread,
    temporary: listed.temporary,
    compaction: isDue ? compaction : undefined,
  }
}

/** A history of these samples and nothing else. */
export function historyOf(found: FolderSamples): FolderHistory {
  return {
    found,
    skipped: [],
    unread: [],
    refusal: undefined,
    temporary: [],
    compaction: undefined,
  }
}

/** What there is to say of a folder that could not be listed. */
export function historyUnlisted(refusal: unknown): FolderHistory {
  const found = new FolderSamples(EMPTY_SNAPSHOT, new Uint32Array(), [])
  const skipped = [{ file: '.', reason: refusalOf(refusal) }]
  return { ...historyOf(found), skipped, refusal }
}

/** Writes a snapshot. */
export async function writeSnapshot(folder: Folder, rows: readonly SnapshotRow[]): Promise<void> {
  await folder.write(SNAPSHOT_FILE, encodeSnapshot(rows))
}

interface Comparison {
  /** Rows of the snapshot whose files are there, ascending. */
  readonly present: Uint32Array
  /** Files that the snapshot does not have, in the order of their names. */
  readonly missing: string[]
}

function compare(listed: readonly string[], snapshot: Snapshot): Comparison {
  const left = new Set(listed)
  const present = new Uint32Array(snapshot.names.length)
  let count = 0
  for (let row = 0; row < present.length; row++)
    if (left.delete(snapshot.names[row]!)) present[count++] = row
  return { present: present.subarray(0, count), missing: [...left].toSorted() }
}

/** A sample as its file has it and as the API has it. */
export interface FileRow extends NamedSample, SnapshotRow {}

/** What reading files gave; as in {@link FolderHistory}. */
export interface FilesRead extends Pick<FolderHistory, 'skipped' | 'unread'> {
  readonly rows: FileRow[]
}

/** Reads samples one by one. */
export async function readFiles(folder: Folder, names: readonly string[]): Promise<FilesRead> {
  const rows: FileRow[] = []
  const skipped: SkippedFile[] = []
  const unread: string[] = []
  const turn = new Turn()
  for (const name of names) {
    if (turn.isOver()) await turn.pass()
    const read = readSampleFile(folder, name)
    if (read === 'gone') continue
    if (read.found) {
      rows.push({ name, sample: read.sample, record: read.record })
      continue
    }
    skipped.push({ file: name, reason: read.reason })
    if (!read.isDamaged) unread.push(name)
  }
  return { rows, skipped, unread }
}

function isMuch(part: number, all: number): boolean {
  return part > Math.max(TOLERATED_FILES, all * TOLERATED_PART)
}

/** Whatever is wrong with the snapshot, the files have everything. */
function readSnapshot(folder: Folder): Snapshot {
  try {
    const content = folder.read(SNAPSHOT_FILE, MAX_SNAPSHOT_BYTES)
    return (content.found ? decodeSnapshot(content.bytes) : undefined) ?? EMPTY_SNAPSHOT
  } catch {
    return EMPTY_SNAPSHOT
  }
}

type Listing =
  | { readonly ok: true; readonly samples: string[]; readonly temporary: string[] }
  | { readonly ok: false; readonly refusal: unknown }

async function listFolder(folder: Folder, except: ReadonlySet<string>): Promise<Listing> {
  try {
    const samples: string[] = []
    const temporary: string[] = []
    for (const name of await folder.list())
      if (isSampleFile(name)) {
        if (!except.has(name)) samples.push(name)
      } else if (isTemporaryFile(name)) temporary.push(name)
    return { ok: true, samples, temporary }
  } catch (refusal) {
    return { ok: false, refusal }
  }
}

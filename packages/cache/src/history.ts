/**
 * The samples of a folder: those of the snapshot whose files are still there, and the files that the
 * snapshot does not have, read one by one.
 */
import { isSampleFile, SNAPSHOT_FILE } from './file-name.ts'
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
  const skipped: SkippedFile[] = []
  const listing = listSamples(folder, except, skipped)
  // The thread pool lists while this thread decodes.
  const snapshot = readSnapshot(folder)
  const { present, missing } = compare(await listing, snapshot)
  const fromFiles = await readFiles(folder, missing, skipped)

  const found = new FolderSamples(snapshot, present, fromFiles)
  const dead = snapshot.names.length - present.length
  const isDue = isMuch(fromFiles.length, found.length) || isMuch(dead, found.length)
  const compaction = (): SnapshotRow[] => [
    ...Array.from(present, (row) => ({
      name: snapshot.names[row]!,
      record: snapshot.recordAt(row),
    })),
    ...fromFiles,
  ]
  return { found, skipped, compaction: isDue ? compaction : undefined }
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

/** Reads samples one by one; what holds none goes to `skipped`. */
export async function readFiles(
  folder: Folder,
  names: readonly string[],
  skipped: SkippedFile[],
): Promise<FileRow[]> {
  const found: FileRow[] = []
  const turn = new Turn()
  for (const name of names) {
    if (turn.isOver()) await turn.pass()
    const read = readSampleFile(folder, name)
    if (read === 'gone') continue
    if (read.found) found.push({ name, sample: read.sample, record: read.record })
    else skipped.push({ file: name, reason: read.reason })
  }
  return found
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

async function listSamples(
  folder: Folder,
  except: ReadonlySet<string>,
  skipped: SkippedFile[],
): Promise<string[]> {
  try {
    const names = await folder.list()
    return names.filter((name) => isSampleFile(name) && !except.has(name))
  } catch (error) {
    skipped.push({ file: '.', reason: refusalOf(error) })
    return []
  }
}

/**
 * The samples of a folder: those of the snapshot whose files are still there, and the files that the
 * snapshot does not have, read one by one.
 */
import { isSampleFile, SNAPSHOT_FILE } from './file-name.ts'
import type { Folder } from './folder.ts'
import { readSampleFile } from './sample-file.ts'
import type { TrainingSample } from './records.ts'
import { decodeSnapshot, EMPTY_SNAPSHOT, encodeSnapshot, MAX_SNAPSHOT_BYTES } from './snapshot.ts'
import type { Snapshot, SnapshotRow } from './snapshot.ts'
import type { SkippedFile } from './store.ts'
import { refusalOf } from './system-error.ts'
import { Turn } from './turns.ts'

/**
 * Reading a file takes as long as reading 6 rows (bench/store.mjs), so a load stays within an eighth
 * of its best while at most this part of the samples is not in the snapshot.
 */
const TOLERATED_PART = 0.02

/** Below this, reading the files takes a few milliseconds and a snapshot gains nothing. */
const TOLERATED_FILES = 64

/** Rows between two looks at the time; they take 0.2 ms. */
const ROWS_PER_LOOK = 64

/** A sample and the name of its file. */
export interface NamedSample {
  readonly name: string
  readonly sample: TrainingSample
}

/** What is in a folder. */
export interface FolderHistory {
  /** Every readable sample, expired ones included, oldest first. */
  readonly found: readonly NamedSample[]
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
  const names = await listing
  const { present, missing } = compare(names, snapshot)
  const fromSnapshot = await readRows(snapshot, present)
  const fromFiles = await readFiles(folder, missing, skipped)

  const found =
    fromFiles.length === 0 ? fromSnapshot : [...fromSnapshot, ...fromFiles].toSorted(byAge)
  const dead = snapshot.names.length - fromSnapshot.length
  const isDue = isMuch(fromFiles.length, found.length) || isMuch(dead, found.length)
  const compaction = (): SnapshotRow[] =>
    [
      ...rowsOf(snapshot, present),
      ...fromFiles.map(({ name, record }) => ({ name, record })),
    ].toSorted(byName)
  return { found, skipped, compaction: isDue ? compaction : undefined }
}

/** Writes a snapshot. */
export async function writeSnapshot(folder: Folder, rows: readonly SnapshotRow[]): Promise<void> {
  await folder.write(SNAPSHOT_FILE, encodeSnapshot(rows))
}

/** The oldest first, equal times in the order of their names. */
export function byAge(a: NamedSample, b: NamedSample): number {
  if (a.sample.timestampMs !== b.sample.timestampMs)
    return a.sample.timestampMs - b.sample.timestampMs
  return a.name < b.name ? -1 : 1
}

interface Comparison {
  /** 1 for each row of the snapshot whose file is there. */
  readonly present: Uint8Array
  /** Files that the snapshot does not have. */
  readonly missing: string[]
}

/** Both lists are in the order of code units, so one pass does. */
function compare(names: readonly string[], snapshot: Snapshot): Comparison {
  const present = new Uint8Array(snapshot.names.length)
  const missing: string[] = []
  let row = 0
  for (const name of names) {
    while (row < present.length && snapshot.names[row] !== name && snapshot.names[row]! < name)
      row++
    if (snapshot.names[row] === name) present[row++] = 1
    else missing.push(name)
  }
  return { present, missing }
}

async function readRows(snapshot: Snapshot, present: Uint8Array): Promise<NamedSample[]> {
  const found: NamedSample[] = []
  const turn = new Turn()
  const { byAge: order, names, sampleAt } = snapshot
  // No iterator: cold, it would leave an object behind for each row.
  for (let place = 0; place < order.length; place++) {
    const row = order[place]!
    if (present[row] === 0) continue
    if (found.length % ROWS_PER_LOOK === 0 && turn.isOver()) await turn.pass()
    found.push({ name: names[row]!, sample: sampleAt(row) })
  }
  return found
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

/** Rows to be carried over to the next snapshot. */
function rowsOf(snapshot: Snapshot, present: Uint8Array): SnapshotRow[] {
  return snapshot.names.flatMap((name, row) => {
    return present[row] === 0 ? [] : [{ name, record: snapshot.recordAt(row) }]
  })
}

function isMuch(part: number, all: number): boolean {
  return part > Math.max(TOLERATED_FILES, all * TOLERATED_PART)
}

function byName(a: SnapshotRow, b: SnapshotRow): number {
  return a.name < b.name ? -1 : 1
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
    return names.filter((name) => isSampleFile(name) && !except.has(name)).toSorted()
  } catch (error) {
    skipped.push({ file: '.', reason: refusalOf(error) })
    return []
  }
}

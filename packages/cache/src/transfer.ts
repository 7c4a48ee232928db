/**
 * Export and import: one record a line, after a first line that says what the file is. A damaged
 * line costs that line.
 */
import { createReadStream } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'

import { replaceFile } from './atomic-write.ts'
import { isRecord } from './disk-format.ts'
import type { KeyedEntry } from './decisions.ts'
import {
  ExportError,
  ImportError,
  InvalidKeyError,
  InvalidRecordError,
  InvalidStoreOptionError,
} from './errors.ts'
import { nodeFileSystem } from './file-system.ts'
import { readDecision, readSample, writeDecision, writeSample } from './record-reader.ts'
import type { DecisionEntry, TrainingSample } from './records.ts'
import { MAX_RECORD_BYTES, parseRecordText } from './record-text.ts'
import type { Outcome } from './record-text.ts'
import type { ImportOptions, ImportReport, RefusedLine, Store, TransferCount } from './store.ts'
import { inTurns } from './turns.ts'

/** First line of an export. */
const HEADER = '{"amorsize_export":1}'

const CONFLICT_RULES = ['skip', 'overwrite', 'newest-wins'] as const
type ConflictRule = (typeof CONFLICT_RULES)[number]

/** Longest line that holds a record of the largest size. */
const MAX_LINE_BYTES = MAX_RECORD_BYTES + '{"decision":}'.length

/** Records that are written at once during an import. */
const IMPORT_BATCH = 64

/** What an import asks of a store. */
export interface ImportTarget extends Pick<Store, 'getDecision' | 'putDecision' | 'addSample'> {
  /** Loads every sample, expired ones included: they are there, and would be added once more. */
  loadEverySample(): Promise<readonly TrainingSample[]>
}

type Imported =
  | { readonly kind: 'decisions'; readonly key: string; readonly entry: DecisionEntry }
  | { readonly kind: 'samples'; readonly sample: TrainingSample }

type NumberedRecord = Imported & { readonly line: number }

/** Writes an export as a whole or not at all. */
export async function writeExport(
  file: string,
  decisions: readonly KeyedEntry[],
  samples: readonly TrainingSample[],
): Promise<TransferCount> {
  assertFile(file)
  const lines = [HEADER]
  for await (const { key, entry } of inTurns(decisions))
    lines.push(`{"decision":${escapeSeparators(writeDecision(key, entry).text)}}`)
  for await (const sample of inTurns(samples))
    lines.push(`{"sample":${escapeSeparators(writeSample(sample).text)}}`)
  const path = resolve(file)
  try {
    await replaceFile(nodeFileSystem, dirname(path), basename(path), toBytes(lines))
    await nodeFileSystem.syncFolder(dirname(path))
  } catch (error) {
    throw new ExportError(file, error)
  }
  return { decisions: decisions.length, samples: samples.length }
}

/** Adds the records of an export to a store. */
export async function importInto(
  store: ImportTarget,
  file: string,
  options: ImportOptions,
): Promise<ImportReport> {
  assertFile(file)
  const rule = conflictRuleOf(options)
  const refused: RefusedLine[] = []
  const records = await readExport(file, refused)
  const present = new Set((await store.loadEverySample()).map(identityOf))
  const imported = { decisions: 0, samples: 0 }
  const kept = { decisions: 0, samples: 0 }

  for (const batch of batches(records)) {
    const writes: Promise<unknown>[] = []
    for (const record of batch) {
      const isTaken =
        record.kind === 'samples'
          ? isNewTo(present, record.sample)
          : await isWanted(store, record.key, record.entry, rule)
      if (!isTaken) kept[record.kind]++
      else
        writes.push(
          write(store, record).then(
            () => imported[record.kind]++,
            (error: unknown) => refused.push({ line: record.line, reason: refusalBy(error) }),
          ),
        )
    }
    await Promise.all(writes)
  }
  return { imported, kept, refused: refused.toSorted((a, b) => a.line - b.line) }
}

function write(store: ImportTarget, record: Imported): Promise<unknown> {
  return record.kind === 'samples'
    ? store.addSample(record.sample)
    : store.putDecision(record.key, record.entry)
}

/** What a store does not take is that line's fault; anything else is not. */
function refusalBy(error: unknown): string {
  if (error instanceof InvalidRecordError || error instanceof InvalidKeyError) return error.message
  throw error
}

function toBytes(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\n')}\n`)
}

/** Unicode takes both for ends of lines, as Node's `readline` does since version 24. */
function escapeSeparators(text: string): string {
  return text.replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`)
}

async function readExport(file: string, refused: RefusedLine[]): Promise<NumberedRecord[]> {
  const records: NumberedRecord[] = []
  let line = 0
  try {
    for await (const text of linesOf(createReadStream(file, 'utf8'))) {
      line++
      if (line === 1) {
        if (text !== HEADER) throw new ImportError(file, 'its first line is another')
        continue
      }
      const read = readLine(text)
      if (read.ok) records.push({ line, ...read.value })
      else refused.push({ line, reason: read.reason })
    }
  } catch (error) {
    if (error instanceof ImportError) throw error
    throw new ImportError(file, 'it cannot be read', { cause: error })
  }
  if (line === 0) throw new ImportError(file, 'it is empty')
  return records
}

/**
 * The lines of a text. Not by `readline`, which also ends them at characters that a record may hold:
 * whoever formats an export anew need not escape these.
 */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let line = ''
  for await (const piece of pieces) {
    const [end = '', ...others] = piece.split('\n')
    line += end
    for (const next of others) {
      yield withoutReturn(line)
      line = next
    }
  }
  if (line !== '') yield withoutReturn(line)
}

/** Editors on Windows put one before the end of a line. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function readLine(text: string): Outcome<Imported> {
  if (isTooLong(text)) return { ok: false, reason: `larger than ${MAX_LINE_BYTES} bytes` }
  const parsed = parseRecordText(text)
  if (!parsed.ok) return parsed
  const { decision, sample } = parsed.value
  if (isRecord(sample)) {
    const read = readSample(sample)
    return read.ok ? { ok: true, value: { kind: 'samples', sample: read.value.sample } } : read
  }
  if (!isRecord(decision)) return { ok: false, reason: 'neither a decision nor a sample' }
  const read = readDecision(decision)
  if (read.ok === 'future') return { ok: false, reason: `format version ${read.version}` }
  if (!read.ok) return read
  const { key, entry } = read.value
  if (key === undefined) return { ok: false, reason: 'a decision without a key' }
  return { ok: true, value: { kind: 'decisions', key, entry } }
}

/** An escape counts as what it stands for, which takes half of its bytes on the disk. */
function isTooLong(line: string): boolean {
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return false
  return Buffer.byteLength(line.replaceAll(/\\u202[89]/gu, '\u2028')) > MAX_LINE_BYTES
}

async function isWanted(
  store: ImportTarget,
  key: string,
  entry: DecisionEntry,
  rule: ConflictRule,
): Promise<boolean> {
  if (rule === 'overwrite') return true
  const present = await store.getDecision(key)
  if (!present.hit) return true
  return rule === 'newest-wins' && entry.createdAtMs > present.entry.createdAtMs
}

/** Samples are never rewritten, so two are the same where all their fields are. */
function isNewTo(present: Set<string>, sample: TrainingSample): boolean {
  const identity = identityOf(sample)
  if (present.has(identity)) return false
  present.add(identity)
  return true
}

function identityOf(sample: TrainingSample): string {
  return JSON.stringify(sample, (_name, value: unknown) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

function conflictRuleOf({ onConflict = 'skip' }: ImportOptions): ConflictRule {
  if (CONFLICT_RULES.includes(onConflict)) return onConflict
  throw new InvalidStoreOptionError(
    'onConflict',
    `one of ${CONFLICT_RULES.join(', ')}`,
    onConflict,
    'Leave it out for skip.',
  )
}

function assertFile(file: unknown): void {
  if (typeof file === 'string' && file !== '' && !file.includes('\0')) return
  throw new InvalidStoreOptionError('file', 'the path of a file', file, 'Name a file.')
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += IMPORT_BATCH)
    yield items.slice(start, start + IMPORT_BATCH)
}

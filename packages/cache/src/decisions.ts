/**
 * The decisions of a folder. What this process has read or written comes from memory; at most every
 * half second a look at the file's stamp, some 5 us, tells whether another process has replaced it.
 */
import type { Clock } from './clock.ts'
import { isExpired } from './expiry.ts'
import { decisionFileName, isDecisionFile, keyOfFileName } from './file-name.ts'
import type { FileStamp } from './file-system.ts'
import { isSameVersion } from './file-system.ts'
import type { Folder } from './folder.ts'
import { deepFreeze } from './freeze.ts'
import { readDecision, writeDecision } from './record-reader.ts'
import type { DecisionEntry } from './records.ts'
import { MAX_RECORD_BYTES, parseRecord } from './record-text.ts'
import type { DecisionLookup, MissReason } from './store.ts'
import type { Retention } from './store-options.ts'
import { codeOf, refusalOf } from './system-error.ts'
import { inTurns } from './turns.ts'

/** Another process's newer entry is to be seen within a second. */
const REVALIDATE_AFTER_MS = 500

/** Eviction needs to know the order of use to the minute, not to the lookup. */
const NOTE_USE_EVERY_MS = 60_000

interface Known {
  readonly entry: DecisionEntry
  /** What to write; `undefined` once it is on the disk. */
  text: string | undefined
  /** The file that the entry is in; `undefined` while only memory has it. */
  stamp: FileStamp | undefined
  checkedAtMs: number
  usedAtMs: number
}

/** What reading a decision's file gave. */
export type DecisionRead =
  | {
      readonly ok: true
      readonly entry: DecisionEntry
      readonly stamp: FileStamp
      readonly key: string | undefined
    }
  | { readonly ok: false; readonly miss: MissReason; readonly reason: string }

/** Whether a write replaced the file, or left alone what a newer version of the format wrote. */
export type SaveOutcome = 'saved' | 'left-alone'

/** A decision and its key. */
export interface KeyedEntry {
  readonly key: string
  readonly entry: DecisionEntry
}

/** Decisions by key, in memory and, where there is one, in a folder. */
export class Decisions {
  readonly #folder: Folder
  readonly #clock: Clock
  readonly #retention: Retention
  /** In the order of use, the least recent first. */
  readonly #known = new Map<string, Known>()
  readonly #writes = new Map<string, Promise<SaveOutcome>>()

  constructor(folder: Folder, clock: Clock, retention: Retention) {
    this.#folder = folder
    this.#clock = clock
    this.#retention = retention
  }

  /** The decision of a key, from memory if it is still the one on disk. */
  get(key: string): DecisionLookup {
    const known = this.#fresh(key) ?? this.#load(key)
    if (!('entry' in known)) return { hit: false, reason: known.miss }
    const { ttlMs } = this.#retention
    const now = this.#clock.now()
    if (isExpired(known.entry.createdAtMs, now, ttlMs)) return { hit: false, reason: 'expired' }
    known.usedAtMs = now
    this.#remember(key, known)
    return { hit: true, entry: known.entry }
  }

  /**
   * Keeps a decision in memory.
   *
   * @returns What brings it to the disk, after the key's earlier writes. Rejects with what the file
   * system said, and memory has the decision still.
   */
  put(key: string, entry: DecisionEntry): () => Promise<SaveOutcome> {
    const { value, text } = writeDecision(key, entry)
    const known: Known = {
      entry: deepFreeze(value),
      text,
      stamp: undefined,
      checkedAtMs: this.#clock.monotonic(),
      usedAtMs: this.#clock.now(),
    }
    this.#remember(key, known)
    return () => this.#inOrder(key, () => this.#save(key, known))
  }

  /**
   * Tells other processes, by the time of its file, that a decision is in use. They read the file
   * once more, which costs less than keeping a second file for it.
   */
  async noteUse(key: string): Promise<void> {
    const known = this.#known.get(key)
    if (known?.stamp === undefined) return
    const now = Math.floor(this.#clock.now())
    if (Math.abs(now - known.stamp.modifiedMs) < NOTE_USE_EVERY_MS) return
    known.stamp = { ...known.stamp, modifiedMs: now }
    try {
      await this.#folder.touch(decisionFileName(key), now)
    } catch {
      // The time only helps to choose what to evict; the stamp is found wrong and the file read.
    }
  }

  /** Tries once more to write what only memory has. */
  async saveUnsaved(): Promise<void> {
    for (const [key, known] of this.#known)
      if (known.stamp === undefined) await this.#inOrder(key, () => this.#save(key, known))
  }

  /** Keys and entries that only memory has. */
  unsaved(): KeyedEntry[] {
    return [...this.#known]
      .filter(([, { stamp }]) => stamp === undefined)
      .map(([key, { entry }]) => ({ key, entry }))
  }

  /**
   * Every decision that has not expired; those that only memory has come before their files. Rejects
   * with what the file system said where the folder cannot be listed.
   */
  async readLive(): Promise<KeyedEntry[]> {
    const found = new Map<string, DecisionEntry>()
    const names = (await this.#folder.list()).filter(isDecisionFile)
    for await (const name of inTurns(names)) {
      const read = this.read(name)
      const key = read.ok ? (read.key ?? keyOfFileName(name)) : undefined
      if (read.ok && key !== undefined) found.set(key, read.entry)
    }
    for (const { key, entry } of this.unsaved()) found.set(key, entry)
    const now = this.#clock.now()
    return [...found]
      .filter(([, { createdAtMs }]) => !isExpired(createdAtMs, now, this.#retention.ttlMs))
      .map(([key, entry]) => ({ key, entry }))
  }

  /** When this process last used a decision, by the name of its file, milliseconds since 1970. */
  lastUses(): Map<string, number> {
    return new Map([...this.#known].map(([key, { usedAtMs }]) => [decisionFileName(key), usedAtMs]))
  }

  /** Forgets what memory has. */
  forget(): void {
    this.#known.clear()
  }

  /** Reads the file of a decision. */
  read(name: string): DecisionRead {
    try {
      return readDecisionFile(this.#folder, name)
    } catch (error) {
      if (codeOf(error) === 'ENOENT')
        return { ok: false, miss: 'absent', reason: 'there is no such file' }
      return { ok: false, miss: 'unreadable', reason: refusalOf(error) }
    }
  }

  /** What memory has, if there can be nothing newer. */
  #fresh(key: string): Known | undefined {
    const known = this.#known.get(key)
    if (known === undefined) return undefined
    if (known.stamp === undefined) return known
    const now = this.#clock.monotonic()
    if (now - known.checkedAtMs < REVALIDATE_AFTER_MS) return known
    const stamp = this.#stampOf(key)
    if (stamp === undefined || !isSameVersion(stamp, known.stamp)) {
      this.#known.delete(key)
      return undefined
    }
    known.checkedAtMs = now
    return known
  }

  /** A folder that cannot be looked into any more does not take away what memory has. */
  #stampOf(key: string): FileStamp | undefined {
    try {
      return this.#folder.stamp(decisionFileName(key))
    } catch {
      return this.#known.get(key)?.stamp
    }
  }

  #load(key: string): Known | { readonly miss: MissReason } {
    const name = decisionFileName(key)
    const read = this.read(name)
    if (!read.ok) return read
    if ((read.key ?? keyOfFileName(name)) !== key) return { miss: 'damaged' }
    return {
      entry: deepFreeze(read.entry),
      text: undefined,
      stamp: read.stamp,
      checkedAtMs: this.#clock.monotonic(),
      usedAtMs: this.#clock.now(),
    }
  }

  #remember(key: string, known: Known): void {
    this.#known.delete(key)
    this.#known.set(key, known)
    if (this.#known.size <= this.#retention.maxEntries) return
    for (const [oldest] of this.#known) {
      this.#known.delete(oldest)
      return
    }
  }

  #inOrder(key: string, write: () => Promise<SaveOutcome>): Promise<SaveOutcome> {
    const before: Promise<unknown> = this.#writes.get(key) ?? Promise.resolve()
    // Whoever asked for the write before was told of its failure.
    const written = before.then(write, write)
    this.#writes.set(key, written)
    const forget = (): void => {
      if (this.#writes.get(key) === written) this.#writes.delete(key)
    }
    written.then(forget, forget)
    return written
  }

  async #save(key: string, known: Known): Promise<SaveOutcome> {
    if (known.text === undefined) return 'saved'
    const name = decisionFileName(key)
    const present = this.read(name)
    if (!present.ok && present.miss === 'future-version') return 'left-alone'
    known.stamp = await this.#folder.write(name, Buffer.from(known.text))
    known.text = undefined
    known.checkedAtMs = this.#clock.monotonic()
    return 'saved'
  }
}

function readDecisionFile(folder: Folder, name: string): DecisionRead {
  const content = folder.read(name, MAX_RECORD_BYTES)
  if (!content.found) return { ok: false, miss: 'damaged', reason: content.refused }
  const parsed = parseRecord(content.bytes)
  if (!parsed.ok) return { ok: false, miss: 'damaged', reason: parsed.reason }
  const read = readDecision(parsed.value)
  if (read.ok === 'future')
    return { ok: false, miss: 'future-version', reason: `format version ${read.version}` }
  if (!read.ok) return { ok: false, miss: 'damaged', reason: read.reason }
  return { ok: true, ...read.value, stamp: content.stamp }
}

/**
 * Where decisions and training samples are kept. The JSON store is the embedded default; whatever
 * passes `test/store.conformance.ts`, a shared server for one, can stand in its place.
 */
import type { DecisionEntry, TrainingSample } from './records.ts'
import type { SampleList } from './sample-list.ts'

/**
 * Keeps decisions and training samples.
 *
 * @remarks
 * A failing disk or network never makes a method reject: a read gives a miss, a write stays in
 * memory and its receipt says so. Methods reject only for arguments outside their domain
 * (`AMORSIZE_CACHE_INVALID_KEY`, `AMORSIZE_CACHE_INVALID_RECORD`, `AMORSIZE_CACHE_INVALID_OPTION`),
 * after `close()` (`AMORSIZE_CACHE_CLOSED`), and where what was asked for cannot be had at all
 * (`AMORSIZE_CACHE_READ_ONLY`, `AMORSIZE_CACHE_EXPORT_FAILED`, `AMORSIZE_CACHE_IMPORT_FAILED`).
 * @public
 */
export interface Store {
  /**
   * Looks a decision up.
   *
   * @param key - Text of 1 to 4096 characters, any characters.
   * @returns The entry, frozen, or why there is none to use.
   */
  getDecision(key: string): Promise<DecisionLookup>
  /**
   * Keeps a decision in place of what the key had before. It is visible to `getDecision` at once.
   *
   * @param key - Text of 1 to 4096 characters, any characters.
   * @param entry - The decision; copied, so later changes to it have no effect.
   * @returns Once the decision is durable, or cannot be made so.
   */
  putDecision(key: string, entry: DecisionEntry): Promise<WriteReceipt>
  /**
   * Adds a training sample to the history.
   *
   * @param sample - The sample; copied, so later changes to it have no effect.
   * @returns Once the sample is durable, or cannot be made so.
   */
  addSample(sample: TrainingSample): Promise<WriteReceipt>
  /** Loads every sample that has not expired, oldest first, and names what could not be read. */
  loadSamples(): Promise<LoadedSamples>
  /**
   * Loads the samples that came since an earlier call, from this process or another, without reading
   * the others again.
   *
   * @param since - The cursor of the earlier call; without one, everything is loaded.
   * @returns The samples, oldest first, and the cursor for the next call.
   */
  loadNewSamples(since?: SampleCursor): Promise<SampleUpdate>
  /**
   * Looks up a document: what belongs to no one workload, such as the costs of a machine.
   *
   * @param key - Text of 1 to 4096 characters, any characters.
   * @returns A copy of the document, or `undefined` where there is none that can be read.
   */
  getDocument(key: string): Promise<object | undefined>
  /**
   * Keeps a document in place of what the key had before. It does not expire.
   *
   * @param key - Text of 1 to 4096 characters, any characters.
   * @param document - An object that JSON can carry unchanged, at most 256 KB; copied.
   * @returns Once the document is durable, or cannot be made so.
   */
  putDocument(key: string, document: object): Promise<WriteReceipt>
  /** Counts what is kept. */
  stats(): Promise<StoreStats>
  /** Removes what has expired and what is beyond `maxEntries`. */
  prune(): Promise<PruneReport>
  /** Removes every decision, sample and document, and nothing else. */
  clear(): Promise<ClearReport>
  /**
   * Reads everything and names what is damaged.
   *
   * @param options - With `repair`, damaged files are moved to quarantine; a good entry never is.
   */
  verify(options?: VerifyOptions): Promise<VerifyReport>
  /**
   * Writes everything that has not expired to one file. Rejects, and leaves the file as it was, where
   * the file cannot be written or the entries cannot be listed.
   *
   * @param file - Path of the file; replaced if it exists.
   */
  exportTo(file: string): Promise<TransferCount>
  /**
   * Adds what `exportTo` wrote.
   *
   * @param file - Path of the file.
   * @param options - What happens to a decision whose key is taken.
   */
  importFrom(file: string, options?: ImportOptions): Promise<ImportReport>
  /** Waits for the writes under way, and tries once more those that only memory holds. */
  flush(): Promise<void>
  /** Flushes; every later call rejects with `AMORSIZE_CACHE_CLOSED`. A second `close` does nothing. */
  close(): Promise<void>
}

/** Outcome of looking a decision up. @public */
export type DecisionLookup =
  | { readonly hit: true; readonly entry: DecisionEntry }
  | { readonly hit: false; readonly reason: MissReason }

/**
 * Why there is no decision to use: none was stored, it is older than the time to live, its file is
 * damaged, a newer version wrote it, or the file system refused to read it.
 * @public
 */
export type MissReason = 'absent' | 'expired' | 'damaged' | 'future-version' | 'unreadable'

/** Whether a record will survive the end of the process. @public */
export type WriteReceipt =
  | { readonly durable: true }
  | {
      readonly durable: false
      /** Why only memory has it, for people. */
      readonly reason: string
    }

/** What `loadSamples` found. @public */
export interface LoadedSamples {
  /** Oldest first, equal times in the order of their names. */
  readonly samples: TrainingSample[]
  /** Files that should hold a sample and do not. */
  readonly skipped: SkippedFile[]
}

/** Where a reader of the history stands; means something only to the store that gave it. @public */
export type SampleCursor = object

/** What `loadNewSamples` found. @public */
export interface SampleUpdate {
  /** Oldest first, equal times in the order of their names; each may be made when it is asked for. */
  readonly samples: SampleList
  /** Files that should hold a sample and do not. */
  readonly skipped: SkippedFile[]
  /**
   * Whether `samples` is the whole history, in place of all that was given before: at the first call,
   * and where samples were removed. Never where the history could not be listed, which `skipped` then
   * says of `.`: `samples` are those that only memory has, and what was given before still stands.
   */
  readonly replacesAll: boolean
  /** For the next call. */
  readonly cursor: SampleCursor
}

/** A file that was passed over. @public */
export interface SkippedFile {
  /** Name of the file in the store's folder; `.` for the folder itself. */
  readonly file: string
  /** What is wrong with it, for people. */
  readonly reason: string
}

/** How much of one kind is kept. @public */
export interface KindStats {
  /** Readable entries, expired ones included. */
  readonly count: number
  /** Size on disk, bytes; 0 for what only memory holds. */
  readonly bytes: number
  /** Age of the oldest entry, milliseconds, 0 or more; `undefined` where there is none. */
  readonly oldestAgeMs: number | undefined
  /** Age of the newest entry, milliseconds, 0 or more; `undefined` where there is none. */
  readonly newestAgeMs: number | undefined
}

/** What a store holds and has done. @public */
export interface StoreStats {
  /** The folder, or `undefined` for a store in memory. */
  readonly directory: string | undefined
  /** Where entries go: `memory` also while the disk refuses them. */
  readonly storage: 'disk' | 'memory'
  /** The decisions. */
  readonly decisions: KindStats
  /** The training samples. */
  readonly samples: KindStats
  /** Size of all files of the store, snapshot included, bytes. */
  readonly bytes: number
  /** Lookups of this store object that found a decision. */
  readonly hits: number
  /** Lookups of this store object that did not. */
  readonly misses: number
  /** Entries beyond their time to live that are still there. */
  readonly expired: number
  /** Files that should hold an entry and do not. */
  readonly damaged: number
}

/** What `prune` removed. @public */
export interface PruneReport {
  /** Entries removed because they were beyond their time to live. */
  readonly expired: number
  /** Decisions removed as the least recently used beyond `maxEntries`. */
  readonly evictedDecisions: number
  /** Samples removed beyond `maxEntries`, the most redundant first. */
  readonly prunedSamples: number
}

/** What `clear` removed. @public */
export interface ClearReport {
  /** Decisions removed, damaged ones included. */
  readonly decisions: number
  /** Samples removed, damaged ones included. */
  readonly samples: number
}

/** Options of `verify`. @public */
export interface VerifyOptions {
  /** Moves damaged files to quarantine and removes what a crash left. @defaultValue false */
  readonly repair?: boolean | undefined
}

/** What `verify` found. @public */
export interface VerifyReport {
  /** Files read. */
  readonly checked: number
  /** Files that hold what they should. */
  readonly good: number
  /** Files that do not; with `repair` they are in quarantine now. */
  readonly damaged: SkippedFile[]
  /** Files that the file system refused to read; they are left where they are. */
  readonly unreadable: SkippedFile[]
  /** Decisions of a newer version of the format; they are left where they are. */
  readonly future: string[]
  /** Damaged files that were moved to quarantine. */
  readonly quarantined: number
}

/** How many records were written or taken over. @public */
export interface TransferCount {
  /** Decisions. */
  readonly decisions: number
  /** Training samples. */
  readonly samples: number
}

/** Options of `importFrom`. @public */
export interface ImportOptions {
  /**
   * What happens to a decision whose key is taken: keep the one that is there, take the imported
   * one, or take whichever was made later. Samples are added unless the same sample is there.
   * @defaultValue 'skip'
   */
  readonly onConflict?: 'skip' | 'overwrite' | 'newest-wins' | undefined
}

/** What `importFrom` did. @public */
export interface ImportReport {
  /** Records taken over. */
  readonly imported: TransferCount
  /** Records passed over because the store had them, or had another for the key. */
  readonly kept: TransferCount
  /** Lines that hold no record that could be taken over. */
  readonly refused: RefusedLine[]
}

/** A line of an import that was not taken over. @public */
export interface RefusedLine {
  /** Line of the file, from 1. */
  readonly line: number
  /** What is wrong with it, for people. */
  readonly reason: string
}

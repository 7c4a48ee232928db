/**
 * The embedded store: a folder of small JSON files, one record each. A disk that fails costs
 * durability and nothing else: the store goes on in memory and says so once.
 */
import { resolve } from 'node:path'

import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { Decisions } from './decisions.ts'
import type { KeyedEntry } from './decisions.ts'
import { defaultDirectory } from './directory.ts'
import { ReadOnlyStoreError, StoreClosedError } from './errors.ts'
import { isExpired } from './expiry.ts'
import {
  assertKey,
  isDecisionFile,
  isSampleFile,
  isTemporaryFile,
  keyOfFileName,
  SNAPSHOT_FILE,
} from './file-name.ts'
import { nodeFileSystem } from './file-system.ts'
import type { FileSystem } from './file-system.ts'
import { codeOf, Folder } from './folder.ts'
import { MemoryStore } from './memory-store.ts'
import type { DecisionEntry, TrainingSample } from './records.ts'
import { evictDecisions, pruneFolder } from './retention.ts'
import { Samples } from './samples.ts'
import { measureFolder } from './stats.ts'
import type {
  ClearReport,
  DecisionLookup,
  ImportOptions,
  ImportReport,
  LoadedSamples,
  PruneReport,
  Store,
  StoreStats,
  TransferCount,
  VerifyOptions,
  VerifyReport,
  WriteReceipt,
} from './store.ts'
import { assertStoreOptions, resolveRetention } from './store-options.ts'
import type { Retention, StoreOptions } from './store-options.ts'
import { importInto, writeExport } from './transfer.ts'
import type { StoreParts } from './store-parts.ts'
import { inTurns } from './turns.ts'
import { verifyFolder } from './verify.ts'

/** Part of `maxEntries` by which puts may overshoot between two looks at the folder. */
const EVICTION_SLACK = 0.05

/** What a test may replace. */
export interface StoreSeams {
  readonly fileSystem?: FileSystem
  readonly clock?: Clock
}

/**
 * Opens the JSON store. Nothing is read or written yet; the folder is made when the first entry is.
 *
 * @param options - Where the store is, how long and how much it keeps.
 * @returns The store. Several processes may have the same folder open.
 * @throws InvalidStoreOptionError - code `AMORSIZE_CACHE_INVALID_OPTION`.
 * @public
 */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  return openJsonStore(options)
}

/** {@link openStore} with the file system and the clock as parameters. */
export function openJsonStore(
  options: StoreOptions,
  { fileSystem = nodeFileSystem, clock = systemClock }: StoreSeams = {},
): Store {
  assertStoreOptions(options)
  const retention = resolveRetention(options)
  const path = options.directory ?? defaultDirectory()
  if (path === undefined) {
    warn(options, 'there is no home folder', undefined)
    return new MemoryStore(retention, clock)
  }
  return new JsonStore(new Folder(resolve(path), fileSystem), clock, retention, options)
}

class JsonStore implements Store {
  readonly #folder: Folder
  readonly #clock: Clock
  readonly #retention: Retention
  readonly #options: StoreOptions
  readonly #decisions: Decisions
  readonly #samples: Samples
  /** Work that `flush` waits for; none of it rejects. */
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #putsPerEviction: number
  #putsUntilEviction: number
  #hits = 0
  #misses = 0
  #isDegraded = false
  #isClosed = false

  constructor(folder: Folder, clock: Clock, retention: Retention, options: StoreOptions) {
    this.#folder = folder
    this.#clock = clock
    this.#retention = retention
    this.#options = options
    this.#decisions = new Decisions(folder, clock, retention)
    this.#samples = new Samples(folder, clock, retention)
    this.#putsPerEviction = Math.ceil(retention.maxEntries * EVICTION_SLACK)
    // At random, so that processes too short for a whole round still take their turn.
    this.#putsUntilEviction = Math.ceil(Math.random() * this.#putsPerEviction)
  }

  async getDecision(key: string): Promise<DecisionLookup> {
    this.#assertOpen('getDecision')
    assertKey(key)
    const lookup = this.#decisions.get(key)
    if (lookup.hit) this.#hits++
    else this.#misses++
    return lookup
  }

  async putDecision(key: string, entry: DecisionEntry): Promise<WriteReceipt> {
    this.#assertOpen('putDecision')
    assertKey(key)
    const receipt = await this.#write(this.#decisions.put(key, entry))
    if (receipt.durable && --this.#putsUntilEviction <= 0) {
      this.#putsUntilEviction = this.#putsPerEviction
      await this.#track(evictDecisions(this.#parts()))
    }
    return receipt
  }

  async addSample(sample: TrainingSample): Promise<WriteReceipt> {
    this.#assertOpen('addSample')
    return this.#write(this.#samples.add(sample))
  }

  async loadSamples(): Promise<LoadedSamples> {
    this.#assertOpen('loadSamples')
    return this.#samples.load()
  }

  async stats(): Promise<StoreStats> {
    this.#assertOpen('stats')
    const measured = await measureFolder(this.#parts())
    return {
      ...measured,
      directory: this.#folder.path,
      storage: this.#isDegraded || this.#options.readOnly === true ? 'memory' : 'disk',
      hits: this.#hits,
      misses: this.#misses,
    }
  }

  async prune(): Promise<PruneReport> {
    await this.#assertWritable('prune')
    const nothing = { expired: 0, evictedDecisions: 0, prunedSamples: 0 }
    return (await this.#attempt(() => pruneFolder(this.#parts()))) ?? nothing
  }

  async clear(): Promise<ClearReport> {
    await this.#assertWritable('clear')
    const unsaved = this.#decisions.unsaved().length
    this.#decisions.forget()
    const report = { decisions: unsaved, samples: this.#samples.forget() }
    await this.#attempt(async () => {
      for await (const name of inTurns(await this.#folder.list())) {
        const isDecision = isDecisionFile(name)
        const isSample = isSampleFile(name)
        if (!isDecision && !isSample && name !== SNAPSHOT_FILE && !isTemporaryFile(name)) continue
        if (!(await this.#folder.remove(name))) continue
        if (isDecision) report.decisions++
        if (isSample) report.samples++
      }
    })
    return report
  }

  async verify({ repair = false }: VerifyOptions = {}): Promise<VerifyReport> {
    if (repair) await this.#assertWritable('verify')
    else this.#assertOpen('verify')
    const nothing = { checked: 0, good: 0, damaged: [], unreadable: [], future: [], quarantined: 0 }
    const verified = this.#attempt(() => verifyFolder(this.#folder, this.#decisions, repair))
    return (await verified) ?? nothing
  }

  async exportTo(file: string): Promise<TransferCount> {
    this.#assertOpen('exportTo')
    await this.#settle()
    const { samples } = await this.#samples.load()
    return writeExport(file, await this.#liveDecisions(), samples)
  }

  async importFrom(file: string, options: ImportOptions = {}): Promise<ImportReport> {
    await this.#assertWritable('importFrom')
    const target = {
      getDecision: async (key: string) => this.#decisions.get(key),
      putDecision: (key: string, entry: DecisionEntry) => this.putDecision(key, entry),
      addSample: (sample: TrainingSample) => this.addSample(sample),
      loadSamples: () => this.loadSamples(),
    }
    return importInto(target, file, options)
  }

  async flush(): Promise<void> {
    this.#assertOpen('flush')
    await this.#flush()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#flush()
  }

  async #flush(): Promise<void> {
    await this.#settle()
    if (this.#options.readOnly === true) return
    await this.#attempt(async () => {
      await this.#decisions.saveUnsaved()
      await this.#samples.saveUnsaved()
    })
  }

  async #settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  async #write(save: () => Promise<void>): Promise<WriteReceipt> {
    if (this.#options.readOnly === true)
      return { durable: false, reason: 'the store was opened read-only' }
    const receipt = save().then(
      (): WriteReceipt => ({ durable: true }),
      (error: unknown): WriteReceipt => ({ durable: false, reason: this.#degrade(error) }),
    )
    return this.#track(receipt)
  }

  /** What the file system lets through; `undefined` once it has refused. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.#degrade(error)
      return undefined
    }
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work)
    const settled = (): void => {
      this.#underWay.delete(work)
    }
    work.then(settled, settled)
    return work
  }

  #degrade(error: unknown): string {
    const reason = `the file system refused: ${codeOf(error) ?? String(error)}`
    if (!this.#isDegraded) {
      this.#isDegraded = true
      warn(this.#options, `${reason} in ${this.#folder.path}`, error)
    }
    return reason
  }

  async #liveDecisions(): Promise<KeyedEntry[]> {
    const now = this.#clock.now()
    const found = new Map<string, DecisionEntry>()
    await this.#attempt(async () => {
      for await (const name of inTurns((await this.#folder.list()).filter(isDecisionFile))) {
        const read = this.#decisions.read(name)
        const key = read.ok ? (read.key ?? keyOfFileName(name)) : undefined
        if (read.ok && key !== undefined) found.set(key, read.entry)
      }
    })
    for (const { key, entry } of this.#decisions.unsaved()) found.set(key, entry)
    return [...found]
      .filter(([, { createdAtMs }]) => !isExpired(createdAtMs, now, this.#retention.ttlMs))
      .map(([key, entry]) => ({ key, entry }))
  }

  #parts(): StoreParts {
    return {
      folder: this.#folder,
      decisions: this.#decisions,
      samples: this.#samples,
      clock: this.#clock,
      retention: this.#retention,
    }
  }

  #assertOpen(method: string): void {
    if (this.#isClosed) throw new StoreClosedError(method)
  }

  async #assertWritable(method: string): Promise<void> {
    this.#assertOpen(method)
    if (this.#options.readOnly === true) throw new ReadOnlyStoreError(method)
    await this.#settle()
  }
}

function warn({ onWarning }: StoreOptions, problem: string, cause: unknown): void {
  const code = 'AMORSIZE_CACHE_DEGRADED'
  const message =
    `Expected to keep decisions and samples on disk, but ${problem}. ` +
    'They stay in the memory of this process; set AMORSIZE_CACHE_DIR to a folder that can be written.'
  if (onWarning) onWarning({ code, message, cause })
  else process.emitWarning(message, { type: 'AmorsizeWarning', code })
}

/**
 * The embedded store: a folder of small JSON files, one record each. A disk that fails costs
 * durability and nothing else: the store goes on in memory and says so once. Upkeep is loaded when
 * it is asked for: every module takes a millisecond to import.
 */
import type { Clock } from './clock.ts'
import { Decisions } from './decisions.ts'
import type { SaveOutcome } from './decisions.ts'
import { ExportError, ReadOnlyStoreError, StoreClosedError } from './errors.ts'
import { warnOfDegradation } from './degradation.ts'
import { Documents } from './documents.ts'
import { assertKey } from './file-name.ts'
import type { Folder } from './folder.ts'
import { writeSnapshot } from './history.ts'
import type { DecisionEntry, TrainingSample } from './records.ts'
import { Samples } from './samples.ts'
import type { History } from './samples.ts'
import { SampleFeed } from './sample-feed.ts'
import { measureFolder } from './stats.ts'
import type {
  ClearReport,
  DecisionLookup,
  ImportOptions,
  ImportReport,
  LoadedSamples,
  PruneReport,
  SampleCursor,
  SampleUpdate,
  Store,
  StoreStats,
  TransferCount,
  VerifyOptions,
  VerifyReport,
  WriteReceipt,
} from './store.ts'
import type { Retention, StoreOptions } from './store-options.ts'
import type { StoreParts } from './store-parts.ts'
import { refusalOf } from './system-error.ts'
import { UnderWay } from './under-way.ts'
import { UpkeepRound } from './upkeep-round.ts'

const LEFT_ALONE: WriteReceipt = {
  durable: false,
  reason: 'the file is of a newer version of the format, and is left alone',
}

/** A store in a folder; its options have been checked. */
export class JsonStore implements Store {
  readonly #folder: Folder
  readonly #clock: Clock
  readonly #retention: Retention
  readonly #options: StoreOptions
  readonly #decisions: Decisions
  readonly #samples: Samples
  readonly #feed: SampleFeed
  readonly #documents: Documents
  /** Work that `flush` waits for; none of it rejects. */
  readonly #underWay = new UnderWay()
  readonly #decisionRound: UpkeepRound
  readonly #sampleRound: UpkeepRound
  #hits = 0
  #misses = 0
  /** True while the disk refuses what it is given. */
  #isDegraded = false
  #hasWarned = false
  /** True once this store has removed what a crash left. */
  #hasSwept = false
  #closed: Promise<void> | undefined

  constructor(folder: Folder, clock: Clock, retention: Retention, options: StoreOptions) {
    this.#folder = folder
    this.#clock = clock
    this.#retention = retention
    this.#options = options
    this.#decisions = new Decisions(folder, clock, retention)
    this.#samples = new Samples(folder, clock, retention)
    this.#documents = new Documents(folder)
    this.#feed = new SampleFeed(folder, this.#samples, clock)
    this.#decisionRound = new UpkeepRound(retention.maxEntries)
    this.#sampleRound = new UpkeepRound(retention.maxEntries)
  }

  async getDecision(key: string): Promise<DecisionLookup> {
    this.#assertOpen('getDecision')
    assertKey(key)
    const lookup = this.#decisions.get(key)
    if (!lookup.hit) {
      this.#misses++
      return lookup
    }
    this.#hits++
    if (this.#options.readOnly !== true) void this.#underWay.track(this.#decisions.noteUse(key))
    return lookup
  }

  async putDecision(key: string, entry: DecisionEntry): Promise<WriteReceipt> {
    this.#assertOpen('putDecision')
    assertKey(key)
    const receipt = await this.#write(this.#decisions.put(key, entry))
    if (receipt.durable && this.#decisionRound.endsNow())
      void this.#underWay.track(this.#attempt(() => this.#evict()))
    return receipt
  }

  async addSample(sample: TrainingSample): Promise<WriteReceipt> {
    this.#assertOpen('addSample')
    const receipt = await this.#write(this.#samples.add(sample))
    if (receipt.durable && this.#sampleRound.endsNow())
      void this.#underWay.track(this.#attempt(() => this.#pruneSamples()))
    return receipt
  }

  async loadSamples(): Promise<LoadedSamples> {
    this.#assertOpen('loadSamples')
    const history = await this.#samples.readHistory()
    this.#tidyAfter(history)
    return { samples: await this.#samples.live(history).toArray(), skipped: history.skipped }
  }

  async loadNewSamples(since?: SampleCursor): Promise<SampleUpdate> {
    this.#assertOpen('loadNewSamples')
    const { history, replacesAll, cursor } = await this.#feed.update(since)
    if (replacesAll) this.#tidyAfter(history)
    const samples = this.#samples.live(history)
    return { samples, skipped: history.skipped, replacesAll, cursor }
  }

  async getDocument(key: string): Promise<object | undefined> {
    this.#assertOpen('getDocument')
    assertKey(key)
    return this.#documents.get(key)
  }

  async putDocument(key: string, document: object): Promise<WriteReceipt> {
    this.#assertOpen('putDocument')
    assertKey(key)
    return this.#write(this.#documents.put(key, document))
  }

  async stats(): Promise<StoreStats> {
    this.#assertOpen('stats')
    // A write under way is in memory and perhaps on disk already: it would be counted twice.
    await this.#underWay.settle()
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
    const pruned = this.#attempt(async () =>
      (await import('./retention.ts')).pruneFolder(this.#parts()),
    )
    return (await pruned) ?? { expired: 0, evictedDecisions: 0, prunedSamples: 0 }
  }

  async clear(): Promise<ClearReport> {
    await this.#assertWritable('clear')
    const decisions = this.#decisions.unsaved().length
    const report = { decisions, samples: this.#samples.forget() }
    this.#decisions.forget()
    this.#documents.forget()
    await this.#attempt(async () => {
      const { clearFolder } = await import('./retention.ts')
      await clearFolder(this.#folder, report)
    })
    return report
  }

  async verify({ repair = false }: VerifyOptions = {}): Promise<VerifyReport> {
    if (repair) await this.#assertWritable('verify')
    else this.#assertOpen('verify')
    const nothing = { checked: 0, good: 0, damaged: [], unreadable: [], future: [], quarantined: 0 }
    const verified = this.#attempt(async () => {
      const { verifyFolder } = await import('./verify.ts')
      return verifyFolder(this.#parts(), repair)
    })
    return (await verified) ?? nothing
  }

  async exportTo(file: string): Promise<TransferCount> {
    this.#assertOpen('exportTo')
    await this.#underWay.settle()
    // An export of what could not be listed would put an empty file in the place of a good one.
    const refuse = (error: unknown): never => {
      throw new ExportError(file, error, this.#folder.path)
    }
    const history = await this.#samples.readHistory()
    if (history.refusal !== undefined) refuse(history.refusal)
    const decisions = await this.#decisions.readLive().catch(refuse)
    const { writeExport } = await import('./transfer.ts')
    return writeExport(file, decisions, await this.#samples.live(history).toArray())
  }

  async importFrom(file: string, options: ImportOptions = {}): Promise<ImportReport> {
    await this.#assertWritable('importFrom')
    const target = {
      getDecision: async (key: string) => this.#decisions.get(key),
      putDecision: (key: string, entry: DecisionEntry) => this.putDecision(key, entry),
      addSample: (sample: TrainingSample) => this.addSample(sample),
      loadEverySample: async () => {
        const { found, unsaved } = await this.#samples.readHistory()
        return found.with(unsaved).toArray()
      },
    }
    const { importInto } = await import('./transfer.ts')
    return importInto(target, file, options)
  }

  async flush(): Promise<void> {
    this.#assertOpen('flush')
    await this.#flush()
  }

  close(): Promise<void> {
    this.#closed ??= this.#flush()
    return this.#closed
  }

  /** Off the caller's path; `flush` and `close` wait for it. */
  #tidyAfter({ found, compaction, temporary }: History): void {
    if (this.#options.readOnly === true) return
    if (temporary.length > 0 && !this.#hasSwept) this.#sweep(temporary)
    if (found.length > this.#retention.maxEntries)
      void this.#underWay.track(this.#attempt(() => this.#pruneSamples()))
    else if (compaction)
      void this.#underWay.track(this.#attempt(() => writeSnapshot(this.#folder, compaction())))
  }

  #sweep(temporary: readonly string[]): void {
    this.#hasSwept = true
    const swept = this.#attempt(async () =>
      (await import('./retention.ts')).removeAbandoned(this.#parts(), temporary),
    )
    void this.#underWay.track(swept)
  }

  async #evict(): Promise<void> {
    await (await import('./retention.ts')).evictDecisions(this.#parts())
  }

  async #pruneSamples(): Promise<void> {
    await (await import('./retention.ts')).pruneSamples(this.#parts())
  }

  async #flush(): Promise<void> {
    await this.#underWay.settle()
    if (this.#options.readOnly === true) return
    await this.#attempt(async () => {
      await this.#decisions.saveUnsaved()
      await this.#samples.saveUnsaved()
      await this.#documents.saveUnsaved()
    })
  }

  async #write(save: () => Promise<SaveOutcome>): Promise<WriteReceipt> {
    if (this.#options.readOnly === true)
      return { durable: false, reason: 'the store was opened read-only' }
    const receipt = save().then(
      (outcome): WriteReceipt => {
        if (outcome === 'left-alone') return LEFT_ALONE
        this.#isDegraded = false
        return { durable: true }
      },
      (error: unknown): WriteReceipt => ({ durable: false, reason: this.#degrade(error) }),
    )
    return this.#underWay.track(receipt)
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

  #degrade(error: unknown): string {
    const reason = refusalOf(error)
    this.#isDegraded = true
    if (!this.#hasWarned) {
      this.#hasWarned = true
      warnOfDegradation(this.#options, `${reason} in ${this.#folder.path}`, error)
    }
    return reason
  }

  #parts(): StoreParts {
    return {
      folder: this.#folder,
      decisions: this.#decisions,
      documents: this.#documents,
      samples: this.#samples,
      clock: this.#clock,
      retention: this.#retention,
    }
  }

  #assertOpen(method: string): void {
    if (this.#closed) throw new StoreClosedError(method)
  }

  async #assertWritable(method: string): Promise<void> {
    this.#assertOpen(method)
    if (this.#options.readOnly === true) throw new ReadOnlyStoreError(method)
    await this.#underWay.settle()
  }
}
